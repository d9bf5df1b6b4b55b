/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A blocking call ends within 20 ms of its deadline, wherever it is by then: asking for a name that
 * nobody answers for, connecting to what is silent, in the handshake with a mute server. It ends not
 * before it. "Never" and "now" mean what they say, without waiting too.
 */

#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

enum { LIMIT_MS = 400, SLACK_MS = 20, TRIES = 20 };

/* Milliseconds past the deadline. */
static int64_t overrun(
	struct tlsfo_config *config, const char *host, uint16_t port, const char *what)
{
	struct tlsfo_conn *conn = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", port);
	int64_t deadline = tlsfo_deadline_in(LIMIT_MS);
	int ret = client_reach(config, host, service, deadline, &conn);
	int64_t over = tlsfo_now() - deadline;
	assert_int_equal(ret, GNUTLS_E_TIMEDOUT);
	if (strstr(tlsfo_conn_error(conn), what) == NULL)
		fail_msg("\"%s\" is not about: %s", tlsfo_conn_error(conn), what);
	assert_int_equal(client_report(conn).error, GNUTLS_E_TIMEDOUT);
	tlsfo_conn_free(conn);
	assert_true(over >= 0);
	return over;
}

/* Once in some tries the system has the processor for us in time. */
static void check(const struct way *way, const char *host, uint16_t port, const char *what)
{
	struct tlsfo_config *config = client_config(way);
	int64_t over = 0;

	assert_int_equal(tlsfo_config_load(config), 0);
	for (int i = 0; i < TRIES; i++) {
		over = overrun(config, host, port, what);
		if (over <= SLACK_MS)
			break;
	}
	tlsfo_config_free(config);
	if (over > SLACK_MS)
		fail_msg("%s: ended %d ms late", what, (int)over);
}

static void asking_for_a_name(void **state)
{
	int server = net_mute_name_server();

	check(*state, "nobody-answers.test", 443, "the name was not resolved");
	close(server);
}

static void connecting(void **state)
{
	net_filter(NET_DROP_SYN);
	check(*state, "127.0.0.1", 4433, "not connected");
	check(*state, "both.test", 4433, "not connected");
}

static void handshaking(void **state)
{
	const struct way *way = *state;
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = AF_INET, .no_tls = true}, peer_mute);
	check(way, "127.0.0.1", peer.port, "handshake");
	peer_stop(&peer);
}

/* Nothing is awaited; the name is asked for at most. */
static void now(void **state)
{
	static const char *const hosts[] = {"nobody-answers.test", "127.0.0.1", "both.test"};
	struct tlsfo_config *config = client_config(*state);
	int server = net_mute_name_server();

	net_filter(NET_DROP_SYN);
	for (size_t i = 0; i < suite_length(hosts); i++) {
		struct tlsfo_conn *conn = NULL;

		assert_int_equal(
			client_reach(config, hosts[i], "443", TLSFO_NOW, &conn), GNUTLS_E_TIMEDOUT);
		tlsfo_conn_free(conn);
		assert_int_equal(
			client_begin(config, hosts[i], "443", NULL, 0, 0, TLSFO_NOW, &conn), 0);
		assert_int_equal(tlsfo_conn_deadline(conn), TLSFO_NOW);
		assert_int_equal(tlsfo_conn_advance(conn), GNUTLS_E_TIMEDOUT);
		assert_int_equal(tlsfo_conn_advance(conn), GNUTLS_E_TIMEDOUT);
		assert_int_equal(tlsfo_conn_fd(conn), -1);
		assert_int_equal(tlsfo_conn_deadline(conn), TLSFO_NEVER);
		tlsfo_conn_free(conn);
	}
	tlsfo_config_free(config);
	close(server);
}

static void never(void **state)
{
	struct tlsfo_config *config = client_config(*state);
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char service[8];

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	snprintf(service, sizeof(service), "%u", peer.port);
	client_verify_as("localhost");
	assert_int_equal(client_reach(config, "ip4.test", service, TLSFO_NEVER, &conn), 0);
	client_echo(conn);
	tlsfo_conn_free(conn);
	/* With all that is silent there is a time to go on at all the same. */
	net_filter(NET_DROP_SYN);
	assert_int_equal(
		client_begin(config, "127.0.0.1", service, NULL, 0, 0, TLSFO_NEVER, &conn), 0);
	assert_int_equal(tlsfo_conn_advance(conn), GNUTLS_E_AGAIN);
	assert_true(tlsfo_conn_fd(conn) >= 0);
	assert_true(tlsfo_conn_deadline(conn) > 0);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	static struct way ways[] = {
		{AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, false},
	};
	const struct CMUnitTest tests[] = {
		{"asking for a name", asking_for_a_name, NULL, NULL, &ways[0]},
		{"connecting", connecting, NULL, NULL, &ways[0]},
		{"handshaking", handshaking, NULL, NULL, &ways[0]},
		{"now", now, NULL, NULL, &ways[0]},
		{"never", never, NULL, NULL, &ways[0]},
	};

	net_begin();
	net_need_names();
	net_need_resolv_conf();
	net_need_filter();
	return suite_run("the client ends close to its deadline", tests, suite_length(tests));
}
