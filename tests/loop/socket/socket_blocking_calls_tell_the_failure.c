/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * On a blocking socket the call itself tells: ECONNREFUSED, ENETUNREACH, EISCONN, in every state of
 * the cookie cache and with fast open switched off.
 */

#include <errno.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/dial.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

static void check_refused(const struct dial *dial)
{
	uint16_t port = net_unused_port(dial->family);
	int fd = dial_socket(dial);

	assert_int_equal(dial_fastopen(dial, fd, port, "data", 4), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
	fd = dial_socket(dial);
	assert_int_equal(dial_fastopen(dial, fd, port, NULL, 0), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
	fd = dial_socket(dial);
	assert_int_equal(dial_connect(dial, fd, port), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
}

static void check_unreachable(const struct dial *dial)
{
	static const char ip4[4] = {'\xc0', 0, 2, 1};
	static const char mapped[16] = {[10] = '\xff', [11] = '\xff', [12] = '\xc0', [14] = 2, 1};
	static const char ip6[16] = {0x20, 0x01, 0x0d, '\xb8', [15] = 1};
	int fd = dial_socket(dial);
	ssize_t n;

	if (dial->mapped || dial->family == AF_INET6)
		n = tlsfo_socket_fastopen_connect6(
			fd, dial->mapped ? mapped : ip6, 443, 0, "data", 4);
	else
		n = tlsfo_socket_fastopen_connect4(fd, ip4, 443, "data", 4);
	assert_int_equal(n, -1);
	assert_int_equal(errno, ENETUNREACH);
	close(fd);
}

static void check_connected(const struct dial *dial)
{
	struct peer peer;
	int fd = dial_socket(dial);

	peer_start(
		&peer, &(struct peer_options){.family = dial->family, .no_tls = true}, peer_echo);
	assert_int_equal(dial_connect(dial, fd, peer.port), 0);
	assert_int_equal(tlsfo_socket_connected(fd), 1);
	assert_int_equal(dial_fastopen(dial, fd, peer.port, "data", 4), -1);
	assert_int_equal(errno, EISCONN);
	assert_int_equal(dial_connect(dial, fd, peer.port), -1);
	assert_int_equal(errno, EISCONN);
	close(fd);
	peer_stop(&peer);
}

static void test(void **state)
{
	const struct dial *dial = *state;

	check_refused(dial);
	check_unreachable(dial);
	kernel_fetch_cookie(dial->family);
	check_refused(dial);
	check_unreachable(dial);
	check_connected(dial);
	net_set_fastopen(NET_FASTOPEN_SERVER);
	check_refused(dial);
	check_unreachable(dial);
	check_connected(dial);
}

int main(void)
{
	return dial_run_blocking("blocking calls tell the failure", test);
}
