/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Threads connect at once with one configuration, whose trust store none has loaded before: all
 * come through, each verified.
 */

#include <pthread.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/program.h"

#define THREADS	     8
#define VISITS	     5
#define CERTIFICATES 500

struct visitor {
	pthread_t thread;
	struct tlsfo_config *config;
	uint16_t port;
	int verified; /* visits */
	int error;
};

/* Without cmocka, which knows one thread only. */
static void *visit(void *arg)
{
	struct visitor *visitor = arg;
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	char service[8];

	snprintf(service, sizeof(service), "%u", visitor->port);
	for (int i = 0; i < VISITS && visitor->error == 0; i++) {
		struct tlsfo_conn *conn = NULL;

		visitor->error = client_reach(visitor->config, "127.0.0.1", service,
			tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn);
		if (visitor->error == 0 && tlsfo_conn_get_report(conn, &report) == 0)
			visitor->verified += report.verified;
		tlsfo_conn_free(conn);
	}
	return NULL;
}

/* A trust store that takes its time to load: the certificate that counts is the last of many. */
static struct tlsfo_config *config_with_many_certificates(void)
{
	struct tlsfo_config *config = NULL;

	assert_int_equal(tlsfo_config_new(&config), 0);
	for (unsigned int i = 0; i < CERTIFICATES; i++)
		assert_int_equal(tlsfo_config_set_ca_file(config, CERTS_DIR "/unknown-ca.pem"), 0);
	assert_int_equal(tlsfo_config_set_ca_file(config, CERTS_DIR "/ca.pem"), 0);
	return config;
}

static void test(void **state)
{
	struct tlsfo_config *config = config_with_many_certificates();
	struct visitor visitors[THREADS] = {0};
	struct program server;

	(void)state;
	program_gnutls_serv(&server, NULL);
	for (size_t i = 0; i < THREADS; i++) {
		visitors[i].config = config;
		visitors[i].port = server.port;
		assert_int_equal(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(visitors[i].thread, NULL), 0);
		assert_int_equal(visitors[i].error, 0);
		assert_int_equal(visitors[i].verified, VISITS);
	}
	tlsfo_config_free(config);
	program_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"eight threads, one configuration", test, NULL, NULL, NULL},
	};

	program_need("gnutls-serv");
	return suite_run("a configuration is shared by threads", tests, suite_length(tests));
}
