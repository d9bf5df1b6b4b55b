/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "last_words.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>

#include <tlsfo/tlsfo.h>

#define WAIT_LEAST_MS 1000
#define WAIT_MOST_MS  3000

/* What is swallowed was sent three times then: its timer begins with three round-trip times and is doubled. */
#define PROOF_TRIPS   16
#define PROOF_MOST_MS 15000
#define PROOF_LOOK_MS 50

/* Between GnuTLS and tlsfo's own hook: counts the tickets that the server gives. */
static int count_tickets(gnutls_session_t session, unsigned int type, unsigned int when,
	unsigned int incoming, const gnutls_datum_t *message)
{
	unsigned int *tickets = gnutls_session_get_ptr(session);
	int ret = tlsfo_transport_hook(session, type, when, incoming, message);

	if (ret == 0 && type == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET && when == GNUTLS_HOOK_POST)
		(*tickets)++;
	return ret;
}

static int64_t wait_ms(int64_t rtt_us)
{
	int64_t ms = 2 * rtt_us / 1000;

	if (ms > WAIT_MOST_MS)
		return WAIT_MOST_MS;
	return ms < WAIT_LEAST_MS ? WAIT_LEAST_MS : ms;
}

static int64_t proof_wait_ms(int64_t rtt_us)
{
	int64_t ms = PROOF_TRIPS * rtt_us / 1000;

	if (ms > PROOF_MOST_MS)
		return PROOF_MOST_MS;
	return ms < WAIT_MOST_MS ? WAIT_MOST_MS : ms;
}

static int read_until(struct tlsfo_conn *conn, int64_t until)
{
	char thrown_away[4096];
	ssize_t count = 0;

	do
		count = tlsfo_conn_read(conn, thrown_away, sizeof(thrown_away), until);
	while (count > 0 && tlsfo_now() < until);
	return count > 0 ? GNUTLS_E_TIMEDOUT : (int)count;
}

static bool all_is_acknowledged(const struct tlsfo_conn *conn)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	return getsockopt(tlsfo_conn_fd(conn), IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       info.tcpi_state != TCP_CLOSE && info.tcpi_unacked == 0;
}

/* And on until @proven_until as long as the goodbye has not arrived. */
static int read_to_the_end(struct tlsfo_conn *conn, int64_t until, int64_t proven_until)
{
	int ret = tlsfo_conn_shutdown(conn, until);

	if (ret < 0)
		return ret;
	ret = read_until(conn, until);
	while (ret == GNUTLS_E_TIMEDOUT && !all_is_acknowledged(conn) && tlsfo_now() < proven_until)
		ret = read_until(conn, tlsfo_deadline_in(PROOF_LOOK_MS));
	return ret;
}

void last_words(struct tlsfo_conn *conn, int64_t rtt_us, struct last_words *ret_words)
{
	gnutls_session_t session = tlsfo_conn_session(conn);
	int64_t until = tlsfo_deadline_in(wait_ms(rtt_us));
	int64_t proven_until = tlsfo_deadline_in(proof_wait_ms(rtt_us));
	unsigned int tickets = 0;

	gnutls_session_set_ptr(session, &tickets);
	gnutls_handshake_set_hook_function(
		session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, count_tickets);
	ret_words->end = read_to_the_end(conn, until, proven_until);
	ret_words->arrived = all_is_acknowledged(conn);
	gnutls_handshake_set_hook_function(
		session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
	gnutls_session_set_ptr(session, NULL);
	/* Older versions give theirs within the handshake, which may have been over before we counted. */
	if (gnutls_protocol_get_version(session) < GNUTLS_TLS1_3)
		tickets = gnutls_session_get_flags(session) & GNUTLS_SFLAGS_SESSION_TICKET ? 1 : 0;
	ret_words->tickets = tickets;
}
