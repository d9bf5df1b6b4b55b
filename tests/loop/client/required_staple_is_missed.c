/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server without a good OCSP response is refused where one is required, and the text says what was missed,
 * also where the program's own function would take it. A ticket from a connection without this demand does not serve
 * under it.
 */

#include <stdlib.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/program.h"
#include "support/tree.h"

#define ANSWER "answer\n"

static char dir[] = "/tmp/tlsfo-staple-XXXXXX";

struct row {
	const char *state;  /* of the certificate in the CA's list, or NULL: there is no response */
	const char *signer; /* of the response */
	bool accepts;	    /* the program's function does */
	const char *words;  /* NULL: the server is accepted */
};

static const struct row rows[] = {
	{"V\t491231235959Z\t", "ca", false, NULL},
	{NULL, NULL, false, "an OCSP response is required, and the server sent none"},
	{NULL, NULL, true, "an OCSP response is required, and the server sent none"},
	{"R\t491231235959Z\t260101000000Z", "ca", false, "revoked"},
	{"R\t491231235959Z\t260101000000Z", "ca", true,
		"response does not say that its certificate is good"},
	{"V\t491231235959Z\t", "unknown-ca", false, "status"},
	{"V\t491231235959Z\t", "unknown-ca", true,
		"response does not say that its certificate is good"},
};

/* The response of the CA, as OpenSSL makes it, in the directory. */
static void make_response(const struct row *row)
{
	char command[2048];
	char path[64];

	snprintf(path, sizeof(path), "%s/index", dir);
	FILE *index = fopen(path, "we");
	assert_non_null(index);
	fprintf(index, "%s\t02\tunknown\t/CN=localhost\n", row->state);
	assert_int_equal(fclose(index), 0);
	snprintf(command, sizeof(command),
		"openssl ocsp -index %s/index -CA %s/ca.pem -issuer %s/ca.pem -cert %s/server.pem "
		"-rsigner %s/%s.pem -rkey %s/%s-key.pem -ndays 2 -noverify -respout %s/response "
		">%s/log 2>&1",
		dir, CERTS_DIR, CERTS_DIR, CERTS_DIR, CERTS_DIR, row->signer, CERTS_DIR,
		row->signer, dir, dir);
	/* NOLINTNEXTLINE(cert-env33-c): a program of the test's choice */
	assert_int_equal(system(command), 0);
}

static int load_response(gnutls_session_t session, void *context, gnutls_datum_t *ret_response)
{
	char path[64];

	(void)session;
	(void)context;
	snprintf(path, sizeof(path), "%s/response", dir);
	return gnutls_load_file(path, ret_response);
}

/* Whatever the response says: one that is set as a file has to be good. */
static void staple(struct peer_conn *conn)
{
	void *credentials = NULL;

	if (gnutls_credentials_get(conn->session, GNUTLS_CRD_CERTIFICATE, &credentials) != 0)
		peer_fail("credentials", 0);
	gnutls_certificate_set_ocsp_status_request_function(credentials, load_response, NULL);
}

static int accept_all(
	gnutls_session_t session, const char *name, unsigned int status, void *userdata)
{
	(void)session;
	(void)name;
	(void)status;
	(void)userdata;
	return 0;
}

static void check(const struct row *row)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	if (row->state != NULL)
		make_response(row);
	peer_start(&peer,
		&(struct peer_options){
			.family = AF_INET, .prepare = row->state != NULL ? staple : NULL},
		peer_echo);
	assert_int_equal(tlsfo_config_require_staple(config), 0);
	if (row->accepts)
		assert_int_equal(tlsfo_config_set_verify(config, accept_all, NULL), 0);
	int ret = client_connect(config, "127.0.0.1", peer.port, &conn);
	assert_int_equal(ret, row->words == NULL ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
	if (row->words != NULL && strstr(tlsfo_conn_error(conn), row->words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", tlsfo_conn_error(conn), row->words);
	if (row->words == NULL)
		client_echo(conn);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void responses(void **state)
{
	(void)state;
	for (size_t i = 0; i < suite_length(rows); i++)
		check(&rows[i]);
}

static void give_ticket(struct peer_conn *conn)
{
	if (gnutls_session_ticket_send(conn->session, 1, 0) < 0)
		peer_fail("ticket", 0);
	peer_send(conn, ANSWER, strlen(ANSWER));
	peer_listen(conn);
}

/* A visit that brings one ticket and uses none. Returns how many the next one like it would have. */
static int64_t visit(struct tlsfo_config *config, const struct peer *peer)
{
	char answer[sizeof(ANSWER)] = "";
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer->port);

	client_receive(conn, answer, sizeof(answer) - 1);
	int64_t left = client_report(conn).tickets_left;
	tlsfo_conn_free(conn);
	return left;
}

static void tickets(void **state)
{
	struct tlsfo_config *with = client_config_default();
	struct tlsfo_config *without = client_config_default();
	struct tlsfo_store *store = NULL;
	struct peer peer;

	(void)state;
	make_response(&rows[0]);
	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_config_set_store(with, store), 0);
	assert_int_equal(tlsfo_config_set_store(without, store), 0);
	assert_int_equal(tlsfo_config_set_ticket_use(with, TLSFO_TICKETS_COLLECT), 0);
	assert_int_equal(tlsfo_config_set_ticket_use(without, TLSFO_TICKETS_COLLECT), 0);
	assert_int_equal(tlsfo_config_require_staple(with), 0);
	peer_start(&peer,
		&(struct peer_options){.family = AF_INET, .tickets = true, .prepare = staple},
		give_ticket);
	assert_int_equal(visit(without, &peer), 1);
	assert_int_equal(visit(with, &peer), 1);
	assert_int_equal(visit(with, &peer), 2);
	tlsfo_config_free(with);
	tlsfo_config_free(without);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses),
		cmocka_unit_test(tickets),
	};

	program_need("openssl");
	if (mkdtemp(dir) == NULL)
		suite_abort("no directory");
	int ret = suite_run("required staple is missed", tests, suite_length(tests));
	(void)tree_remove(dir);
	return ret;
}
