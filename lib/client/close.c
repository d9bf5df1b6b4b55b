/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The end of a connection that was used: what the server has left behind is kept before it goes. */

#include "client/conn.h"

#include <poll.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/wipe.h"
#include "client/tickets.h"
#include "net/tcp_facts.h"
#include "tls/session.h"

/* While draining: what is thrown away at most, and the time it may take. */
#define DRAIN_BYTES	 (64 * 1024)
#define DRAIN_LEAST_US	 50000
#define DRAIN_MOST_US	 1000000
#define DRAIN_UNKNOWN_US 250000

/* How long a ticket may be waited for: it was sent with the server's last words. */
static int64_t drain_time(const struct tlsfo_conn *conn)
{
	struct tcp_facts facts;

	if (tcp_facts_read(conn->fd, &facts) != 0 || facts.rtt_us < 0)
		return DRAIN_UNKNOWN_US;
	int64_t time = 2 * facts.rtt_us;
	if (time < DRAIN_LEAST_US)
		return DRAIN_LEAST_US;
	return time < DRAIN_MOST_US ? time : DRAIN_MOST_US;
}

/* What a server gives is still to come: its first ticket, or the end of a false start, without which
 * there is no session of TLS 1.2. */
static bool is_awaited(const struct tlsfo_conn *conn)
{
	return session_is_tls13(conn->session) ? conn->tickets_got == 0 : conn->session_owed;
}

static void drain(struct tlsfo_conn *conn, int64_t deadline)
{
	unsigned char thrown_away[4096];
	size_t left = DRAIN_BYTES;
	unsigned int late = 0;
	int64_t until = deadline_in(clock_us(), drain_time(conn) / 1000);

	tickets_keep_session(conn);
	if (conn->config->store == NULL || !(session_is_tls13(conn->session) || conn->session_owed))
		return;
	if (deadline != TLSFO_NEVER && deadline < until)
		until = deadline;
	while (left > 0 && late < CONN_ASIDES_MOST) {
		ssize_t n = conn_receive(conn, thrown_away, sizeof(thrown_away));

		if (n > 0)
			left -= (size_t)n < left ? (size_t)n : left;
		else if (n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED)
			break;
		/* What has arrived is read in any case; waited is only for the first. */
		if (n < 0 && conn_wait(conn->fd, POLLIN, is_awaited(conn) ? until : TLSFO_NOW) != 0)
			break;
		late += deadline_passed(until, clock_us());
	}
	wipe(thrown_away, sizeof(thrown_away));
}

int tlsfo_conn_close(struct tlsfo_conn *conn, int64_t deadline)
{
	if (conn == NULL)
		return 0;
	/* A server that then hangs up without a word spoils the session (RFC 5246 §7.2.1), unless
	 * its Finished was read before. */
	if (conn->ready && conn->session_owed)
		drain(conn, TLSFO_NOW);
	int ret = conn->ready && conn->error == 0 ? tlsfo_conn_shutdown(conn, deadline) : 0;
	/* A server that has hung up already may have left a ticket behind. */
	if (conn->ready)
		drain(conn, deadline);
	tlsfo_conn_free(conn);
	return ret;
}
