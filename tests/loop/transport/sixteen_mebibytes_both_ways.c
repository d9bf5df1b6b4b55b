/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * 16 MiB in each direction at the same time, over one session, both ends writing and reading as the
 * socket allows: every byte arrives, in order.
 */

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/kernel.h"
#include "support/peer.h"
#include "support/visit.h"

#define TOTAL (16U << 20)
#define CHUNK 16384U

/* One end of the exchange. */
struct flow {
	gnutls_session_t session;
	size_t sent;
	size_t received;
	unsigned char key; /* what tells the two directions apart */
	bool wrong;
};

static unsigned char pattern(unsigned char key, size_t at)
{
	return (unsigned char)(key + at % 251 + at / 65536);
}

/* Each returns false when the socket is to be waited for, or the exchange is broken. */
static bool send_some(struct flow *flow)
{
	unsigned char buf[CHUNK];

	if (flow->sent == TOTAL)
		return false;
	/* After EAGAIN GnuTLS wants the same data again, and gets it: sent has not moved. */
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = pattern(flow->key, flow->sent + i);
	ssize_t n = gnutls_record_send(flow->session, buf, sizeof(buf));
	if (n > 0)
		flow->sent += (size_t)n;
	else if (n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED)
		flow->wrong = true;
	return n > 0;
}

static bool receive_some(struct flow *flow)
{
	unsigned char other = (unsigned char)~flow->key;
	unsigned char buf[CHUNK];

	if (flow->received == TOTAL)
		return false;
	ssize_t n = gnutls_record_recv(flow->session, buf, sizeof(buf));
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] != pattern(other, flow->received + (size_t)i))
			flow->wrong = true;
	if (n > 0)
		flow->received += (size_t)n;
	else if (n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED)
		flow->wrong = true;
	return n > 0;
}

/* Returns true when all has gone both ways. */
static bool exchange(struct flow *flow, int fd)
{
	struct pollfd pfd = {.fd = fd};

	while (!flow->wrong && (flow->sent < TOTAL || flow->received < TOTAL)) {
		bool moved = send_some(flow);

		moved = receive_some(flow) || moved;
		if (moved)
			continue;
		pfd.events = (short)((flow->sent < TOTAL ? POLLOUT : 0) |
				     (flow->received < TOTAL ? POLLIN : 0));
		if (poll(&pfd, 1, 30000) != 1)
			flow->wrong = true;
	}
	return !flow->wrong;
}

static void serve(struct peer_conn *conn)
{
	struct flow flow = {.session = conn->session, .key = 0x0f};

	if (!exchange(&flow, conn->fd))
		peer_fail("the exchange is broken at the server", GNUTLS_E_INTERNAL_ERROR);
	if (write(conn->test, "all", 3) != 3)
		peer_fail("write", 0);
	peer_mute(conn);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct peer peer;
	struct visit visit;
	char said[3];

	peer_start(&peer,
		&(struct peer_options){
			.family = way->family, .priority = way->priority, .nonblocking = true},
		serve);
	kernel_fetch_cookie(way->family);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	struct flow flow = {.session = visit.session, .key = (unsigned char)~0x0f};
	assert_true(exchange(&flow, visit.fd));
	peer_hear(&peer, said, sizeof(said));
	assert_memory_equal(said, "all", 3);
	visit_close(&visit);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("16 MiB both ways", test, WAY_NONBLOCKING | WAY_IPV4);
}
