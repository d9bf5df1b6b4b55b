/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tlsfo_socket_fastopen() makes a listener take part where the system leaves it to each server
 * (sysctl 0x3), before listen(2) and after; without it there is no cookie.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/capture.h"
#include "support/dial.h"
#include "support/net.h"

enum when { NEVER, BEFORE_LISTEN, AFTER_LISTEN };

static int listener_with(int family, enum when when)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(family, 0, &address);
	int fd = family == AF_INET ? tlsfo_socket_tcp4b() : tlsfo_socket_tcp6b();

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	if (when == BEFORE_LISTEN)
		assert_int_equal(tlsfo_socket_fastopen(fd), 0);
	assert_int_equal(listen(fd, 8), 0);
	if (when == AFTER_LISTEN)
		assert_int_equal(tlsfo_socket_fastopen(fd), 0);
	return fd;
}

/* Connects twice; returns true when the second SYN's data reached the server before the
 * handshake. */
static bool takes_part(const struct dial *dial, enum when when)
{
	struct capture *capture = capture_start();
	int listener = listener_with(dial->family, when);
	uint16_t port = net_port(listener);
	char data[4];

	for (unsigned int i = 0; i < 2; i++) {
		int client = dial_socket(dial);

		assert_int_equal(dial_fastopen(dial, client, port, "data", 4), 4);
		int server = accept(listener, NULL, NULL);
		assert_int_equal(recv(server, data, 4, MSG_WAITALL), 4);
		assert_memory_equal(data, "data", 4);
		close(client);
		close(server);
	}
	const struct capture_packet *syn = capture_syn(capture, port, 1);
	bool taken = syn->len == 4 && capture_syn_ack(capture, port, 1)->ack == syn->seq + 5;
	close(listener);
	capture_stop(capture);
	return taken;
}

static void test(void **state)
{
	const struct dial *dial = *state;

	net_set_fastopen(NET_FASTOPEN_CLIENT | NET_FASTOPEN_SERVER);
	assert_false(takes_part(dial, NEVER));
	net_fresh();
	net_set_fastopen(NET_FASTOPEN_CLIENT | NET_FASTOPEN_SERVER);
	assert_true(takes_part(dial, BEFORE_LISTEN));
	net_fresh();
	net_set_fastopen(NET_FASTOPEN_CLIENT | NET_FASTOPEN_SERVER);
	assert_true(takes_part(dial, AFTER_LISTEN));

	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(tlsfo_socket_fastopen(-1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(tlsfo_socket_fastopen(file), -1);
	assert_int_equal(errno, ENOTSOCK);
	close(file);
}

int main(void)
{
	return dial_run_blocking("a listener takes data in the SYN", test);
}
