/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The program's hook gets every session before its ClientHello is made: what it sets is on the wire, and a code
 * that it returns ends the connection. It does not switch verification off, and a server that it lets do without a
 * certificate is not reported as verified.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/peer.h"

#define PSK_PRIORITY "NORMAL:-KX-ALL:+ECDHE-PSK"

static unsigned char psk_key[] = "0123456789abcdef";

static int trust_anybody(gnutls_session_t session)
{
	(void)session;
	return 0;
}

static int only_tls12(gnutls_session_t session, void *userdata)
{
	unsigned int *calls = userdata;

	(*calls)++;
	gnutls_session_set_verify_function(session, trust_anybody);
	return gnutls_priority_set_direct(session, WAY_TLS12, NULL);
}

static void it_prepares(void **state)
{
	static const char *const certificates[] = {"server", "unknown"};
	unsigned int calls = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct tlsfo_config *config = client_config_default();
		struct tlsfo_conn *conn = NULL;
		struct peer peer;

		peer_start(&peer,
			&(struct peer_options){.family = AF_INET, .certificate = certificates[i]},
			peer_echo);
		assert_int_equal(tlsfo_config_set_session_hook(config, only_tls12, &calls), 0);
		assert_int_equal(client_connect(config, "127.0.0.1", peer.port, &conn),
			i == 0 ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
		assert_int_equal(calls, i + 1);
		if (i == 0) {
			assert_string_equal(client_report(conn).tls_version, "TLS1.2");
			assert_int_equal(client_report(conn).verified, 1);
		}
		tlsfo_conn_free(conn);
		tlsfo_config_free(config);
		peer_stop(&peer);
	}
}

static int refuse(gnutls_session_t session, void *userdata)
{
	const int *code = userdata;

	(void)session;
	return *code;
}

static void its_code_is_the_connections(void **state)
{
	/* With the second GnuTLS would go on, and so wait for ever. */
	static const int codes[][2] = {
		{GNUTLS_E_APPLICATION_ERROR_MIN, GNUTLS_E_APPLICATION_ERROR_MIN},
		{GNUTLS_E_AGAIN, GNUTLS_E_USER_ERROR},
		{1, GNUTLS_E_USER_ERROR},
	};
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	for (size_t i = 0; i < suite_length(codes); i++) {
		struct tlsfo_config *config = client_config_default();
		struct tlsfo_conn *conn = NULL;
		int code = codes[i][0];

		assert_int_equal(tlsfo_config_set_session_hook(config, refuse, &code), 0);
		assert_int_equal(
			client_connect(config, "127.0.0.1", peer.port, &conn), codes[i][1]);
		assert_non_null(strstr(
			tlsfo_conn_error(conn), "the program's session hook refused the session"));
		assert_int_equal(client_report(conn).attempt_count, 0);
		tlsfo_conn_free(conn);
		tlsfo_config_free(config);
	}
	peer_stop(&peer);
}

static int tell_key(gnutls_session_t session, const char *name, gnutls_datum_t *ret_key)
{
	(void)session;
	(void)name;
	ret_key->data = gnutls_malloc(sizeof(psk_key));
	ret_key->size = sizeof(psk_key);
	if (ret_key->data == NULL)
		return -1;
	memcpy(ret_key->data, psk_key, sizeof(psk_key));
	return 0;
}

static void know_key(struct peer_conn *conn)
{
	static gnutls_psk_server_credentials_t credentials; /* for the one connection there is */

	if (gnutls_psk_allocate_server_credentials(&credentials) != 0)
		peer_fail("credentials", 0);
	gnutls_psk_set_server_credentials_function(credentials, tell_key);
	if (gnutls_credentials_set(conn->session, GNUTLS_CRD_PSK, credentials) != 0 ||
		gnutls_priority_set_direct(conn->session, PSK_PRIORITY, NULL) != 0)
		peer_fail("PSK", 0);
}

static int use_key(gnutls_session_t session, void *userdata)
{
	int ret = gnutls_credentials_set(session, GNUTLS_CRD_PSK, userdata);

	return ret == 0 ? gnutls_priority_set_direct(session, PSK_PRIORITY, NULL) : ret;
}

static void psk_is_no_certificate(void **state)
{
	const gnutls_datum_t key = {psk_key, sizeof(psk_key)};
	struct tlsfo_config *config = client_config_default();
	gnutls_psk_client_credentials_t credentials;
	struct peer peer;

	(void)state;
	assert_int_equal(gnutls_psk_allocate_client_credentials(&credentials), 0);
	assert_int_equal(
		gnutls_psk_set_client_credentials(credentials, "tlsfo", &key, GNUTLS_PSK_KEY_RAW),
		0);
	peer_start(
		&peer, &(struct peer_options){.family = AF_INET, .prepare = know_key}, peer_echo);
	assert_int_equal(tlsfo_config_set_session_hook(config, use_key, credentials), 0);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	client_echo(conn);
	assert_int_equal(client_report(conn).verified, 0);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	gnutls_psk_free_client_credentials(credentials);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_prepares),
		cmocka_unit_test(its_code_is_the_connections),
		cmocka_unit_test(psk_is_no_certificate),
	};

	return suite_run("session hook prepares each session", tests, suite_length(tests));
}
