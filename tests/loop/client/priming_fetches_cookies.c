/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Priming fetches a cookie for every address of a host that gives one, without TLS and without
 * data, so that the first real connection rides. What cannot be reached is told.
 */

#include <errno.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

static int prime(
	struct tlsfo_config *config, const char *host, uint16_t port, struct tlsfo_conn **ret_conn)
{
	char service[8];

	snprintf(service, sizeof(service), "%u", (unsigned int)port);
	return client_prime(config, host, service, tlsfo_deadline_in(CLIENT_PATIENCE_MS), ret_conn);
}

static void first_connection_rides(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	/* The host's IPv6 address refuses, which is no failure. */
	client_verify_as("localhost");
	assert_int_equal(prime(config, "both.test", peer.port, &conn), 1);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.attempt_count, 2);
	assert_int_equal(report.attempts[0].error, ECONNREFUSED);
	assert_int_equal(report.attempts[0].cookie, TLSFO_UNKNOWN);
	assert_int_equal(report.attempts[1].result, TLSFO_ATTEMPT_WON);
	assert_int_equal(report.attempts[1].cookie, 1);
	/* It was asked for, and each attempt tells what came of it. */
	assert_int_equal(report.connected, 1);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_UNKNOWN);
	assert_int_equal(tlsfo_conn_fd(conn), -1);
	assert_null(tlsfo_conn_session(conn));
	tlsfo_conn_free(conn);
	conn = client_connect_well(config, "127.0.0.1", peer.port);
	client_echo(conn);
	assert_int_equal(client_report(conn).fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void server_without_fast_open_gives_none(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	net_set_fastopen(NET_FASTOPEN_CLIENT);
	peer_start(
		&peer, &(struct peer_options){.family = AF_INET6, .no_fastopen = true}, peer_echo);
	assert_int_equal(prime(config, "::1", peer.port, &conn), 0);
	assert_int_equal(client_report(conn).attempts[0].cookie, 0);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void failures_are_told(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;

	(void)state;
	assert_int_equal(
		prime(config, "127.0.0.1", net_unused_port(AF_INET), &conn), TLSFO_E_NOT_CONNECTED);
	assert_non_null(strstr(tlsfo_conn_error(conn), strerror(ECONNREFUSED)));
	tlsfo_conn_free(conn);
	assert_int_equal(client_prime(config, "127.0.0.1", "no-such-service", TLSFO_NEVER, &conn),
		TLSFO_E_SERVICE_NOT_FOUND);
	assert_non_null(strstr(tlsfo_conn_error(conn), "no-such-service"));
	tlsfo_conn_free(conn);
	assert_int_equal(
		client_prime(config, "", "443", TLSFO_NEVER, &conn), TLSFO_E_INVALID_ARGUMENT);
	assert_null(conn);
	tlsfo_config_free(config);
}

static void deadline_ends_it(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	net_filter(NET_DROP_SYN);
	char service[8];
	snprintf(service, sizeof(service), "%u", (unsigned int)peer.port);
	int64_t begun = tlsfo_now();
	assert_int_equal(client_prime(config, "127.0.0.1", service, tlsfo_deadline_in(200), &conn),
		GNUTLS_E_TIMEDOUT);
	assert_true(tlsfo_now() - begun >= 199);
	assert_non_null(strstr(tlsfo_conn_error(conn), "127.0.0.1"));
	tlsfo_conn_free(conn);
	net_filter_none();
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"the first connection rides", first_connection_rides, NULL, NULL, NULL},
		{"no cookie is given", server_without_fast_open_gives_none, NULL, NULL, NULL},
		{"failures are told", failures_are_told, NULL, NULL, NULL},
		{"the deadline ends it", deadline_ends_it, NULL, NULL, NULL},
	};

	net_begin();
	net_need_names();
	net_need_filter();
	return suite_run("priming fetches cookies", tests, suite_length(tests));
}
