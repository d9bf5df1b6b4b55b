/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program's hook sees every socket before it connects, and can refuse one with an errno. */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

struct seen {
	size_t count;
	int families[4];
	int refuse; /* the family to refuse, or 0 */
};

static int hook(int fd, int family, void *userdata)
{
	struct seen *seen = userdata;
	const int retries = 3;
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 || info.tcpi_state != TCP_CLOSE)
		return EISCONN;
	if (seen->count < suite_length(seen->families))
		seen->families[seen->count] = family;
	seen->count++;
	if (family == seen->refuse)
		return EPERM;
	return setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries)) == 0 ? 0 : errno;
}

static void test(void **state)
{
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct seen seen = {.refuse = AF_INET6};
	struct peer peer;
	int retries = 0;
	socklen_t len = sizeof(retries);

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	client_verify_as("localhost");
	assert_int_equal(tlsfo_config_set_socket_hook(config, hook, &seen), 0);
	struct tlsfo_conn *conn = client_connect_well(config, "both.test", peer.port);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.families[0], AF_INET6);
	assert_int_equal(seen.families[1], AF_INET);
	assert_int_equal(
		getsockopt(tlsfo_conn_fd(conn), IPPROTO_TCP, TCP_SYNCNT, &retries, &len), 0);
	assert_int_equal(retries, 3);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.attempts[0].error, EPERM);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(report.attempts[1].result, TLSFO_ATTEMPT_WON);
	client_echo(conn);
	tlsfo_conn_free(conn);
	assert_int_equal(tlsfo_config_set_socket_hook(config, NULL, NULL), TLSFO_E_CONFIG_IN_USE);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	net_begin();
	net_need_names();
	return way_run("the socket hook prepares each socket", test,
		WAY_SOCKET | WAY_IPV4 | WAY_NONBLOCKING);
}
