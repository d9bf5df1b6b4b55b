/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A name server that never tells one family does not keep priming from the other: once one is there,
 * the other gets 50 ms, as when connecting. The linker puts the test between tlsfo and poll(2).
 */

#include <poll.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/net.h"
#include "support/peer.h"

/* Less than the system takes to give a name server up. */
#define LIMIT_MS 900

static const struct dns_row rows[] = {
	{"mute6.test", DNS_A, "127.0.0.1", 0, DNS_ANSWER, NULL},
	{"mute6.test", DNS_AAAA, NULL, 0, DNS_SILENCE, NULL},
	{"mute4.test", DNS_A, NULL, 0, DNS_SILENCE, NULL},
	{"mute4.test", DNS_AAAA, "::1", 0, DNS_ANSWER, NULL},
};

static unsigned int connecting; /* polls that waited for a connection */
static unsigned int wrong;	/* what was polled for without need, or closed before */

int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	int ret = __real_poll(fds, count, timeout);

	for (nfds_t i = 0; i < count; i++) {
		int type = 0;
		socklen_t len = sizeof(type);

		wrong += (fds[i].revents & POLLNVAL) != 0;
		if (getsockopt(fds[i].fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 ||
			type != SOCK_STREAM)
			continue;
		connecting++;
		wrong += fds[i].events != POLLOUT;
	}
	return ret;
}

static void check(const char *host, int family)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	struct dns dns;
	char service[8];

	net_add_addresses();
	dns_start_briefly(&dns, rows, suite_length(rows));
	peer_start(&peer, &(struct peer_options){.family = family}, peer_echo);
	snprintf(service, sizeof(service), "%u", (unsigned int)peer.port);
	connecting = 0;
	assert_int_equal(
		client_prime(config, host, service, tlsfo_deadline_in(LIMIT_MS), &conn), 1);
	/* The name server's silence is waited for no more. */
	assert_true(connecting > 0);
	assert_int_equal(wrong, 0);
	assert_int_equal(client_report(conn).attempt_count, 1);
	assert_true(client_report(conn).resolved_us >= 50000);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
	dns_stop(&dns);
}

static void mute_ipv6(void **state)
{
	(void)state;
	check("mute6.test", AF_INET);
}

static void mute_ipv4(void **state)
{
	(void)state;
	check("mute4.test", AF_INET6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mute_ipv6),
		cmocka_unit_test(mute_ipv4),
	};

	etc_need();
	return suite_run("priming waits briefly for a slow family", tests, suite_length(tests));
}
