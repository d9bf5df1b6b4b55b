/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A non-blocking program that sends early data and polls for what tlsfo_transport_events() says,
 * and nothing else, neither hangs nor spins while the connection is being made. The first SYN-ACK
 * is lost, so that this takes a second; with and without a cookie the data is accepted.
 */

#include <poll.h>

#include "support/capture.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/resume.h"

#define REQUEST	    "how is the weather?\n"
#define PATIENCE_MS 30000

static const struct early_turn turns[] = {{0}};

/* The loop of the header, with its events. Returns how often it waited. */
static unsigned int loop(struct visit *visit, bool in_syn)
{
	struct pollfd pfd = {.fd = visit->fd};
	unsigned int waits = 0;
	int ret;

	while ((ret = gnutls_handshake(visit->session)) == GNUTLS_E_AGAIN) {
		pfd.events = tlsfo_transport_events(visit->session);
		/* What the SYN did not take waits for the connection; GnuTLS, which has handed over all
		 * of it, says "read". */
		if (waits == 0) {
			assert_int_equal(gnutls_record_get_direction(visit->session), 0);
			assert_int_equal(pfd.events, in_syn ? POLLIN : POLLOUT);
		}
		/* To go on too early does no harm. */
		if (waits++ == 0)
			assert_int_equal(gnutls_handshake(visit->session), GNUTLS_E_AGAIN);
		pfd.events = tlsfo_transport_events(visit->session);
		assert_int_equal(poll(&pfd, 1, PATIENCE_MS), 1);
	}
	assert_int_equal(ret, 0);
	return waits;
}

static void check(const struct way *way, bool cookie, size_t len)
{
	static char data[16384];
	struct peer peer;
	struct visit visit;

	memset(data, 'x', len);
	data[len - 1] = '\n';
	/* A ticket can be had without a cookie. */
	if (!cookie)
		net_set_fastopen(0);
	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	gnutls_datum_t ticket = resume_fetch(way, peer.port);
	early_hear(&peer);
	net_set_fastopen(NET_FASTOPEN_ALL);
	struct capture *capture = capture_start();
	net_filter(NET_DROP_FIRST_SYNACK);
	resume_open(&visit, way, peer.port, &ticket, data, len);
	/* Reading one record after the other takes a wait each at most; a loop that spins has
	 * thousands. */
	assert_true(loop(&visit, cookie && len < 1000) < 20);
	assert_true(resume_accepted(&visit));
	assert_int_equal(tlsfo_transport_events(visit.session), POLLIN);
	resume_answer(&visit);
	assert_int_equal(capture_syn(capture, peer.port, 0)->len > 0, cookie);
	visit_close(&visit);
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, len);
	early_expect_data(&seen, data, len);
	net_filter_none();
	gnutls_free(ticket.data);
	peer_stop(&peer);
	capture_stop(capture);
}

static void test(void **state)
{
	const struct way *way = *state;

	check(way, true, strlen(REQUEST));
	net_fresh();
	check(way, true, 16000);
	net_fresh();
	check(way, false, 16000);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run(
		"early data waits by events", test, WAY_SOCKET | WAY_ONLY_TLS13 | WAY_NONBLOCKING);
}
