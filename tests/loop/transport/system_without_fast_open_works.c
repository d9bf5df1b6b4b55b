/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A kernel that does not know fast open (gVisor's) takes its first send for one without a connection: tlsfo's own
 * engine and its sockets connect plainly, sessions come to be, and the report says that the system cannot.
 */

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/capture.h"
#include "support/dial.h"
#include "support/kernel.h"
#include "support/peer.h"
#include "support/visit.h"

static bool knows_fast_open = true;

/* Takes the place of the system's for tlsfo. */
ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
	socklen_t to_len)
{
	if (knows_fast_open || (flags & MSG_FASTOPEN) == 0)
		return (ssize_t)syscall(SYS_sendto, fd, data, len, flags, to, to_len);
	errno = EPIPE;
	return -1;
}

static void transport(void **state)
{
	static const struct way ways[] = {
		{AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, true},
		{AF_INET6, WAY_TLS12, TLSFO_TRANSPORT_SOCKET, false},
	};

	(void)state;
	for (size_t i = 0; i < suite_length(ways); i++) {
		struct capture *capture = capture_start();
		struct peer peer;
		struct visit visit;

		knows_fast_open = true;
		kernel_fetch_cookie(ways[i].family);
		knows_fast_open = false;
		peer_start(&peer, &(struct peer_options){.family = ways[i].family}, peer_echo);
		visit_open(&visit, &ways[i], peer.port);
		assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
		visit_echo(&visit);
		assert_int_equal(capture_syn(capture, peer.port, 0)->cookie, CAPTURE_NO_OPTION);
		struct tlsfo_report report = visit_report(&visit);
		assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_UNAVAILABLE);
		assert_int_equal(report.reason, TLSFO_REASON_NOT_SUPPORTED);
		visit_close(&visit);
		peer_stop(&peer);
		capture_stop(capture);
	}
}

static void sockets(void **state)
{
	static const struct dial dial = {.family = AF_INET, .blocking = true};
	struct peer peer;
	int fd = dial_socket(&dial);

	(void)state;
	knows_fast_open = true;
	kernel_fetch_cookie(AF_INET);
	knows_fast_open = false;
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .no_tls = true}, peer_echo);
	assert_int_equal(dial_fastopen(&dial, fd, peer.port, "data", 4), 4);
	dial_expect(fd, "data", 4);
	close(fd);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transport),
		cmocka_unit_test(sockets),
	};

	return suite_run("a system without fast open works", tests, suite_length(tests));
}
