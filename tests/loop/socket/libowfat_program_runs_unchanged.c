/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A client written to libowfat's manual (socket_fastopen_connect4(3), socket_connected(3) and their
 * neighbours) compiles and runs unchanged. Up to the line below it knows nothing of tlsfo but the
 * directory its socket.h is in.
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"

#ifndef HAVE_SOCKET_FASTOPEN
#error "the manual says that this is defined where there is fast open"
#endif

static int await_writable(int s)
{
	struct pollfd p;

	p.fd = s;
	p.events = POLLOUT;
	return poll(&p, 1, 30000) == 1;
}

/* As the manual says: >= 0 bytes sent, or in the background, or failed. */
static int finish(int s, ssize_t sent, const char *request, size_t len)
{
	if (sent == -1) {
		if (errno != EINPROGRESS && errno != EWOULDBLOCK)
			return -1;
		if (!await_writable(s) || !socket_connected(s))
			return -1;
		sent = 0;
	}
	while ((size_t)sent < len) {
		ssize_t n = await_writable(s) ? write(s, request + sent, len - (size_t)sent) : -1;

		if (n == -1)
			return -1;
		sent += n;
	}
	return 0;
}

static int ask4(const char ip[4], uint16 port, const char *request)
{
	static const char any[4] = {0, 0, 0, 0};
	int s = socket_tcp4();

	if (s == -1 || socket_bind4(s, any, 0) == -1)
		return -1;
	if (finish(s, socket_fastopen_connect4(s, ip, port, request, strlen(request)), request,
		    strlen(request)) == 0)
		return s;
	close(s);
	return -1;
}

static int ask6(const char ip[16], uint16 port, uint32 scope_id, const char *request)
{
	int s = socket_tcp6();

	if (s == -1)
		return -1;
	if (finish(s, socket_fastopen_connect6(s, ip, port, scope_id, request, strlen(request)),
		    request, strlen(request)) == 0)
		return s;
	close(s);
	return -1;
}

/* The other names, blocking: without data, and with the port bound again and again. */
static int ask_plainly(const char ip4[4], const char ip6[16], uint16 port4, uint16 port6)
{
	static const char any[16];
	int a = socket_tcp4b();
	int b = socket_tcp6b();
	int ok = a != -1 && b != -1 && socket_bind4_reuse(a, any, 0) == 0 &&
		 socket_bind6_reuse(b, any, 0, 0) == 0 && socket_connect4(a, ip4, port4) == 0 &&
		 socket_connect6(b, ip6, port6, 0) == 0 && socket_connected(a) &&
		 socket_connected(b);
	int c = socket_tcp6();

	ok = ok && socket_bind6(c, any, 0, 0) == 0 && !socket_connected(c);
	close(a);
	close(b);
	close(c);
	return ok ? 0 : -1;
}

/* ---------------------------------------------------------------- what it is tested with -- */

#include "support/capture.h"
#include "support/dial.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

static const char ip4[4] = {127, 0, 0, 1};
static const char ip6[16] = {[15] = 1};
static const char mapped[16] = {[10] = '\xff', [11] = '\xff', 127, 0, 0, 1};

static void check_answer(int fd, const char *request)
{
	if (fd == -1)
		fail_msg("%s", strerror(errno));
	dial_expect(fd, request, strlen(request));
	close(fd);
}

static void visits(void **state)
{
	struct capture *capture = capture_start();
	struct peer one;
	struct peer two;

	(void)state;
	peer_start(&one, &(struct peer_options){.family = AF_INET, .no_tls = true}, peer_echo);
	peer_start(&two, &(struct peer_options){.family = AF_INET6, .no_tls = true}, peer_echo);
	for (size_t i = 0; i < 2; i++) {
		check_answer(ask4(ip4, one.port, "first words"), "first words");
		check_answer(ask6(ip6, two.port, 0, "first words"), "first words");
		assert_int_equal(capture_syn(capture, one.port, i)->len, i == 0 ? 0 : 11);
		assert_int_equal(capture_syn(capture, two.port, i)->len, i == 0 ? 0 : 11);
	}
	check_answer(ask6(mapped, one.port, 0, "mapped"), "mapped");
	assert_int_equal(ask_plainly(ip4, ip6, one.port, two.port), 0);
	peer_stop(&one);
	peer_stop(&two);
	capture_stop(capture);
}

static void late_synack(void **state)
{
	struct peer peer;

	(void)state;
	kernel_fetch_cookie(AF_INET);
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .no_tls = true}, peer_echo);
	check_answer(ask4(ip4, peer.port, "with a cookie"), "with a cookie");
	peer_stop(&peer);
	net_fresh();
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = AF_INET6, .no_tls = true}, peer_echo);
	check_answer(ask6(ip6, peer.port, 0, "without one"), "without one");
	peer_stop(&peer);
}

static void failures(void **state)
{
	(void)state;
	assert_int_equal(ask4(ip4, net_unused_port(AF_INET), "anybody"), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(ask6(ip6, net_unused_port(AF_INET6), 0, "anybody"), -1);
	assert_int_equal(errno, ECONNREFUSED);
}

static void listener(void **state)
{
	int s = socket_tcp4b();

	(void)state;
	assert_int_equal(socket_fastopen(s), 0);
	close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(visits),
		cmocka_unit_test(late_synack),
		cmocka_unit_test(failures),
		cmocka_unit_test(listener),
	};

	net_begin();
	net_need_filter();
	return suite_run("a libowfat program runs unchanged", tests, suite_length(tests));
}
