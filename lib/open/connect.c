/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * connect(2) for a session of the program's own. The session's transport uses one of the attempts and tells of all of
 * them until gnutls_deinit(), and the program keeps its handle for a longer or a shorter time. So the opening belongs
 * to both, and goes with the last of them.
 */

#include <tlsfo/opening.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/stream.h"
#include "net/watch.h"
#include "open/opening.h"
#include "store/store.h"
#include "tls/transport.h"

enum stage {
	STAGE_SETTING = 0, /* nothing was sent */
	STAGE_RACING,
	STAGE_CONNECTED,
	STAGE_FAILED
};

struct tlsfo_opening {
	struct transport_opener opener;	   /* comes first: the transport knows the opening by it */
	struct tlsfo_transport *transport; /* the session's; NULL: that has ended */
	bool has_handle;		   /* the program has not given the opening back */
	bool blocks;			   /* the program wants a blocking socket */
	enum stage stage;
	enum tlsfo_fast_open_mode mode;
	int64_t deadline;
	pid_t begun_by; /* in a forked child the parent tells the path memory */
	struct tlsfo_store *store;
	char *host; /* as the store's records name it */
	struct knowledge knowledge;
	struct waits waits;
	struct failure failure;
	struct opening attempts;
	struct attempt *winner; /* it delivered the flight; NULL: none has */
};

static const struct address any_address;

/* ----------------------------------------------------------------------------------- its end -- */

static void release(struct tlsfo_opening *opening)
{
	if (opening->has_handle || opening->transport != NULL)
		return;
	opening_deinit(&opening->attempts);
	waits_deinit(&opening->waits);
	failure_deinit(&opening->failure);
	tlsfo_store_free(opening->store);
	free(opening->host);
	free(opening);
}

/*
 * Tells the path memory what became of fast open when the program gets the socket, and at the @end whether what followed
 * the SYN has arrived. By then the program may have closed the socket, and have another one by that number.
 */
static void settle(struct tlsfo_opening *opening, bool end)
{
	struct knowledge *knowledge = &opening->knowledge;
	const struct attempt *won = opening->winner;
	struct path_facts facts = {.ready = true, .won = won};
	struct candidate *list = opening->attempts.candidates.list;

	if (knowledge->store == NULL || opening->begun_by != getpid())
		return;
	bool known = won != NULL && opening->stage == STAGE_CONNECTED &&
		     stream_cookie(won->fd) == opening->transport->socket_cookie &&
		     tcp_facts_read(won->fd, &facts.tcp) == 0;
	if (known && !end) {
		struct path_verdict verdict = verdict_on_path(&opening->attempts.verdict, &facts);

		if (won->answered_us >= 0)
			knowledge_tell_time(knowledge, won, won->answered_us);
		knowledge_tell(knowledge, &list[won->candidate], &verdict, facts.tcp.rtt_us, true);
	} else if (known) {
		int error = transport_system_error(opening->transport);

		if (error == 0 && facts.tcp.phase == TCP_PHASE_CLOSED)
			error = stream_error(won->fd);
		if (watch_found_swallowed(&facts.tcp, error))
			knowledge_tell_failed(knowledge, &list[won->candidate]);
		else if (facts.tcp.follow_up_acknowledged)
			knowledge_tell_carried(knowledge);
	}
	/* A success that is still to be confirmed waits until the end. */
	if (end || knowledge->owed == NULL)
		knowledge_end_probes(knowledge, &opening->attempts.candidates);
}

/* Connecting is over: @code is 0 or the failure. Returns it. */
static int finish(struct tlsfo_opening *opening, int code)
{
	opening->stage = code == 0 ? STAGE_CONNECTED : STAGE_FAILED;
	opening->transport->error = code;
	opening_stop(&opening->attempts);
	waits_deinit(&opening->waits);
	if (code == 0)
		transport_adopt(opening->transport, opening->winner, true);
	else if (opening->winner != NULL)
		attempt_close(opening->winner);
	settle(opening, false);
	return code;
}

static void end_with_session(struct transport_opener *opener)
{
	struct tlsfo_opening *opening = (struct tlsfo_opening *)opener;

	failure_set(&opening->failure, TLSFO_E_INVALID_ARGUMENT, 0, "the session has ended");
	if (opening->stage == STAGE_CONNECTED) {
		settle(opening, true);
		/* The program closes it. */
		opening->winner->fd = -1;
		opening->stage = STAGE_FAILED;
	} else if (opening->stage != STAGE_FAILED) {
		finish(opening, opening->failure.code);
	}
	opening->transport = NULL;
	release(opening);
}

void tlsfo_opening_free(struct tlsfo_opening *opening)
{
	if (opening == NULL)
		return;
	if (opening->stage < STAGE_CONNECTED)
		finish(opening, failure_set(&opening->failure, TLSFO_E_NOT_CONNECTED, 0,
					"the opening was given up before it was connected"));
	opening->has_handle = false;
	release(opening);
}

static bool report(struct transport_opener *opener, struct tlsfo_report *report)
{
	struct tlsfo_opening *opening = (struct tlsfo_opening *)opener;
	struct tlsfo_transport *transport = opening->transport;
	const struct failure *failure = &opening->failure;
	const struct attempt *adopted = opening->stage == STAGE_CONNECTED ? opening->winner : NULL;
	bool left =
		opening_report(&opening->attempts, transport, adopted, transport->begun_us, report);

	if (failure->code == 0)
		return left;
	report->error = failure->code;
	report->system_error = failure->system_error;
	snprintf(report->error_text, sizeof(report->error_text), "%s", failure_text(failure));
	return left;
}

/* -------------------------------------------------------------------------------- what it has -- */

int tlsfo_opening_new(gnutls_session_t session, struct tlsfo_opening **ret_opening)
{
	if (session == NULL || ret_opening == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	int ret = transport_check_session(session);
	if (ret != 0)
		return ret;
	if (tlsfo_transport_get(session) != NULL)
		return TLSFO_E_IN_USE;
	struct tlsfo_opening *opening = calloc(1, sizeof(*opening));
	if (opening == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	ret = transport_capture(session, clock_us(), &opening->transport);
	if (ret != 0) {
		free(opening);
		return ret;
	}
	opening->opener = (struct transport_opener){.report = report, .end = end_with_session};
	opening->transport->opener = &opening->opener;
	opening->has_handle = true;
	opening->deadline = TLSFO_NEVER;
	waits_init(&opening->waits);
	opening->attempts.means = (struct opening_means){
		.local = &any_address,
		.knowledge = &opening->knowledge,
		.waits = &opening->waits,
		.failure = &opening->failure,
		.socket = -1,
	};
	*ret_opening = opening;
	return 0;
}

/* Returns 0 when the opening can still be changed and the arguments are @good. */
static int check(const struct tlsfo_opening *opening, bool good)
{
	if (opening == NULL || !good)
		return TLSFO_E_INVALID_ARGUMENT;
	return opening->stage == STAGE_SETTING ? 0 : TLSFO_E_IN_USE;
}

int tlsfo_opening_add(struct tlsfo_opening *opening, const struct sockaddr *addr, socklen_t addrlen)
{
	int ret = check(opening, addr != NULL);

	return ret == 0 ? candidates_add_sockaddr(&opening->attempts.candidates, addr, addrlen)
			: ret;
}

int tlsfo_opening_add_list(struct tlsfo_opening *opening, const struct addrinfo *addresses)
{
	int ret = check(opening, addresses != NULL);

	return ret == 0 ? candidates_add_list(&opening->attempts.candidates, addresses) : ret;
}

int tlsfo_opening_set_store(
	struct tlsfo_opening *opening, struct tlsfo_store *store, const char *host)
{
	size_t len = 0;
	const char *bare = store != NULL && host != NULL ? host_bare(host, &len) : "";
	int ret = check(opening, store == NULL || (len < TLSFO_HOST_SIZE && len > 0));

	if (ret != 0)
		return ret;
	char *copy = strndup(bare, len);
	if (copy == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	free(opening->host);
	tlsfo_store_free(opening->store);
	opening->host = copy;
	opening->store = store != NULL ? store_ref(store) : NULL;
	return 0;
}

int tlsfo_opening_set_socket_hook(
	struct tlsfo_opening *opening, tlsfo_socket_hook_fn fn, void *userdata)
{
	int ret = check(opening, true);

	if (ret != 0)
		return ret;
	opening->attempts.means.hook = fn;
	opening->attempts.means.hook_data = userdata;
	return 0;
}

int tlsfo_opening_set_fast_open(struct tlsfo_opening *opening, enum tlsfo_fast_open_mode mode)
{
	int ret = check(opening, mode == TLSFO_USE_FAST_OPEN_AUTO ||
					 mode == TLSFO_USE_FAST_OPEN_ALWAYS ||
					 mode == TLSFO_USE_FAST_OPEN_NEVER);

	if (ret == 0)
		opening->mode = mode;
	return ret;
}

int tlsfo_opening_set_deadline(struct tlsfo_opening *opening, int64_t deadline)
{
	int ret = check(opening, true);

	if (ret == 0)
		opening->deadline = deadline;
	return ret;
}

/* -------------------------------------------------------------------------------- connecting -- */

/* GnuTLS makes the flight, and the race with it begins. */
static int begin(struct tlsfo_opening *opening)
{
	struct tlsfo_transport *transport = opening->transport;
	struct opening *attempts = &opening->attempts;
	bool fast_open = opening->mode != TLSFO_USE_FAST_OPEN_NEVER;

	opening->stage = STAGE_RACING;
	opening->begun_by = getpid();
	transport->begun_us = clock_us();
	if (attempts->candidates.count == 0)
		return failure_set(&opening->failure, TLSFO_E_INVALID_ARGUMENT, 0,
			"there is no address to connect to; tlsfo_opening_add() adds one");
	/* GnuTLS tries to read behind the flight, and is told that nothing has come yet. */
	int ret = gnutls_handshake(transport->session);
	if (ret != GNUTLS_E_AGAIN) {
		ret = transport->error != 0 ? transport->error : ret;
		return failure_set(&opening->failure, ret, 0, "%s", tlsfo_strerror(ret));
	}
	/* Without fast open the path memory has nothing to say. */
	knowledge_init(&opening->knowledge,
		opening->store != NULL && fast_open ? store_paths(opening->store) : NULL,
		opening->host, address_port(&attempts->candidates.list[0].address), &any_address,
		opening->mode);
	ret = opening_race(attempts, &transport->held, fast_open, transport->early_data);
	if (ret == 0)
		opening_add(attempts, true);
	return ret;
}

/*
 * Where a plain attempt has won because one with fast open was silent, or was reset late, it is the server's first byte
 * that tells whether the path is to blame. gnutls_handshake() would wait for it too, so no time is lost by that.
 */
static int await_verdict(struct tlsfo_opening *opening, int64_t now_us, short found)
{
	const struct race_verdict *verdict = &opening->attempts.verdict;
	struct attempt *winner = opening->winner;
	int64_t until_us = winner->connected_us +
			   path_grace(winner->facts.rtt_us, opening->knowledge.think_us);

	if (opening->knowledge.store == NULL || !verdict->refuted ||
		(verdict->fell_back != TLSFO_REASON_SILENT &&
			verdict->fell_back != TLSFO_REASON_RESET_LATER))
		return 0;
	attempt_look_for_answer(winner);
	if (winner->answered_us >= 0 || found != 0 || now_us >= until_us)
		return 0;
	waits_wake_at(&opening->waits, until_us);
	return waits_add(&opening->waits, winner->fd, POLLIN) ? GNUTLS_E_AGAIN
							      : failure_memory(&opening->failure);
}

static int step(struct tlsfo_opening *opening, int64_t now_us)
{
	/* The descriptor was awaited before for other events. */
	bool won = opening->winner != NULL;
	int ret = won ? 0 : opening_advance(&opening->attempts, now_us, &opening->winner);

	if (ret != 0)
		return ret;
	return await_verdict(
		opening, now_us, won ? waits_found(&opening->waits, opening->winner->fd) : 0);
}

static int fail_system(struct tlsfo_opening *opening, const char *call)
{
	return failure_set(
		&opening->failure, TLSFO_E_SYSTEM, errno, "%s: %s", call, strerror(errno));
}

int tlsfo_opening_advance(struct tlsfo_opening *opening, int *ret_fd)
{
	int ret = 0;

	if (opening == NULL || ret_fd == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	if (opening->stage == STAGE_SETTING)
		ret = begin(opening);
	if (opening->stage == STAGE_RACING) {
		struct waits *waits = &opening->waits;
		int64_t now_us;

		if (waits_look(waits, opening->deadline, &now_us) != 0 && ret == 0)
			ret = fail_system(opening, "poll");
		bool late = deadline_passed(opening->deadline, now_us);
		waits_restart(waits);
		if (ret == 0)
			ret = step(opening, now_us);
		if (ret == GNUTLS_E_AGAIN && late)
			ret = opening->winner != NULL ? 0 : opening_expire(&opening->attempts);
		if (ret == GNUTLS_E_AGAIN && waits_publish(waits) == 0)
			return ret;
		if (ret == GNUTLS_E_AGAIN)
			ret = fail_system(opening, "epoll");
		/* The session gets the socket when nothing can fail any more. */
		if (ret == 0 && opening->blocks &&
			fcntl(opening->winner->fd, F_SETFL,
				fcntl(opening->winner->fd, F_GETFL) & ~O_NONBLOCK) != 0)
			ret = fail_system(opening, "fcntl");
		finish(opening, ret);
	}
	if (opening->stage == STAGE_FAILED)
		return opening->failure.code;
	*ret_fd = opening->winner->fd;
	return 0;
}

int tlsfo_opening_fd(const struct tlsfo_opening *opening)
{
	return opening != NULL ? waits_fd(&opening->waits) : -1;
}

short tlsfo_opening_events(const struct tlsfo_opening *opening)
{
	return opening != NULL ? waits_events(&opening->waits) : 0;
}

int64_t tlsfo_opening_deadline(const struct tlsfo_opening *opening)
{
	if (opening == NULL || opening->stage >= STAGE_CONNECTED)
		return TLSFO_NEVER;
	if (opening->stage == STAGE_SETTING)
		return TLSFO_NOW;
	return deadline_earlier(opening->deadline, deadline_of_us(opening->waits.wake_us));
}

int tlsfo_opening_run(struct tlsfo_opening *opening, int *ret_fd)
{
	int ret;

	if (opening == NULL || ret_fd == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	opening->waits.unshared = true;
	opening->blocks = true;
	while ((ret = tlsfo_opening_advance(opening, ret_fd)) == GNUTLS_E_AGAIN) {
		int timeout = deadline_poll(tlsfo_opening_deadline(opening), clock_us());

		if (waits_poll(&opening->waits, timeout, -1) != 0)
			return finish(opening, fail_system(opening, "poll"));
	}
	return ret;
}

const char *tlsfo_opening_error(const struct tlsfo_opening *opening)
{
	return opening != NULL ? failure_text(&opening->failure) : "";
}

int tlsfo_transport_connect(
	gnutls_session_t session, const struct addrinfo *addresses, int64_t deadline, int *ret_fd)
{
	struct tlsfo_opening *opening = NULL;

	if (addresses == NULL || ret_fd == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	int ret = tlsfo_opening_new(session, &opening);
	if (ret == 0)
		ret = tlsfo_opening_add_list(opening, addresses);
	if (ret == 0)
		ret = tlsfo_opening_set_deadline(opening, deadline);
	if (ret == 0)
		ret = tlsfo_opening_run(opening, ret_fd);
	tlsfo_opening_free(opening);
	return ret;
}
