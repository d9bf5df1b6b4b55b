/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The ChangeCipherSpec of TLS 1.3, which GnuTLS pushes as soon as it has read the ServerHello,
 * leaves in one segment with the Finished; after the handshake a program finds the socket wherever
 * it looks. So it is when the socket takes but a few bytes at a time.
 */

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

#define SPEC_SIZE 6

/* Types of records. */
#define HANDSHAKE	 22
#define APPLICATION_DATA 23

/* Bytes that a call takes, of a flight that is not the first; 0: all. */
static size_t most;
static bool refuses;

static ssize_t pass(int fd, const struct msghdr *message, int flags)
{
	return (ssize_t)syscall(SYS_sendmsg, fd, message, flags);
}

/* Takes the place of the system's for tlsfo. Every other call takes nothing. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct msghdr part = *message;
	struct iovec first = message->msg_iov[0];

	if (most == 0 || message->msg_name != NULL ||
		*(const unsigned char *)first.iov_base == HANDSHAKE)
		return pass(fd, message, flags);
	refuses = !refuses;
	if (refuses) {
		errno = EAGAIN;
		return -1;
	}
	if (first.iov_len > most)
		first.iov_len = most;
	part.msg_iov = &first;
	part.msg_iovlen = 1;
	return pass(fd, &part, flags);
}

static const struct capture_packet *second_flight(struct capture *capture, uint16_t port)
{
	size_t i = 0;
	const struct capture_packet *packet;

	do
		packet = capture_to(capture, port, PACKET_SYN, 0, i++);
	while (packet != NULL && (packet->len == 0 || packet->payload[0] == HANDSHAKE));
	return packet;
}

static void check(const struct way *way, bool cookie, size_t piece)
{
	static const unsigned char spec[SPEC_SIZE] = {20, 3, 3, 0, 1, 1};
	gnutls_transport_ptr_t receive;
	gnutls_transport_ptr_t send;
	unsigned char stream[8192];
	struct capture *capture;
	struct peer peer;
	struct visit visit;

	if (cookie)
		kernel_fetch_cookie(way->family);
	capture = capture_start();
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	most = piece;
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	most = 0;
	gnutls_transport_get_ptr2(visit.session, &receive, &send);
	assert_int_equal((intptr_t)receive, visit.fd);
	assert_int_equal((intptr_t)send, visit.fd);
	visit_echo(&visit);

	const struct capture_packet *packet = second_flight(capture, peer.port);
	assert_non_null(packet);
	if (piece == 0)
		assert_true(packet->len > SPEC_SIZE);
	/* However many segments it took: once, and all of it. */
	size_t len = capture_stream(capture, net_port(visit.fd), stream, sizeof(stream));
	size_t hello = 5 + (size_t)(stream[3] << 8 | stream[4]);
	assert_true(hello + 2 * SPEC_SIZE < len);
	assert_memory_equal(stream + hello, spec, SPEC_SIZE);
	assert_int_equal(stream[hello + SPEC_SIZE], APPLICATION_DATA);
	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
	net_fresh();
}

static void test(void **state)
{
	const struct way *way = *state;

	check(way, false, 0);
	check(way, true, 0);
	check(way, false, 4);
	check(way, false, SPEC_SIZE);
	check(way, false, 16);
}

int main(void)
{
	return way_run(
		"the ChangeCipherSpec leaves with the Finished", test, WAY_SOCKET | WAY_ONLY_TLS13);
}
