/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "race/verdict.h"

/* The time between two looks for an acknowledgement. */
#define PROOF_LOOK_US 20000

/* True when a new connection may take the place of this one on a path that swallows. */
static bool is_replaceable(const struct tlsfo_conn *conn)
{
	return conn->reconnected == TLSFO_RECONNECT_NONE &&
	       (conn->stage <= CONN_HANDSHAKING ||
		       (conn->stage < CONN_OPEN && conn->first.replayable));
}

static void enter(struct tlsfo_conn *conn, enum conn_stage stage)
{
	conn->stage = stage;
	conn->io.watch.most = is_replaceable(conn) ? WATCH_SHORTLY : WATCH_PATIENTLY;
}

/* Makes a new session and its flight, and begins a race with it. */
static int begin_race(struct tlsfo_conn *conn, uint16_t group)
{
	const struct handshake_means means = {
		.config = conn->config,
		.host = conn->target.host,
		.name = conn->target.name,
		.tickets = &conn->tickets,
		.first = &conn->first,
		.waits = &conn->waits,
		.failure = &conn->failure,
		.begun_us = conn->begun_us,
		.deadline = conn->deadline,
	};
	bool fast_open = conn->config->fast_open != TLSFO_USE_FAST_OPEN_NEVER &&
			 conn->reconnected != TLSFO_RECONNECT_PATH_SWALLOWS &&
			 conn->opening.means.socket < 0;

	enter(conn, CONN_OPENING);
	int ret = handshake_init(&conn->handshake, &means, group);
	if (ret != 0)
		return conn_fail_tls(conn, ret);
	return opening_race(
		&conn->opening, &conn->handshake.transport->held, fast_open, conn->first.early > 0);
}

/* Takes a ticket, unless the configuration only collects them or the connection is made a second time. */
static int begin_tickets(struct tlsfo_conn *conn)
{
	bool takes = conn->reconnected == TLSFO_RECONNECT_NONE &&
		     conn->config->ticket_use != TLSFO_TICKETS_COLLECT;
	struct tlsfo_store *store = conn->config->store;

	return tickets_init(&conn->tickets, store, &conn->target.peer, takes)
		       ? 0
		       : failure_memory(&conn->failure);
}

/* The port is known now, so the peer's ticket and path memory can be looked up. */
static int recall(struct tlsfo_conn *conn)
{
	const struct tlsfo_config *config = conn->config;
	uint16_t port = address_port(&conn->opening.candidates.list[0].address);
	/* Without fast open the path memory serves early data alone, which does not go over a given socket. */
	bool asks = config->store != NULL && !conn->first.own_socket &&
		    (config->fast_open != TLSFO_USE_FAST_OPEN_NEVER || conn->first.replayable);

	if (!target_identify(&conn->target, port))
		return failure_memory(&conn->failure);
	knowledge_init(&conn->knowledge, asks ? store_paths(config->store) : NULL,
		conn->target.peer.host, port, &config->local, config->fast_open);
	conn->first.path_paused = conn->knowledge.early_paused;
	return begin_tickets(conn);
}

static int step_resolving(struct tlsfo_conn *conn, int64_t now_us)
{
	int ret = target_look_up(&conn->target, &conn->opening, now_us);
	const struct resolve *resolve = conn->target.resolve;

	if (ret != 0)
		return ret;
	if (conn->opening.candidates.count == 0 ||
		(conn->primes && resolve != NULL && !answers_settled(&resolve->answers, now_us)))
		return GNUTLS_E_AGAIN;
	conn->resolved_us = now_us - conn->begun_us;
	if (conn->primes) {
		/* A name server that is silent about one family must not keep the other. */
		target_stop(&conn->target);
		enter(conn, CONN_PRIMING);
		return 0;
	}
	ret = recall(conn);
	if (ret != 0)
		return ret;
	return begin_race(conn, conn->tickets.taken != NULL ? conn->tickets.taken->group : 0);
}

static int step_opening(struct tlsfo_conn *conn, int64_t now_us)
{
	struct attempt *attempt = NULL;
	struct handshake *handshake = &conn->handshake;
	int ret = target_look_up(&conn->target, &conn->opening, now_us);

	if (ret != 0)
		return ret;
	opening_add(&conn->opening, conn->target.resolve == NULL);
	ret = opening_advance(&conn->opening, now_us, &attempt);
	/* The flight is under way, so loading the trust store delays nothing now. */
	if (ret == GNUTLS_E_AGAIN) {
		int prepared = handshake_prepare(handshake);

		return prepared != 0 ? prepared : ret;
	}
	if (ret != 0)
		return ret;
	target_stop(&conn->target);
	io_init(&conn->io, handshake->transport, &conn->tickets, attempt,
		conn->config->socket_hook != NULL, &conn->cancel);
	handshake_adopt(handshake, attempt, &conn->io.watch);
	if (attempt->answered_us >= 0)
		knowledge_tell_time(&conn->knowledge, attempt, attempt->answered_us);
	enter(conn, CONN_HANDSHAKING);
	return 0;
}

static int step_handshaking(struct tlsfo_conn *conn, int64_t now_us)
{
	bool answered = conn_attempt(conn)->answered_us >= 0;
	int ret = handshake_advance(&conn->handshake, now_us);

	if (!answered && conn_attempt(conn)->answered_us >= 0)
		knowledge_tell_time(
			&conn->knowledge, conn_attempt(conn), conn_attempt(conn)->answered_us);
	if (ret != 0)
		return ret == GNUTLS_E_AGAIN ? ret : conn_fail_tls(conn, ret);
	if (!first_data_check(&conn->first, conn->handshake.session, conn->tickets.taken)) {
		conn->handshake.over_us = 0;
		return failure_set(&conn->failure, GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER, 0,
			"%s: the server took early data and chose another protocol",
			conn->target.name);
	}
	enter(conn, CONN_SENDING);
	return 0;
}

/*
 * First data that may be sent again waits until some of it is acknowledged: no time is lost by that, because no
 * answer could come earlier. An acknowledgement makes nothing readable, so it is looked for in the time
 * that it takes. What can be read may have been sent before the data came, and is left to the program.
 */
static int step_proving(struct tlsfo_conn *conn, int64_t now_us)
{
	const struct first_data *first = &conn->first;
	bool again =
		first->len > 0 && first->replayable && first->fate != TLSFO_EARLY_DATA_ACCEPTED;
	int fd = conn_attempt(conn)->fd;
	/* The connection has ended, and reading will tell why. */
	bool ended = (waits_found(&conn->waits, fd) & (POLLERR | POLLHUP)) != 0;

	if (again && io_was_swallowed(&conn->io))
		return conn_fail_swallowed(conn);
	if (again)
		watch_look(&conn->io.watch, fd, NULL);
	if (again && conn->io.watch.open && !ended) {
		waits_wake_at(&conn->waits, now_us + PROOF_LOOK_US);
		return waits_add(&conn->waits, fd, 0) ? GNUTLS_E_AGAIN
						      : failure_memory(&conn->failure);
	}
	enter(conn, CONN_OPEN);
	return 0;
}

static int step(struct tlsfo_conn *conn, int64_t now_us)
{
	int ret;

	switch (conn->stage) {
	case CONN_RESOLVING:
		return step_resolving(conn, now_us);
	case CONN_PRIMING:
		ret = opening_prime(&conn->opening, deadline_passed(conn->deadline, now_us));
		if (ret == 0)
			enter(conn, CONN_PRIMED);
		return ret;
	case CONN_OPENING:
		return step_opening(conn, now_us);
	case CONN_HANDSHAKING:
		return step_handshaking(conn, now_us);
	case CONN_SENDING:
		ret = first_data_send(&conn->first, &conn->io, &conn->waits);
		if (ret == 0)
			enter(conn, CONN_PROVING);
		return ret == 0 || ret == GNUTLS_E_AGAIN ? ret : conn_fail_tls(conn, ret);
	case CONN_PROVING:
		return step_proving(conn, now_us);
	default:
		return 0;
	}
}

/*
 * Begins one new connection when that may help after the failure @code: without the ticket and without early data, and
 * plainly where the path swallows. True: the new connection is under way. False: @code is the failure to end with.
 */
static bool connect_again(struct tlsfo_conn *conn, int *code)
{
	struct attempt *attempt = conn->io.transport != NULL ? conn_attempt(conn) : NULL;
	const struct failure_facts facts = {
		.code = *code,
		.reconnected = conn->reconnected,
		.early_data = conn->first.fate,
		.late = deadline_passed(conn->deadline, clock_us()),
		.replaceable = is_replaceable(conn),
		.hello_swallowed = !conn->io.watch.open,
		.attempts = conn->opening.attempts,
		.attempt_count = conn->opening.attempt_count,
	};
	enum tlsfo_reconnect reason = verdict_on_failure(&facts);

	if (reason == TLSFO_RECONNECT_NONE || conn->handshake.transport == NULL ||
		conn->handshake.refused || conn->first.own_socket)
		return false;
	/* The group that a HelloRetryRequest named is the best, then the one that was offered first. */
	uint16_t group = conn->handshake.transport->retry_group;
	if (group == 0)
		group = conn->handshake.group;
	io_deinit(&conn->io);
	handshake_deinit(&conn->handshake);
	if (attempt != NULL) {
		attempt_close(attempt);
		/* The report lists it as failed. Its error is 0 where we gave the connection up ourselves. */
		attempt->state = ATTEMPT_FAILED;
		attempt->error = conn->failure.system_error;
	}
	opening_stop(&conn->opening);
	target_stop(&conn->target);
	waits_deinit(&conn->waits);
	failure_deinit(&conn->failure);
	tickets_drop(&conn->tickets, false);
	conn->reconnected = reason;
	conn->first.again = true;
	*code = begin_tickets(conn);
	if (*code == 0)
		*code = begin_race(conn, group);
	return *code == 0;
}

/* Returns what the program is told of a connection whose opening is over. */
static int outcome(const struct tlsfo_conn *conn)
{
	if (conn->stage == CONN_FAILED)
		return conn->failure.code;
	return conn->first.fate == TLSFO_EARLY_DATA_UNSENT ? TLSFO_FIRST_DATA_UNSENT : 0;
}

/* Ends the opening, whether it went well or not. */
static int finish(struct tlsfo_conn *conn, int code)
{
	if (code != 0)
		enter(conn, CONN_FAILED);
	conn_end_opening(conn);
	return outcome(conn);
}

/* The deadline has passed. */
static int fail_late(struct tlsfo_conn *conn)
{
	const char *what = "the first data was not sent";

	if (conn->deadline != TLSFO_NOW && deadline_passed(conn->deadline, conn->begun_us))
		failure_set(&conn->failure, GNUTLS_E_TIMEDOUT, 0,
			"%s: the deadline had passed before anything was done", conn->target.host);
	if (conn->stage == CONN_OPENING)
		return opening_expire(&conn->opening);
	if (conn->stage == CONN_RESOLVING)
		what = "the name was not resolved";
	if (conn->stage == CONN_HANDSHAKING)
		what = "the TLS handshake was not over";
	return failure_set(&conn->failure, GNUTLS_E_TIMEDOUT, 0, "%s: %s before the deadline",
		conn->target.host, what);
}

int tlsfo_conn_advance(struct tlsfo_conn *conn)
{
	if (conn == NULL || conn->stage == CONN_SETTING)
		return TLSFO_E_INVALID_ARGUMENT;
	if (conn->stage >= CONN_OPEN)
		return outcome(conn);
	conn->advanced = true;
	if (cancel_told(&conn->cancel))
		return finish(conn, conn_fail_cancelled(conn));
	struct waits *waits = &conn->waits;
	int64_t now_us;
	if (waits_look(waits, conn->deadline, &now_us) != 0)
		return finish(conn, conn_fail_poll(conn));
	bool late = deadline_passed(conn->deadline, now_us);
	while (conn->stage < CONN_OPEN) {
		/* The stage before may have closed the descriptors that it waited for. */
		waits_restart(waits);
		int ret = step(conn, now_us);

		if (ret == GNUTLS_E_AGAIN && late)
			return finish(conn, fail_late(conn));
		if (ret == GNUTLS_E_AGAIN && waits_publish(waits) == 0)
			return ret;
		if (ret == GNUTLS_E_AGAIN)
			return finish(conn, failure_set(&conn->failure, TLSFO_E_SYSTEM, errno,
						    "epoll: %s", strerror(errno)));
		if (ret != 0 && !connect_again(conn, &ret))
			return finish(conn, ret);
	}
	return finish(conn, 0);
}

int64_t tlsfo_conn_deadline(const struct tlsfo_conn *conn)
{
	if (conn != NULL && conn->io.finish_us > 0)
		return deadline_of_us(conn->io.finish_us);
	if (conn == NULL || conn->stage >= CONN_OPEN)
		return TLSFO_NEVER;
	if (!conn->advanced)
		return TLSFO_NOW;
	return deadline_earlier(conn->deadline, deadline_of_us(conn->waits.wake_us));
}

int tlsfo_conn_begin(struct tlsfo_conn *conn, int64_t deadline)
{
	if (conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	if (conn->stage != CONN_SETTING)
		return TLSFO_E_IN_USE;
	conn->deadline = deadline;
	conn->begun_us = clock_us();
	conn->begun_by = forked_generation(&conn->config->process);
	enter(conn, CONN_RESOLVING);
	/* A setter has failed. */
	return conn->failure.code != 0 ? finish(conn, conn->failure.code) : 0;
}

int tlsfo_conn_open(struct tlsfo_conn *conn, int64_t deadline)
{
	int ret = tlsfo_conn_begin(conn, deadline);

	if (ret != 0)
		return ret;
	conn->waits.unshared = true;
	while ((ret = tlsfo_conn_advance(conn)) == GNUTLS_E_AGAIN) {
		int timeout = deadline_poll(tlsfo_conn_deadline(conn), clock_us());
		int alarm = cancel_fd(&conn->cancel, &timeout);

		if (waits_poll(&conn->waits, timeout, alarm) != 0)
			return finish(conn, conn_fail_poll(conn));
	}
	return ret;
}
