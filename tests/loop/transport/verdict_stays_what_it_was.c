/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The verdict on fast open is of the moment when the connection came to be: what the kernel counts and
 * forgets afterwards does not change it.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/program.h"
#include "support/visit.h"

static void forget_cookies(void)
{
	int status = -1;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		execlp("ip", "ip", "tcp_metrics", "flush", (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void cookie_forgotten(void **state)
{
	const struct way *way = *state;
	struct peer peer;
	struct visit visit;

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	assert_int_equal(visit_report(&visit).fast_open, TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	forget_cookies();
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	assert_int_equal(report.reason, TLSFO_REASON_NO_COOKIE);
	visit_close(&visit);
	peer_stop(&peer);
}

static unsigned int retransmissions(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	return info.tcpi_total_retrans;
}

/* What is sent next has to be sent twice. */
static void lose_data(uint16_t port)
{
	char rule[128];

	net_filter_none();
	snprintf(rule, sizeof(rule), "add rule inet t in tcp dport %u meta length > 60 drop\n",
		(unsigned int)port);
	net_filter(rule);
}

static void await_retransmission(int fd)
{
	unsigned int before = retransmissions(fd);

	while (retransmissions(fd) == before)
		poll(NULL, 0, 10);
	net_filter_none();
}

static void expect_fell_back(const struct tlsfo_report *report)
{
	assert_int_equal(report->fast_open, TLSFO_FAST_OPEN_FELL_BACK);
	assert_int_equal(report->reason, TLSFO_REASON_SYN_RETRANSMITTED);
}

static void data_lost_after_a_syn(void **state)
{
	const struct way *way = *state;
	struct peer peer;
	struct visit visit;

	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	lose_data(peer.port);
	visit_send(&visit, "lost", 4);
	await_retransmission(visit.fd);
	struct tlsfo_report report = visit_report(&visit);
	expect_fell_back(&report);
	visit_close(&visit);
	peer_stop(&peer);
}

int main(void)
{
	static struct way ways[] = {
		{AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, false},
		{AF_INET6, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, true},
	};
	const struct CMUnitTest tests[] = {
		{"a cookie is forgotten", cookie_forgotten, NULL, NULL, &ways[0]},
		{"data is lost, non-blocking socket", data_lost_after_a_syn, NULL, NULL, &ways[0]},
		{"data is lost, blocking socket", data_lost_after_a_syn, NULL, NULL, &ways[1]},
	};

	program_need("ip");
	net_begin();
	net_need_filter();
	return suite_run("the verdict stays what it was", tests, suite_length(tests));
}
