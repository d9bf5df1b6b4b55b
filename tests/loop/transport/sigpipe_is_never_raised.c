/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writing to a connection that the peer has reset, and to a refused one, is an error and not a
 * signal: SIGPIPE is left at its default here, which would end the test.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "support/dial.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

/* Closes at once, with a reset for whatever the client sends then. */
static void hang_up(struct peer_conn *conn)
{
	const struct linger abortive = {1, 0};

	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &abortive, sizeof(abortive));
}

static void test(void **state)
{
	const struct way *way = *state;
	struct peer peer;
	struct visit visit;
	int error = 0;
	socklen_t len = sizeof(error);

	assert_ptr_equal(signal(SIGPIPE, SIG_DFL), SIG_DFL);
	peer_start(&peer, &(struct peer_options){.family = way->family}, hang_up);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	dial_wait(visit.fd, POLLHUP);
	/* With the reset taken note of, what the next write meets is a broken pipe. */
	assert_int_equal(getsockopt(visit.fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	assert_int_equal(error, ECONNRESET);
	assert_int_equal(gnutls_record_send(visit.session, "anybody?", 8), GNUTLS_E_PUSH_ERROR);
	assert_int_equal(visit_report(&visit).system_error, EPIPE);
	visit_close(&visit);
	peer_stop(&peer);

	visit_open(&visit, way, net_unused_port(way->family));
	assert_true(visit_handshake(&visit) < 0);
	assert_true(gnutls_handshake(visit.session) < 0);
	visit_close(&visit);
}

int main(void)
{
	return way_run("SIGPIPE is never raised", test, WAY_ALL);
}
