/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * With pins a server is accepted only if a pinned key is that of its certificate or of one that this was
 * issued under (RFC 7469 §2.6, RFC 7858 §4.2), and the text has the pin of the refused one. What a server
 * sends along proves nothing. Pins come beside the usual verification, or in its place with "insecure".
 */

#include <sys/socket.h>

#include <gnutls/abstract.h>

#include "support/client.h"
#include "support/peer.h"

struct row {
	const char *certificate; /* of the server */
	const char *along;	 /* what it sends behind its own, or NULL */
	const char *pins[2];	 /* whose keys */
	bool insecure;
	bool good;
};

static const struct row rows[] = {
	{"server", NULL, {"server"}, false, true},
	{"server", NULL, {"client", "server"}, false, true},
	{"server", NULL, {"server"}, true, true},
	{"server", NULL, {"client"}, false, false},
	{"server", NULL, {"client"}, true, false},
	/* The root, from the trust that was given or sent along. Without either nobody can know it. */
	{"server", NULL, {"ca"}, false, true},
	{"server", "ca", {"ca"}, false, true},
	{"server", NULL, {"ca"}, true, true},
	{"unknown", "unknown-ca", {"unknown-ca"}, true, true},
	{"unknown", NULL, {"unknown-ca"}, true, false},
	/* It did not issue the certificate. */
	{"server", "unknown-ca", {"unknown-ca"}, false, false},
	{"server", "unknown-ca", {"unknown-ca"}, true, false},
	{"server", "client", {"client"}, true, false},
	/* A pin alone is not enough where certificates are verified. */
	{"unknown", NULL, {"unknown"}, false, false},
	{"unknown", NULL, {"unknown"}, true, true},
	{"wrong-name", NULL, {"wrong-name"}, true, true},
};

static void load(const char *name, const char *suffix, gnutls_datum_t *ret_pem)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s%s.pem", CERTS_DIR, name, suffix);
	if (gnutls_load_file(path, ret_pem) != 0)
		peer_fail(path, 0);
}

/* In the child, which ends by a signal. Given whole chains GnuTLS would leave out what does not belong to them. */
static void send_along(struct peer_conn *conn)
{
	const struct row *row = conn->arg;
	const char *const names[] = {row->certificate, row->along};
	static gnutls_certificate_credentials_t credentials; /* for the one connection there is */
	gnutls_pcert_st chain[2];
	gnutls_privkey_t key;
	gnutls_datum_t pem;
	int ret = gnutls_certificate_allocate_credentials(&credentials);

	for (size_t i = 0; ret >= 0 && i < 2; i++) {
		load(names[i], "", &pem);
		ret = gnutls_pcert_import_x509_raw(&chain[i], &pem, GNUTLS_X509_FMT_PEM, 0);
		gnutls_free(pem.data);
	}
	load(row->certificate, "-key", &pem);
	if (ret >= 0)
		ret = gnutls_privkey_init(&key);
	if (ret >= 0)
		ret = gnutls_privkey_import_x509_raw(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_free(pem.data);
	if (ret >= 0)
		ret = gnutls_certificate_set_key(credentials, NULL, 0, chain, 2, key);
	if (ret >= 0)
		ret = gnutls_credentials_set(conn->session, GNUTLS_CRD_CERTIFICATE, credentials);
	if (ret < 0)
		peer_fail("chain", ret);
}

static int never(gnutls_session_t session, const char *name, unsigned int status, void *userdata)
{
	(void)session;
	(void)name;
	(void)status;
	(void)userdata;
	fail_msg("the program is asked about a key that is not pinned");
	return 0;
}

static void check(const struct row *row)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	char pin[CLIENT_PIN_SIZE];
	struct peer peer;

	peer_start(&peer,
		&(struct peer_options){.family = AF_INET,
			.certificate = row->certificate,
			.arg = row,
			.prepare = row->along != NULL ? send_along : NULL},
		peer_echo);
	for (size_t i = 0; i < 2 && row->pins[i] != NULL; i++) {
		client_pin(row->pins[i], pin);
		assert_int_equal(tlsfo_config_add_pin(config, pin), 0);
	}
	if (row->insecure)
		assert_int_equal(tlsfo_config_insecure_noverify(config), 0);
	/* A certificate that GnuTLS does not trust is refused before. */
	if (row->insecure && !row->good)
		assert_int_equal(tlsfo_config_set_verify(config, never, NULL), 0);
	int ret = client_connect(config, "127.0.0.1", peer.port, &conn);
	if (ret != (row->good ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR))
		fail_msg("%s with %s, pinned to %s: %s", row->certificate,
			row->along != NULL ? row->along : "nothing", row->pins[0],
			ret == 0 ? "accepted" : tlsfo_conn_error(conn));
	client_pin(row->certificate, pin);
	if (row->good)
		client_echo(conn);
	else if (strcmp(row->certificate, "server") == 0)
		assert_non_null(strstr(tlsfo_conn_error(conn), pin));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void test(void **state)
{
	(void)state;
	for (size_t i = 0; i < suite_length(rows); i++)
		check(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test),
	};

	return suite_run("pinned keys are required", tests, suite_length(tests));
}
