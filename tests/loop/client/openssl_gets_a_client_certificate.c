/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * OpenSSL's s_server, which names another issuer than that of the client certificate and serves nobody without
 * one, is shown it and serves.
 */

#include "support/client.h"
#include "support/net.h"
#include "support/program.h"

static void test(void **state)
{
	static const char *const versions[] = {"-tls1_2", "-tls1_3"};

	(void)state;
	for (size_t i = 0; i < suite_length(versions); i++) {
		const char *const more[] = {
			versions[i], "-Verify", "1", "-CAfile", CERTS_DIR "/unknown-ca.pem", NULL};
		struct tlsfo_config *config = client_config_default();
		struct program server;
		char answer[6] = "";

		program_openssl_on(&server, net_unused_port(AF_INET6), more);
		assert_int_equal(tlsfo_config_set_client_cert_file(config, CERTS_DIR "/client.pem",
					 CERTS_DIR "/client-key.pem"),
			0);
		struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", server.port);
		/* It sends each line back, reversed. */
		client_send(conn, "hello\n", 6);
		client_receive(conn, answer, 6);
		assert_memory_equal(answer, "olleh\n", 6);
		assert_int_equal(client_report(conn).client_cert, TLSFO_CLIENT_CERT_SENT);
		tlsfo_conn_free(conn);
		tlsfo_config_free(config);
		program_stop(&server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	program_need("openssl");
	return suite_run("OpenSSL gets a client certificate", tests, suite_length(tests));
}
