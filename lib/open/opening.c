/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/opening.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/stream.h"
#include "net/tcp_facts.h"

void opening_deinit(struct opening *opening)
{
	opening_stop(opening);
	/* No report will be asked for, so the kernel need not tell of the sockets: attempt_close() would ask it. */
	for (size_t i = 0; i < opening->attempt_count; i++)
		if (opening->attempts[i].fd >= 0)
			close(opening->attempts[i].fd);
	if (opening->means.socket >= 0)
		close(opening->means.socket);
	free(opening->attempts);
	free(opening->candidates.list);
	*opening = (struct opening){.means.socket = -1};
}

int opening_race(
	struct opening *opening, const struct flight *flight, bool fast_open, bool early_data)
{
	opening->race = malloc(sizeof(*opening->race));
	if (opening->race == NULL)
		return failure_memory(opening->means.failure);
	race_init(opening->race, fast_open, opening->means.knowledge->host_rtt_us);
	opening->first = opening->attempt_count;
	opening->flight = flight;
	opening->early_data = early_data;
	opening->judged = false;
	opening->verdict = (struct race_verdict){0};
	return 0;
}

static struct attempt *attempt_at(const struct opening *opening, size_t i)
{
	return &opening->attempts[opening->first + i];
}

void opening_add(struct opening *opening, bool end)
{
	size_t untried = 0;

	/* No attempt of any race was made to the candidate @untried or to one behind it. */
	for (size_t i = 0; i < opening->attempt_count; i++)
		if (opening->attempts[i].candidate >= untried)
			untried = opening->attempts[i].candidate + 1U;
	knowledge_order(opening->means.knowledge, &opening->candidates, untried);
	race_set_addresses(opening->race, opening->candidates.count, !end);
}

void opening_stop(struct opening *opening)
{
	if (opening->race == NULL)
		return;
	/* These are the attempts that exist: the race may have planned one for which there was no memory. */
	for (size_t i = opening->first; i < opening->attempt_count; i++)
		attempt_close(&opening->attempts[i]);
	free(opening->race);
	opening->race = NULL;
}

/* -------------------------------------------------------------------------------- attempts -- */

static void end_attempt(struct attempt *attempt, int error)
{
	attempt_failed(attempt, error);
	attempt_close(attempt);
}

/* Makes an attempt with its socket, bound if need be, at the end of the list. Where there is no socket the attempt has
 * failed and has the errno. NULL: no memory, and the failure says so. */
static struct attempt *add_attempt(struct opening *opening, size_t candidate, bool plain)
{
	const struct opening_means *means = &opening->means;
	const struct address *to = &opening->candidates.list[candidate].address;
	int family = address_family(to);
	struct attempt *attempts =
		reallocarray(opening->attempts, opening->attempt_count + 1, sizeof(*attempts));

	if (attempts == NULL) {
		failure_memory(opening->means.failure);
		return NULL;
	}
	opening->attempts = attempts;
	struct attempt *attempt = &attempts[opening->attempt_count++];
	int fd = means->socket >= 0 ? means->socket : stream_socket(family, true);
	int error = fd < 0 ? errno : 0;
	attempt_init(attempt, fd, to, plain);
	attempt->candidate = (unsigned char)candidate;
	if (means->socket >= 0) {
		opening->means.socket = -1;
		stream_peer_address(fd, &attempt->address);
		attempt_connected(attempt, clock_us());
		return attempt;
	}
	if (error == 0 && means->hook != NULL)
		error = means->hook(fd, family, means->hook_data);
	/* Without TCP_NODELAY the small records of a handshake wait for each other's acknowledgement. */
	if (error == 0 && stream_set_nodelay(fd) != 0)
		error = errno;
	if (error == 0 && address_family(means->local) != 0 && stream_bind(fd, means->local) != 0)
		error = errno;
	if (error != 0)
		end_attempt(attempt, error);
	return attempt;
}

/* Adds what became of the address of the attempt @first, unless an earlier one went there too: each error once, with its
 * mode. */
static void tell_address(const struct opening *opening, size_t first, struct text *text)
{
	const struct attempt *attempts = opening->attempts;
	const struct address *local = opening->means.local;
	char peer[ADDRESS_TEXT_SIZE];
	int told[2] = {0};

	for (size_t i = 0; i < opening->attempt_count; i++) {
		const struct attempt *attempt = &attempts[i];
		bool plain = attempt->plain || attempt->absence != FASTOPEN_TRIED;

		/* An attempt has no error when it lost against another one, which then failed itself. */
		if (attempt->candidate != attempts[first].candidate || attempt->error == 0 ||
			attempt->error == told[plain])
			continue;
		if (i < first)
			return;
		if (told[0] == 0 && told[1] == 0) {
			address_print(&attempt->address, peer, sizeof(peer));
			text_add(text, "%s", text->len > 0 ? "; " : "");
			if (peer[0] != '\0')
				text_add(text, "%s port %u", peer, address_port(&attempt->address));
			else
				text_add(text, "the socket that was given");
			if (address_family(local) != 0) {
				address_print(local, peer, sizeof(peer));
				text_add(text, " from %s", peer);
			}
		}
		text_add(text, "%s %s (%s)", told[0] + told[1] == 0 ? ":" : ",",
			strerror(attempt->error), plain ? "plain" : "fast open");
		told[plain] = attempt->error;
	}
}

/* No address could be connected to: the failure, with every attempt's error. */
static int fail(const struct opening *opening, int code)
{
	char list[FAILURE_TEXT_SIZE] = "";
	struct text text;
	int error = 0;

	text_init(&text, list, sizeof(list));
	for (size_t i = 0; i < opening->attempt_count; i++) {
		tell_address(opening, i, &text);
		error = error != 0 ? error : opening->attempts[i].error;
	}
	return failure_set(opening->means.failure, code, error, "%s%s",
		code == GNUTLS_E_TIMEDOUT ? "not connected before the deadline: " : "", list);
}

int opening_expire(struct opening *opening)
{
	for (size_t i = 0; i < opening->attempt_count; i++)
		if (opening->attempts[i].fd >= 0)
			attempt_failed(&opening->attempts[i], ETIMEDOUT);
	return fail(opening, GNUTLS_E_TIMEDOUT);
}

/*
 * How a reset ended the attempt, if data in its SYN may be the reason. connect(2) says ECONNREFUSED for a reset in
 * place of a SYN-ACK, and ECONNRESET means that the attempt was connected before. A server may have reset it then because
 * of the early data, and would do so again with the same flight; only a new session can make another one.
 */
static enum race_reset reset_of(const struct opening *opening, const struct attempt *attempt)
{
	if (!attempt->asked || attempt->syn_bytes == 0)
		return RACE_NO_RESET;
	if (attempt->error == ECONNREFUSED)
		return RACE_RESET_SYN;
	return attempt->error == ECONNRESET && !opening->early_data ? RACE_RESET_LATER
								    : RACE_NO_RESET;
}

/* An attempt failed, and its record has the errno. */
static void drop(struct opening *opening, size_t i)
{
	struct attempt *attempt = attempt_at(opening, i);

	attempt_close(attempt);
	race_failed(opening->race, i, reset_of(opening, attempt));
}

/* Sends what the socket takes of the flight. */
static void send_flight(struct opening *opening, size_t i)
{
	struct attempt *attempt = attempt_at(opening, i);
	uint32_t *sent = &attempt->flight_sent;

	while (*sent < opening->flight->len) {
		const struct iovec rest = {
			opening->flight->data + *sent, opening->flight->len - *sent};
		ssize_t n = attempt_send(attempt, &rest, 1, false);

		/* A signal ends the turn too, so that the deadline is looked at before the next try. */
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				drop(opening, i);
			return;
		}
		*sent += (uint32_t)n;
	}
}

static void connected(struct opening *opening, size_t i, int64_t now_us)
{
	struct race *race = opening->race;
	struct attempt *attempt = attempt_at(opening, i);
	struct tcp_facts *facts = &attempt->facts;

	attempt_connected(attempt, now_us);
	if (tcp_facts_read(attempt->fd, facts) != 0)
		*facts = (struct tcp_facts){.rtt_us = -1};
	race_connected(race, i, now_us, facts->syn_data_acknowledged,
		path_grace(facts->rtt_us, opening->means.knowledge->think_us));
	/* The server answers when it has the whole flight. */
	if (race->attempts[i].state == RACE_UNPROVEN)
		send_flight(opening, i);
}

/* Connects, with the flight or without. Returns 0 or GNUTLS_E_MEMORY_ERROR. */
static int start(struct opening *opening, size_t i, int64_t now_us)
{
	struct race *race = opening->race;
	const struct race_attempt *plan = &race->attempts[i];

	if (plan->mode != RACE_PLAIN && !knowledge_allows(opening->means.knowledge,
						&opening->candidates.list[plan->address]))
		race_make_plain(race, i, false);
	struct attempt *attempt = add_attempt(opening, plan->address, plan->mode == RACE_PLAIN);
	if (attempt == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	attempt->remembered = plan->remembered;
	if (attempt->state == ATTEMPT_FAILED) {
		race_failed(race, i, RACE_NO_RESET);
		return 0;
	}
	if (plan->mode == RACE_DATA)
		send_flight(opening, i);
	else if (attempt->state == ATTEMPT_IDLE && attempt_send(attempt, NULL, 0, false) < 0 &&
		 errno != EAGAIN && errno != EINTR)
		drop(opening, i);
	race_started(race, i, clock_us());
	if (attempt->absence != FASTOPEN_TRIED)
		race_make_plain(race, i, true);
	if (attempt->state == ATTEMPT_CONNECTED)
		connected(opening, i, now_us);
	return 0;
}

/* Tells the race what the last poll found. */
static void look(struct opening *opening, int64_t now_us)
{
	struct race *race = opening->race;

	for (size_t i = 0; i < race->attempt_count && race->winner < 0; i++) {
		struct attempt *attempt = attempt_at(opening, i);
		enum race_state state = (enum race_state)race->attempts[i].state;
		short found = race_is_running(&race->attempts[i])
				      ? waits_found(opening->means.waits, attempt->fd)
				      : 0;
		int error = (found & (POLLERR | POLLHUP)) != 0 ? stream_error(attempt->fd) : 0;

		if (error != 0) {
			attempt_failed(attempt, error);
			drop(opening, i);
			continue;
		}
		if (state == RACE_CONNECTING && (found & POLLOUT) != 0)
			connected(opening, i, now_us);
		else if (state == RACE_UNPROVEN && (found & POLLOUT) != 0)
			send_flight(opening, i);
		if (race->attempts[i].state == RACE_UNPROVEN && (found & (POLLIN | POLLHUP)) != 0) {
			race_answered(race, i);
			attempt_look_for_answer(attempt);
		}
	}
}

/*
 * An attempt whose grace time is over gets more when other connections have learned meanwhile that the server takes
 * longer: of many that wait for a busy server those that are answered speak for the others. Otherwise a plain
 * attempt starts beside it, and this connection tells the others, which wait for what comes of that.
 */
static void ask_again(struct opening *opening, int64_t now_us)
{
	struct knowledge *knowledge = opening->means.knowledge;
	struct race *race = opening->race;

	for (size_t i = 0; i < race->attempt_count; i++) {
		struct race_attempt *its = &race->attempts[i];
		const struct attempt *attempt = attempt_at(opening, i);

		if (its->state != RACE_UNPROVEN || its->due_us > now_us ||
			race->addresses[its->address].tried_plain)
			continue;
		knowledge_ask_again(knowledge);
		int64_t until_us = attempt->connected_us +
				   path_grace(attempt->facts.rtt_us, knowledge->think_us);
		its->due_us = until_us;
		if (until_us <= now_us)
			knowledge_tell_time(knowledge, attempt, now_us);
	}
}

/* True when the winner's SYN could have carried data and was sent without. */
static bool went_without(const struct opening *opening, size_t winner)
{
	const struct attempt *attempt = attempt_at(opening, winner);

	if (attempt->plain || opening->race->attempts[winner].mode != RACE_COOKIE)
		return attempt->plain;
	return attempt->facts.was_connected && attempt->facts.fail == TCP_FASTOPEN_FAIL_NONE;
}

/* The winner carries the whole flight, and the others end. As opening_advance(). */
static int finish(struct opening *opening, size_t winner, struct attempt **ret_winner)
{
	struct attempt *attempt = attempt_at(opening, winner);

	/* Once: the flight may take a while to leave, and silence after the victory tells nothing. */
	if (!opening->judged)
		opening->verdict =
			verdict_on_race(opening->race, clock_us(), went_without(opening, winner));
	opening->judged = true;
	for (size_t i = opening->first; i < opening->attempt_count; i++) {
		struct attempt *other = &opening->attempts[i];

		if (other == attempt || other->fd < 0)
			continue;
		other->lost = true;
		attempt_close(other);
	}
	send_flight(opening, winner);
	/* The others are closed, so no attempt is left. */
	if (attempt->state == ATTEMPT_FAILED)
		return fail(opening, TLSFO_E_NOT_CONNECTED);
	if (attempt->flight_sent == opening->flight->len) {
		*ret_winner = attempt;
		free(opening->race);
		opening->race = NULL;
		return 0;
	}
	if (waits_add(opening->means.waits, attempt->fd, POLLOUT))
		return GNUTLS_E_AGAIN;
	return failure_memory(opening->means.failure);
}

static int await_all(struct opening *opening)
{
	const struct race *race = opening->race;

	for (size_t i = 0; i < race->attempt_count; i++) {
		const struct attempt *attempt = attempt_at(opening, i);
		short events = POLLOUT;

		if (!race_is_running(&race->attempts[i]))
			continue;
		if (race->attempts[i].state == RACE_UNPROVEN)
			events = attempt->flight_sent < opening->flight->len ? POLLIN | POLLOUT
									     : POLLIN;
		if (!waits_add(opening->means.waits, attempt->fd, events))
			return failure_memory(opening->means.failure);
	}
	waits_wake_at(opening->means.waits, race_deadline(race));
	return GNUTLS_E_AGAIN;
}

int opening_advance(struct opening *opening, int64_t now_us, struct attempt **ret_winner)
{
	struct race *race = opening->race;
	size_t next;
	int ret = 0;

	look(opening, now_us);
	ask_again(opening, now_us);
	while (ret == 0 && race_next(race, now_us, &next))
		ret = start(opening, next, now_us);
	if (ret != 0)
		return ret;
	if (race->winner >= 0)
		return finish(opening, (size_t)race->winner, ret_winner);
	if (race_lost(race))
		return fail(opening, TLSFO_E_NOT_CONNECTED);
	return await_all(opening);
}

/* True while what becomes of an attempt is still to be waited for. */
static bool is_awaited(struct waits *waits, struct attempt *attempt, short found)
{
	if (attempt->state != ATTEMPT_CONNECTING)
		return false;
	int error = found != 0 ? stream_error(attempt->fd) : EAGAIN;
	/* Without memory to wait for it the attempt counts as failed. */
	if (error == EAGAIN)
		return waits_add(waits, attempt->fd, POLLOUT);
	if (error == 0)
		attempt_connected(attempt, clock_us());
	else
		end_attempt(attempt, error);
	return false;
}

int opening_prime(struct opening *opening, bool late)
{
	bool waiting = false;
	bool connected = false;
	bool begins = opening->attempt_count == 0;

	for (size_t i = 0; begins && i < opening->candidates.count; i++) {
		struct attempt *attempt = add_attempt(opening, i, false);

		if (attempt == NULL)
			return GNUTLS_E_MEMORY_ERROR;
		if (attempt->state == ATTEMPT_IDLE && attempt_send(attempt, NULL, 0, false) < 0 &&
			errno != EAGAIN && errno != EINTR)
			attempt_close(attempt);
	}
	for (size_t i = 0; i < opening->attempt_count; i++) {
		struct attempt *attempt = &opening->attempts[i];
		/* A new socket may have the number of a descriptor that the names came over, and what was
		 * found of that says nothing of it. */
		short found = begins ? 0 : waits_found(opening->means.waits, attempt->fd);

		waiting = is_awaited(opening->means.waits, attempt, found) || waiting;
	}
	if (waiting && !late)
		return GNUTLS_E_AGAIN;
	for (size_t i = 0; i < opening->attempt_count; i++) {
		struct attempt *attempt = &opening->attempts[i];

		if (attempt->state != ATTEMPT_CONNECTED) {
			end_attempt(attempt, ETIMEDOUT);
			continue;
		}
		connected = true;
		attempt->cookie_known = tcp_cookie_known(attempt->fd, &attempt->address);
		attempt_close(attempt);
	}
	if (connected)
		return 0;
	return fail(opening, late ? GNUTLS_E_TIMEDOUT : TLSFO_E_NOT_CONNECTED);
}

/* The attempt that a report of the last race describes before the session has one: an open one, and one with fast
 * open, before others, and the last of these. NULL: there is none. */
static struct attempt *described(const struct opening *opening)
{
	struct attempt *found = NULL;

	for (size_t i = opening->first; i < opening->attempt_count; i++) {
		struct attempt *attempt = &opening->attempts[i];
		int better = found == NULL ? 1 : (attempt->fd >= 0) - (found->fd >= 0);

		if (attempt->fd < 0 && !attempt->facts_kept)
			continue;
		if (better > 0 || (better == 0 && (attempt->asked || !found->asked)))
			found = attempt;
	}
	return found;
}

/* ---------------------------------------------------------------------------------- report -- */

/* Without a session: priming asks for cookies and closes. What became of fast open is not known
 * then, and that a system cannot do it is. */
static void report_primed(struct tlsfo_report *report, const struct opening *opening)
{
	for (size_t i = 0; i < opening->attempt_count; i++) {
		const struct attempt *attempt = &opening->attempts[i];

		if (attempt->state == ATTEMPT_CONNECTED)
			report->connected = 1;
		if (!attempt->sent)
			continue;
		report->fast_open =
			attempt->asked ? TLSFO_FAST_OPEN_UNKNOWN : TLSFO_FAST_OPEN_UNAVAILABLE;
		report->reason = TLSFO_REASON_NONE;
		if (attempt->absence == FASTOPEN_DISABLED)
			report->reason = TLSFO_REASON_DISABLED_HERE;
		if (attempt->absence == FASTOPEN_NOT_SUPPORTED)
			report->reason = TLSFO_REASON_NOT_SUPPORTED;
	}
}

bool opening_report(const struct opening *opening, struct tlsfo_transport *transport,
	const struct attempt *adopted, int64_t begun_us, struct tlsfo_report *report)
{
	struct attempt *shown = adopted == NULL ? described(opening) : NULL;
	bool left = false;

	if (transport == NULL) {
		report_primed(report, opening);
	} else if (shown == NULL) {
		report_transport(transport, report);
	} else {
		/* No attempt is the session's yet, so the report is of the one that tells most. */
		struct tlsfo_transport copy = *transport;

		copy.attempt = shown;
		copy.socket_cookie = shown->fd >= 0 ? stream_cookie(shown->fd) : 0;
		report_transport(&copy, report);
	}
	report->engine = TLSFO_ENGINE_SOCKET;
	report->attempt_count = opening->attempt_count;
	for (size_t i = 0; i < opening->attempt_count; i++) {
		const struct attempt *attempt = &opening->attempts[i];

		left = left || attempt->flight_sent > 0;
		if (i >= TLSFO_ATTEMPTS_MAX)
			continue;
		attempt_to_report(attempt, begun_us, &report->attempts[i]);
		/* The attempt is connected, and another one may still win. */
		if (attempt != adopted && attempt->fd >= 0 && attempt->state == ATTEMPT_CONNECTED)
			report->attempts[i].result = TLSFO_ATTEMPT_PENDING;
	}
	if (adopted != NULL && adopted->answered_us >= 0)
		report->first_byte_us = adopted->answered_us - begun_us;
	if (opening->verdict.fell_back != TLSFO_REASON_NONE) {
		report->fast_open = TLSFO_FAST_OPEN_FELL_BACK;
		report->reason = opening->verdict.fell_back;
	}
	return left;
}
