/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * At the socket rung tlsfo_socket_fastopen_connect4() and 6() put in the SYN what it holds, where a cookie is known and
 * the system allows it, and the server gets every byte once. Each row is a fact of its own.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/capture.h"
#include "support/dial.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

enum rides { NOTHING, ALL, PART };

static const struct row {
	struct dial_fact fact;
	size_t size;
	bool cookie;   /* is known */
	bool off_here; /* fast open: EOPNOTSUPP */
	int option;    /* of the SYN, as in struct capture_packet; 1: a cookie */
	enum rides rides;
} rows[] = {
	{{"a socket's first data rides in the SYN"}, 44, true, false, 1, ALL},
	{{"a socket's first SYN asks for a cookie"}, 44, false, false, 0, NOTHING},
	/* With a NULL buffer: so a program gets a cookie ahead of need. */
	{{"zero bytes ask for a cookie"}, 0, false, false, 0, NOTHING},
	/* On a non-blocking socket the count says how much left; on a blocking one all of it is taken. */
	{{"a socket takes what the SYN holds"}, 4000, true, false, 1, PART},
	/* On the same socket; where it does not block the data is the caller's to send. */
	{{"fast open switched off here: plain connect"}, 44, true, true, CAPTURE_NO_OPTION,
		NOTHING},
};

/* Connects with the data, sends what was not taken then, and has it back. Returns the socket, and how much was
 * taken. */
static int visit(
	const struct dial *dial, uint16_t port, const char *data, size_t size, size_t *ret_taken)
{
	int fd = dial_socket(dial);
	ssize_t n = dial_fastopen(dial, fd, port, size > 0 ? data : NULL, size);

	if (n < 0) {
		assert_true(errno == EINPROGRESS || errno == EWOULDBLOCK);
		assert_false(dial->blocking);
		n = 0;
	}
	if (dial->blocking)
		assert_int_equal(n, size);
	dial_wait(fd, POLLOUT);
	assert_int_equal(tlsfo_socket_connected(fd), 1);
	*ret_taken = (size_t)n;
	if ((size_t)n < size)
		assert_int_equal(
			send(fd, data + n, size - (size_t)n, MSG_NOSIGNAL), size - (size_t)n);
	dial_expect(fd, data, size);
	return fd;
}

static void test(void **state)
{
	const struct dial *dial = *state;
	const struct row *row = dial->row;
	struct capture *capture;
	struct peer peer;
	char data[4000];
	size_t taken = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)('a' + i % 23);
	if (row->cookie)
		kernel_fetch_cookie(dial->family);
	if (row->off_here)
		net_set_fastopen(NET_FASTOPEN_SERVER);
	capture = capture_start();
	peer_start(
		&peer, &(struct peer_options){.family = dial->family, .no_tls = true}, peer_echo);
	int fd = visit(dial, peer.port, data, row->size, &taken);
	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);

	assert_int_equal(syn->cookie > 0 ? 1 : syn->cookie, row->option);
	if (row->rides == PART)
		assert_in_range(syn->len, 1001, row->size - 1);
	else
		assert_int_equal(syn->len, row->rides == ALL ? row->size : 0);
	assert_memory_equal(syn->payload, data, syn->len);
	assert_int_equal(
		capture_syn_ack(capture, peer.port, 0)->ack, syn->seq + 1 + (uint32_t)syn->len);
	assert_int_equal(kernel_facts(fd).syn_data, row->rides != NOTHING);
	assert_int_equal(taken, dial->blocking ? row->size : syn->len);
	close(fd);
	if (row->option == 0) {
		assert_true(capture_syn_ack(capture, peer.port, 0)->cookie > 0);
		fd = visit(dial, peer.port, "now", 3, &taken);
		assert_int_equal(capture_syn(capture, peer.port, 1)->len, 3);
		close(fd);
	}
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return dial_run_rows("a socket's data rides in the SYN", test, rows, sizeof(rows[0]),
		suite_length(rows));
}
