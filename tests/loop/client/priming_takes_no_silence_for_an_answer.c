/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A socket may have the number of a descriptor that the name's answer came over: what was found of that says
 * nothing of the socket, and a host that is silent is not taken for one that answered.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/net.h"
#include "support/peer.h"

#define LIMIT_MS 300

static const struct dns_row rows[] = {
	{"host.test", DNS_A, "127.0.0.1", 0, DNS_ANSWER, NULL},
	{"host.test", DNS_AAAA, NULL, 0, DNS_ANSWER, NULL},
};

static void test(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	struct dns dns;
	char service[8];

	(void)state;
	dns_start(&dns, rows, suite_length(rows));
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	net_filter(NET_DROP_SYN);
	snprintf(service, sizeof(service), "%u", (unsigned int)peer.port);
	assert_int_equal(
		client_prime(config, "host.test", service, tlsfo_deadline_in(LIMIT_MS), &conn),
		GNUTLS_E_TIMEDOUT);
	assert_int_equal(client_report(conn).attempt_count, 1);
	net_filter_none();
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"a silent host with a name", test, NULL, NULL, NULL},
	};

	etc_need();
	net_need_filter();
	return suite_run("priming takes no silence for an answer", tests, suite_length(tests));
}
