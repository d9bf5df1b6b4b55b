/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The session makes its first flight once, and each attempt carries it whole to one address. The schedule is race/race.c; here are its sockets.
 */

#include "client/opening.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "client/paths.h"
#include "net/stream.h"
#include "net/tcp_facts.h"
#include "race/race.h"

struct contest {
	struct race race;
	bool trust_loaded;	/* or will be when it is needed */
	struct tcp_facts facts; /* of the attempt that was connected last */
	int connected_fd;	/* its descriptor */
};

static struct attempt *attempt_at(const struct tlsfo_conn *conn, size_t i)
{
	return &conn->attempts[conn->race_first + i];
}

/* Lets GnuTLS make the flight. It tries to read then, and is told that there is nothing yet. */
static int make_flight(struct tlsfo_conn *conn)
{
	int ret = conn_new_session(conn);

	if (ret != 0)
		return ret;
	ret = transport_capture(conn->session, conn->begun_us, &conn->transport);
	if (ret != 0)
		return conn_fail(conn, ret, 0, "%s", tlsfo_strerror(ret));
	conn_watch(conn);
	conn->handshake = gnutls_handshake(conn->session);
	if (conn->transport->error != 0)
		return conn_fail(conn, conn->transport->error, 0, "%s: %s", conn->host,
			tlsfo_strerror(conn->transport->error));
	return conn->handshake == GNUTLS_E_AGAIN ? 0 : conn_fail_tls(conn, conn->handshake);
}

void opening_add_address(struct tlsfo_conn *conn)
{
	(void)race_add_address(&conn->contest->race);
}

int opening_begin(struct tlsfo_conn *conn)
{
	conn->contest = calloc(1, sizeof(*conn->contest));
	if (conn->contest == NULL)
		return conn_fail_memory(conn);
	conn->race_first = conn->attempt_count;
	int ret = make_flight(conn);
	if (ret != 0)
		return ret;
	bool fast_open = conn->config->fast_open != TLSFO_FAST_OPEN_NEVER && !conn->plain_only;
	race_init(&conn->contest->race, fast_open, paths_rtt(conn));
	for (size_t i = 0; i < conn->address_count; i++)
		opening_add_address(conn);
	return 0;
}

void opening_cancel(struct tlsfo_conn *conn)
{
	struct contest *contest = conn->contest;

	if (contest == NULL)
		return;
	/* The race may have one more, which there was no memory for. */
	for (size_t i = conn->race_first; i < conn->attempt_count; i++)
		attempt_close(&conn->attempts[i]);
	free(contest);
	conn->contest = NULL;
}

/*
 * Whether data in the SYN may be why it was reset. One that stood before (ECONNRESET) may have been
 * ended by the server because of the early data: the same flight again would fare no better, and
 * reconnect.c makes another.
 */
static bool was_reset(const struct tlsfo_conn *conn, const struct attempt *attempt)
{
	if (!attempt->asked || attempt->syn_bytes == 0)
		return false;
	return attempt->error == ECONNREFUSED ||
	       (attempt->error == ECONNRESET && conn->first.early == 0);
}

/* Whether an attempt that was reset had got its SYN-ACK (connect(2) tells the other by ECONNREFUSED). */
static bool stood(const struct attempt *attempt)
{
	return attempt->error == ECONNRESET;
}

/* The attempt failed, and has the errno. */
static void drop(struct tlsfo_conn *conn, size_t i)
{
	struct attempt *attempt = attempt_at(conn, i);

	attempt_close(attempt);
	race_failed(&conn->contest->race, i, was_reset(conn, attempt));
}

/* Sends what the socket takes of the flight. */
static void send_flight(struct tlsfo_conn *conn, size_t i)
{
	const struct flight *flight = &conn->transport->held;
	struct attempt *attempt = attempt_at(conn, i);
	uint32_t *sent = &attempt->flight_sent;

	while (*sent < flight->len) {
		struct iovec rest = flight_rest(flight, *sent);
		ssize_t n = attempt_send(attempt, &rest, 1);

		/* After a signal too: the deadline comes before the next try. */
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				drop(conn, i);
			return;
		}
		*sent += (uint32_t)n;
	}
}

static void connected(struct tlsfo_conn *conn, size_t i, int64_t now_us)
{
	struct contest *contest = conn->contest;
	struct race *race = &contest->race;
	struct attempt *attempt = attempt_at(conn, i);
	struct tcp_facts *facts = &contest->facts;

	attempt_connected(attempt, now_us);
	contest->connected_fd = attempt->fd;
	if (tcp_facts_read(attempt->fd, facts) != 0)
		*facts = (struct tcp_facts){.rtt_us = -1};
	race_connected(race, i, now_us, facts->syn_data_acknowledged, facts->rtt_us);
	/* It answers when it has all of it. */
	if (race->attempts[i].state == RACE_UNPROVEN)
		send_flight(conn, i);
}

/* Connects, with the flight or without. Returns 0 or GNUTLS_E_MEMORY_ERROR. */
static int start(struct tlsfo_conn *conn, size_t i, int64_t now_us)
{
	struct contest *contest = conn->contest;
	const struct race_attempt *plan = &contest->race.attempts[i];
	bool remembered = plan->mode != RACE_PLAIN && !paths_allow(conn, plan->address);

	if (remembered)
		race_plain_only(&contest->race, i);
	if (opening_attempt(conn, plan->address, plan->mode == RACE_PLAIN) < 0)
		return conn_fail_memory(conn);
	struct attempt *attempt = attempt_at(conn, i);
	attempt->remembered = remembered;
	if (attempt->state == ATTEMPT_FAILED) {
		race_failed(&contest->race, i, false);
		return 0;
	}
	if (plan->mode == RACE_DATA)
		send_flight(conn, i);
	else if (attempt_send(attempt, NULL, 0) < 0 && errno != EAGAIN && errno != EINTR)
		drop(conn, i);
	race_started(&contest->race, i, clock_us());
	if (attempt->absence != FASTOPEN_TRIED)
		race_is_plain(&contest->race, i);
	if (attempt->state == ATTEMPT_CONNECTED)
		connected(conn, i, now_us);
	return 0;
}

static void look_at(struct tlsfo_conn *conn, size_t i, short found, int64_t now_us)
{
	struct race *race = &conn->contest->race;
	struct attempt *attempt = attempt_at(conn, i);
	int error = (found & (POLLERR | POLLHUP)) != 0 ? stream_error(attempt->fd) : 0;

	if (error != 0) {
		attempt_failed(attempt, error);
		drop(conn, i);
		return;
	}
	if (race->attempts[i].state == RACE_CONNECTING && (found & POLLOUT) != 0)
		connected(conn, i, now_us);
	else if (race->attempts[i].state == RACE_UNPROVEN && (found & POLLOUT) != 0)
		send_flight(conn, i);
	if (race->attempts[i].state == RACE_UNPROVEN && (found & (POLLIN | POLLHUP)) != 0) {
		race_answered(race, i);
		patience_answered(&conn->config->patience, &attempt->address, now_us);
		conn_note_first_byte(conn, attempt);
	}
}

static bool is_running(const struct race *race, size_t i)
{
	return race->attempts[i].state == RACE_CONNECTING ||
	       race->attempts[i].state == RACE_UNPROVEN;
}

static void look(struct tlsfo_conn *conn, int64_t now_us)
{
	const struct race *race = &conn->contest->race;

	for (size_t i = 0; i < race->attempt_count; i++) {
		if (!is_running(race, i) || race_winner(race) >= 0)
			continue;
		short found = waits_found(&conn->waits, attempt_at(conn, i)->fd);
		if (found != 0)
			look_at(conn, i, found, now_us);
	}
}

/* What an attempt with fast open came to, if it did not win. */
static enum tlsfo_reason why_not(const struct race *race, size_t i, const struct attempt *attempt)
{
	if (!attempt->asked)
		return TLSFO_REASON_NONE;
	if (race->attempts[i].state == RACE_UNPROVEN)
		return TLSFO_REASON_SILENT;
	if (race->attempts[i].state == RACE_CONNECTING)
		return TLSFO_REASON_SYN_RETRANSMITTED;
	if (race->attempts[i].reset)
		return stood(attempt) ? TLSFO_REASON_RESET_LATER : TLSFO_REASON_RESET;
	return TLSFO_REASON_NONE;
}

/* Whether its SYN could have carried data and was not given any. */
static bool went_without(const struct tlsfo_conn *conn, size_t i)
{
	const struct attempt *attempt = attempt_at(conn, i);
	struct tcp_facts facts;

	if (attempt->plain || conn->contest->race.attempts[i].mode != RACE_COOKIE)
		return attempt->plain;
	return tcp_facts_read(attempt->fd, &facts) == 0 && facts.fail == TCP_FASTOPEN_FAIL_NONE;
}

/* Why the winner had to go without data: because of what became of fast open with its address, or
 * with another one. */
static enum tlsfo_reason why_without(const struct tlsfo_conn *conn, size_t winner)
{
	const struct race *race = &conn->contest->race;
	enum tlsfo_reason elsewhere = TLSFO_REASON_NONE;

	if (!went_without(conn, winner) || attempt_at(conn, winner)->remembered)
		return TLSFO_REASON_NONE;
	for (size_t i = 0; i < race->attempt_count; i++) {
		enum tlsfo_reason reason = why_not(race, i, attempt_at(conn, i));

		if (i == winner || reason == TLSFO_REASON_NONE)
			continue;
		if (race->attempts[i].address == race->attempts[winner].address)
			return reason;
		elsewhere = reason;
	}
	return elsewhere;
}

/* Whether the attempt with fast open to the winner's address stood, and was reset then. */
static bool was_reset_later(const struct tlsfo_conn *conn, size_t winner)
{
	const struct race *race = &conn->contest->race;

	for (size_t i = 0; i < race->attempt_count; i++)
		if (race->attempts[i].reset && stood(attempt_at(conn, i)) &&
			race->attempts[i].address == race->attempts[winner].address)
			return true;
	return false;
}

/* For the path memory: fast open failed where the plain winner did not. */
static void note_failure(struct tlsfo_conn *conn, size_t winner)
{
	int64_t silence_us = 0;

	if (race_fast_open_failed(&conn->contest->race, clock_us(), &silence_us))
		paths_note_failure(conn, &attempt_at(conn, winner)->address, silence_us,
			was_reset_later(conn, winner));
}

/* Ends the others as soon as there is a winner. */
static void close_losers(struct tlsfo_conn *conn, size_t winner)
{
	const struct race *race = &conn->contest->race;

	for (size_t i = 0; i < race->attempt_count; i++) {
		struct attempt *attempt = attempt_at(conn, i);

		if (i == winner || attempt->fd < 0)
			continue;
		attempt->lost = true;
		attempt_close(attempt);
	}
}

/* The winner carries the whole flight; then the session runs over it. As opening_advance(). */
static int crown(struct tlsfo_conn *conn, size_t winner)
{
	const struct flight *flight = &conn->transport->held;
	struct contest *contest = conn->contest;
	struct attempt *attempt = attempt_at(conn, winner);

	if (!conn->plain_only)
		conn->fell_back = why_without(conn, winner);
	note_failure(conn, winner);
	close_losers(conn, winner);
	send_flight(conn, winner);
	/* It was the winner, and no other is left. */
	if (attempt->state == ATTEMPT_FAILED)
		return opening_failed(conn);
	if (attempt->flight_sent < flight->len)
		return conn_await(conn, attempt->fd, POLLOUT);
	conn->fd = attempt->fd;
	/* Another may have been connected since, and be silent. */
	if (contest->connected_fd != conn->fd && tcp_facts_read(conn->fd, &contest->facts) != 0)
		contest->facts = (struct tcp_facts){.rtt_us = -1};
	paths_watch(conn, &contest->facts);
	transport_adopt(conn->transport, attempt);
	free(conn->contest);
	conn->contest = NULL;
	return 0;
}

static int await_all(struct tlsfo_conn *conn)
{
	const struct race *race = &conn->contest->race;
	const struct flight *flight = &conn->transport->held;

	for (size_t i = 0; i < race->attempt_count; i++) {
		short events = POLLOUT;

		if (!is_running(race, i))
			continue;
		if (race->attempts[i].state == RACE_UNPROVEN)
			events = attempt_at(conn, i)->flight_sent < flight->len ? POLLIN | POLLOUT
										: POLLIN;
		int ret = conn_await(conn, attempt_at(conn, i)->fd, events);
		if (ret != GNUTLS_E_AGAIN)
			return ret;
	}
	conn_wake_at(conn, race_deadline(race));
	return GNUTLS_E_AGAIN;
}

/* Whose grace is over, and for whom other connections do not speak, gets a plain one beside it. */
static void be_patient(struct tlsfo_conn *conn, int64_t now_us)
{
	struct race *race = &conn->contest->race;

	for (size_t i = 0; i < race->attempt_count; i++) {
		const struct race_attempt *its = &race->attempts[i];
		const struct attempt *attempt = attempt_at(conn, i);

		if (its->state == RACE_UNPROVEN && its->due_us <= now_us &&
			!race->addresses[its->address].tried_plain)
			race_be_patient(race, i,
				patience_until(&conn->config->patience, &attempt->address,
					attempt->connected_us, now_us));
	}
}

int opening_advance(struct tlsfo_conn *conn, int64_t now_us)
{
	struct contest *contest = conn->contest;
	size_t next;
	int ret = 0;

	look(conn, now_us);
	if (conn->resolve == NULL)
		race_addresses_end(&contest->race);
	be_patient(conn, now_us);
	while (ret == 0 && race_next(&contest->race, now_us, &next))
		ret = start(conn, next, now_us);
	/* The flight is under way, and there is time. With a ticket it will hardly be needed. */
	if (ret == 0 && contest->race.attempt_count > 0 && !contest->trust_loaded) {
		contest->trust_loaded = true;
		ret = conn->ticket_offered ? 0 : conn_load_trust(conn);
	}
	if (ret != 0)
		return ret;
	if (race_winner(&contest->race) >= 0)
		return crown(conn, (size_t)race_winner(&contest->race));
	if (race_lost(&contest->race))
		return opening_failed(conn);
	return await_all(conn);
}
