/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Certificate and key may be objects of a PKCS #11 token, named by URLs, together or one beside a file: the server
 * is shown the certificate. A PIN that is missing or wrong, and an object that is not there, are told when they are set.
 */

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/pkcs11.h>

#include "support/client.h"
#include "support/peer.h"
#include "support/program.h"
#include "support/tree.h"

#define PIN   "swordfish"
#define TOKEN "pkcs11:token=tlsfo"
#define CERT  TOKEN ";object=client;type=cert"
#define KEY   TOKEN ";object=client;type=private"

static char dir[] = "/tmp/tlsfo-token-XXXXXX";

struct row {
	const char *cert;
	const char *key;
	const char *pin;
	const char *words; /* of the refusal; NULL: it is shown */
};

static const struct row rows[] = {
	{CERT, KEY, PIN, NULL},
	{CERTS_DIR "/client.pem", KEY, PIN, NULL},
	{CERT, CERTS_DIR "/client-key.pem", NULL, NULL},
	{CERT, KEY "?pin-value=" PIN, NULL, NULL},
	{CERT, KEY, NULL, "the key is encrypted, and no password was given"},
	{CERT, KEY, "wrong", "the password does not open it"},
	{CERT, TOKEN ";object=nobody;type=private", PIN, "no private key can be read"},
	{TOKEN ";object=nobody;type=cert", KEY, PIN, "no certificate can be read"},
};

static void run(const char *command)
{
	/* NOLINTNEXTLINE(cert-env33-c): programs of the test's choice */
	const int status = system(command);

	if (status == 0)
		return;
	(void)tree_remove(dir);
	suite_skip("the token cannot be made: %s", command);
}

/* A token of SoftHSM's with the tests' client certificate. */
static void make_token(void)
{
	char command[1024];
	char path[64];

	snprintf(path, sizeof(path), "%s/conf", dir);
	FILE *conf = fopen(path, "we");
	if (conf == NULL || fprintf(conf, "directories.tokendir = %s\n", dir) < 0 ||
		fclose(conf) != 0 || setenv("SOFTHSM2_CONF", path, 1) != 0)
		suite_abort("no configuration");
	snprintf(command, sizeof(command),
		"softhsm2-util --init-token --free --label tlsfo --so-pin %s --pin %s >%s/log 2>&1",
		PIN, PIN, dir);
	run(command);
	snprintf(command, sizeof(command),
		"for object in privkey=client-key certificate=client; do GNUTLS_PIN=%s p11tool "
		"--batch --login --write --label client --id 01 --load-${object%%=*} "
		"%s/${object#*=}.pem '" TOKEN "' || exit; done >>%s/log 2>&1",
		PIN, CERTS_DIR, dir);
	run(command);
}

/* Tells the test how many certificates the client has shown. */
static void tell(struct peer_conn *conn)
{
	unsigned int count = 0;

	(void)gnutls_certificate_get_peers(conn->session, &count);
	if (write(conn->test, &count, sizeof(count)) != (ssize_t)sizeof(count))
		peer_fail("write", 0);
	peer_listen(conn);
}

static void check(const struct row *row)
{
	struct tlsfo_config *config = client_config_default();
	unsigned int count = 0;
	struct peer peer;

	assert_int_equal(tlsfo_config_set_key_password(config, row->pin), 0);
	int ret = tlsfo_config_set_client_cert_file(config, row->cert, row->key);
	if (ret != (row->words == NULL ? 0 : TLSFO_E_INVALID_FILE))
		fail_msg("%s, %s: %s", row->cert, row->key, tlsfo_config_error(config));
	if (row->words != NULL && strstr(tlsfo_config_error(config), row->words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", tlsfo_config_error(config), row->words);
	if (row->words == NULL) {
		peer_start(&peer, &(struct peer_options){.family = AF_INET}, tell);
		struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);

		peer_hear(&peer, &count, sizeof(count));
		assert_int_equal(count, 1);
		assert_int_equal(client_report(conn).client_cert, TLSFO_CLIENT_CERT_SENT);
		tlsfo_conn_free(conn);
		peer_stop(&peer);
	}
	tlsfo_config_free(config);
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

	program_need("softhsm2-util");
	program_need("p11tool");
	if (mkdtemp(dir) == NULL)
		suite_abort("no directory");
	make_token();
	/* Its providers are loaded here, so that no descriptor of theirs counts as left open. */
	if (gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_AUTO, NULL) != 0)
		suite_skip("GnuTLS has no PKCS #11");
	int ret = suite_run("client certificate may be in a token", tests, suite_length(tests));
	gnutls_pkcs11_deinit();
	(void)tree_remove(dir);
	return ret;
}
