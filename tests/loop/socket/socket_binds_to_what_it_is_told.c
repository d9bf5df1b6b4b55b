/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A bound socket connects from the address and port it was given; a port in use, an address that is
 * not ours and a link-local address without its scope are refused with the system's errno.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/capture.h"
#include "support/dial.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

static const char any4[4];
static const char any6[16];
static const char two4[4] = {127, 0, 0, 2};
static const char one6[16] = {[15] = 1};
static const char foreign4[4] = {'\xc0', 0, 2, 1};
static const char foreign6[16] = {0x20, 0x01, 0x0d, '\xb8', [15] = 1};
static const char link_local[16] = {'\xfe', '\x80', [15] = 1};

static void connects_from_there(void **state)
{
	static const struct dial dial = {AF_INET, false, true};
	struct capture *capture = capture_start();
	struct peer peer;
	struct sockaddr_in local;
	socklen_t len = sizeof(local);
	uint16_t port = net_unused_port(AF_INET);

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .no_tls = true}, peer_echo);
	int fd = dial_socket(&dial);
	assert_int_equal(tlsfo_socket_bind4(fd, two4, port), 0);
	assert_int_equal(dial_fastopen(&dial, fd, peer.port, "data", 4), 4);
	dial_expect(fd, "data", 4);
	assert_int_equal(capture_syn(capture, peer.port, 0)->from, port);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &len), 0);
	assert_memory_equal(&local.sin_addr, two4, 4);
	close(fd);
	peer_stop(&peer);
	capture_stop(capture);
}

static void taken_port_is_refused(void **state)
{
	uint16_t port4;
	uint16_t port6;
	int taken4 = net_listen(AF_INET, false, &port4);
	int taken6 = net_listen(AF_INET6, false, &port6);
	int fd4 = tlsfo_socket_tcp4();
	int fd6 = tlsfo_socket_tcp6();

	(void)state;
	assert_int_equal(tlsfo_socket_bind4(fd4, any4, port4), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(tlsfo_socket_bind6(fd6, any6, port6, 0), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(tlsfo_socket_bind4(fd4, any4, 0), 0);
	assert_int_equal(tlsfo_socket_bind6(fd6, one6, 0, 0), 0);
	assert_int_not_equal(net_port(fd4), 0);
	assert_int_not_equal(net_port(fd6), 0);
	close(taken4);
	close(taken6);
	close(fd4);
	close(fd6);
}

/* A port whose last connection is in TIME-WAIT can be bound with reuse only. */
static void reuse_takes_a_port_in_time_wait(void **state)
{
	int listener = tlsfo_socket_tcp6b();
	assert_int_equal(tlsfo_socket_bind6_reuse(listener, one6, 0, 0), 0);
	assert_int_equal(listen(listener, 1), 0);
	uint16_t port = net_port(listener);
	struct sockaddr_storage address;
	socklen_t len = net_loopback(AF_INET6, port, &address);
	int client = net_socket(AF_INET6, true);
	char end;

	(void)state;
	assert_int_equal(connect(client, (struct sockaddr *)&address, len), 0);
	int server = accept(listener, NULL, NULL);
	assert_true(server >= 0);
	close(listener);
	shutdown(server, SHUT_WR);
	assert_int_equal(read(client, &end, 1), 0);
	close(client);
	assert_int_equal(read(server, &end, 1), 0);
	close(server);

	int fd = tlsfo_socket_tcp6();
	assert_int_equal(tlsfo_socket_bind6(fd, any6, port, 0), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(tlsfo_socket_bind6_reuse(fd, any6, port, 0), 0);
	close(fd);
	fd = tlsfo_socket_tcp4();
	assert_int_equal(tlsfo_socket_bind4_reuse(fd, any4, port), 0);
	int reuse = 0;
	len = sizeof(reuse);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, &len), 0);
	assert_int_equal(reuse, 1);
	close(fd);
}

static void foreign_address_is_refused(void **state)
{
	int fd4 = tlsfo_socket_tcp4();
	int fd6 = tlsfo_socket_tcp6();

	(void)state;
	assert_int_equal(tlsfo_socket_bind4(fd4, foreign4, 0), -1);
	assert_int_equal(errno, EADDRNOTAVAIL);
	assert_int_equal(tlsfo_socket_bind6(fd6, foreign6, 0, 0), -1);
	assert_int_equal(errno, EADDRNOTAVAIL);
	close(fd4);
	close(fd6);
}

/* The scope reaches bind(2) and connect(2): without it both refuse a link-local address. */
static void scope_is_heeded(void **state)
{
	struct sockaddr_storage address;
	uint32_t scope = net_add_link_local(&address);
	int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = tlsfo_socket_tcp6();

	(void)state;
	assert_int_equal(
		bind(listener, (struct sockaddr *)&address, sizeof(struct sockaddr_in6)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(tlsfo_socket_bind6(fd, link_local, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(
		tlsfo_socket_fastopen_connect6(fd, link_local, net_port(listener), 0, "data", 4),
		-1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(tlsfo_socket_bind6(fd, link_local, 0, scope), 0);
	assert_int_equal(
		tlsfo_socket_fastopen_connect6(fd, link_local, net_port(listener), scope, "", 0),
		-1);
	assert_int_equal(errno, EINPROGRESS);
	dial_wait(fd, POLLOUT);
	assert_int_equal(tlsfo_socket_connected(fd), 1);
	close(fd);
	close(listener);
}

static void expect_fault(ssize_t ret)
{
	assert_int_equal(ret, -1);
	assert_int_equal(errno, EFAULT);
	errno = 0;
}

static void no_address_is_a_fault(void **state)
{
	int fd = tlsfo_socket_tcp6();

	(void)state;
	errno = 0;
	expect_fault(tlsfo_socket_bind4(fd, NULL, 0));
	expect_fault(tlsfo_socket_bind4_reuse(fd, NULL, 0));
	expect_fault(tlsfo_socket_bind6(fd, NULL, 0, 0));
	expect_fault(tlsfo_socket_bind6_reuse(fd, NULL, 0, 0));
	expect_fault(tlsfo_socket_connect4(fd, NULL, 443));
	expect_fault(tlsfo_socket_connect6(fd, NULL, 443, 0));
	expect_fault(tlsfo_socket_fastopen_connect4(fd, NULL, 443, "data", 4));
	expect_fault(tlsfo_socket_fastopen_connect6(fd, NULL, 443, 0, "data", 4));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_from_there),
		cmocka_unit_test(taken_port_is_refused),
		cmocka_unit_test(reuse_takes_a_port_in_time_wait),
		cmocka_unit_test(foreign_address_is_refused),
		cmocka_unit_test(scope_is_heeded),
		cmocka_unit_test(no_address_is_a_fault),
	};

	return suite_run("a socket binds to what it is told", tests, suite_length(tests));
}
