/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/paths.h"

#include <errno.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "client/conn.h"
#include "net/route.h"
#include "net/stream.h"
#include "net/tcp_facts.h"
#include "store/path_store.h"
#include "store/store.h"

/* An acknowledgement may be late by as much: timers are no finer than some milliseconds. */
#define EARLY_LATE_US 40000

/* Bytes of an address that name its network. */
#define NETWORK_IP4 3
#define NETWORK_IP6 8

static struct path_address to_path_address(const struct address *as_given)
{
	struct path_address path = {.port = address_port(as_given)};
	const struct address *address = as_given;
	struct address ip4;

	/* All mapped addresses would be of one network. */
	if (address_is_mapped(as_given) && address_unmap(as_given, &ip4))
		address = &ip4;
	if (address_family(address) == AF_INET) {
		path.family = 4;
		memcpy(path.bytes, &address->sa.in.sin_addr, 4);
	} else if (address_family(address) == AF_INET6) {
		path.family = 6;
		path.scope = address->sa.in6.sin6_scope_id;
		memcpy(path.bytes, &address->sa.in6.sin6_addr, 16);
	}
	return path;
}

/* No family when there is no route. */
static struct path_address local_network(const struct tlsfo_conn *conn, const struct address *to)
{
	struct address source = conn->config->local;

	if (address_family(&source) == 0 && !route_source(to, &source))
		return (struct path_address){0};
	struct path_address network = to_path_address(&source);
	size_t len = network.family == 4 ? NETWORK_IP4 : NETWORK_IP6;

	memset(network.bytes + len, 0, sizeof(network.bytes) - len);
	network.port = 0;
	return network;
}

/* Costs some system calls, and is of interest where a network has a record or is to get one. */
static void find_network(struct tlsfo_conn *conn, size_t address)
{
	struct paths_view *view = &conn->paths.views[address];

	if (view->routed)
		return;
	view->routed = true;
	view->network = local_network(conn, &conn->addresses[address]);
}

static struct path_place place_of(const struct tlsfo_conn *conn, size_t address)
{
	return (struct path_place){
		.host = conn->identity.peer.host,
		.destination = to_path_address(&conn->addresses[address]),
		.network = conn->paths.views[address].network,
	};
}

static bool is_same(const struct path_address *a, const struct path_address *b)
{
	return a->family == b->family && a->scope == b->scope && a->port == b->port &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Its index, or the count when it is none of them. */
static size_t index_of(const struct tlsfo_conn *conn, const struct path_address *wanted)
{
	for (size_t i = 0; i < conn->address_count; i++) {
		struct path_address its = to_path_address(&conn->addresses[i]);

		if (is_same(&its, wanted))
			return i;
	}
	return conn->address_count;
}

void paths_recall(struct tlsfo_conn *conn)
{
	struct paths *paths = &conn->paths;

	bool fast_open = conn->config->fast_open != TLSFO_FAST_OPEN_NEVER;

	/* Without fast open only what is known of early data is of interest. */
	if (conn->config->store == NULL || (!fast_open && !conn->first.replayable))
		return;
	paths->store = store_paths(conn->config->store);
	if (paths->store == NULL)
		return;
	struct path_record host;
	int64_t now = clock_wall_s();
	paths->host_known = path_store_host(paths->store, conn->identity.peer.host,
				    conn->identity.peer.port, now, &host) &&
			    fast_open;
	paths->host_address = host.address;
	paths->host_rtt_us = host.rtt_us;
	paths->early_failed = host.failing.state.failures > 0;
	paths->early_paused = path_advise(&host.failing.state, now) == PATH_AVOID;
	paths_order(conn);
}

int64_t paths_rtt(const struct tlsfo_conn *conn)
{
	return conn->paths.host_known ? conn->paths.host_rtt_us : -1;
}

/* The first address that no attempt was made to, nor to any behind it. */
static size_t first_untried(const struct tlsfo_conn *conn)
{
	size_t first = 0;

	for (size_t i = 0; i < conn->attempt_count; i++) {
		struct path_address tried = to_path_address(&conn->attempts[i].address);
		size_t at = index_of(conn, &tried);

		if (at < conn->address_count && at >= first)
			first = at + 1;
	}
	return first;
}

void paths_order(struct tlsfo_conn *conn)
{
	if (!conn->paths.host_known)
		return;
	size_t first = first_untried(conn);
	size_t at = index_of(conn, &conn->paths.host_address);

	if (at == conn->address_count || at <= first)
		return;
	struct address last = conn->addresses[at];

	memmove(&conn->addresses[first + 1], &conn->addresses[first],
		(at - first) * sizeof(conn->addresses[0]));
	conn->addresses[first] = last;
	memset(&conn->paths.views[first], 0,
		(conn->address_count - first) * sizeof(conn->paths.views[0]));
}

static void look(struct tlsfo_conn *conn, size_t address)
{
	struct paths_view *view = &conn->paths.views[address];
	int64_t now = clock_wall_s();

	view->asked = true;
	if (path_store_knows_networks(conn->paths.store))
		find_network(conn, address);
	const struct path_place place = place_of(conn, address);
	bool known = false;
	enum path_advice advice = path_store_advise(conn->paths.store, &place, now, &known);
	view->known = known;

	if (conn->config->fast_open == TLSFO_FAST_OPEN_ALWAYS) {
		view->allowed = true;
		return;
	}
	view->probing = advice == PATH_PROBE && path_store_probe(conn->paths.store, &place, now);
	view->allowed = advice == PATH_GO || view->probing;
}

bool paths_allow(struct tlsfo_conn *conn, size_t address)
{
	if (conn->paths.store == NULL)
		return true;
	if (!conn->paths.views[address].asked)
		look(conn, address);
	return conn->paths.views[address].allowed;
}

void paths_note_failure(
	struct tlsfo_conn *conn, const struct address *address, int64_t silence_us, bool reset)
{
	if (conn->paths.store == NULL)
		return;
	conn->paths.failed = *address;
	conn->paths.silence_us = silence_us;
	conn->paths.reset = reset;
}

void paths_clear_failure(struct tlsfo_conn *conn)
{
	conn->paths.failed = (struct address){0};
}

/*
 * A server that is slow looks like a path that is silent after the SYN. Unless the answer on the plain
 * connection came in less than half the time that the other had waited, the other might have been
 * answered as well.
 */
static bool was_only_slow(const struct tlsfo_conn *conn)
{
	const struct attempt *winner = conn->transport->attempt;

	if (conn->paths.silence_us == 0)
		return false;
	if (conn->first_byte_us < 0 || winner->connected_us < 0)
		return true;
	return 2 * (conn->begun_us + conn->first_byte_us - winner->connected_us) >
	       conn->paths.silence_us;
}

/* A server that resets whatever connects to it looks like a path that does so to fast open. */
static bool was_only_reset(const struct tlsfo_conn *conn)
{
	return conn->paths.reset && conn->first_byte_us < 0;
}

static void tell_failure(struct tlsfo_conn *conn, size_t address)
{
	find_network(conn, address);
	const struct path_place place = place_of(conn, address);

	path_store_failed(conn->paths.store, &place, clock_wall_s());
	conn->paths.views[address].probing = false;
}

/* What became of fast open with the address that won. */
static void judge(struct tlsfo_conn *conn, const struct tcp_facts *facts)
{
	const struct path_address winner = to_path_address(&conn->transport->attempt->address);
	const struct path_address failed = to_path_address(&conn->paths.failed);
	size_t address = index_of(conn, &winner);

	if (address == conn->address_count)
		return;
	struct paths_view *view = &conn->paths.views[address];

	bool refuted = is_same(&winner, &failed) && !was_only_slow(conn) && !was_only_reset(conn);

	if (refuted) {
		tell_failure(conn, address);
	} else if (facts->syn_data_acknowledged && conn->ready && view->known) {
		conn->paths.success_owed = true;
	}
}

/* The path carries what follows the SYN. */
static void note_success(struct tlsfo_conn *conn)
{
	if (!conn->paths.success_owed || conn->transport == NULL)
		return;
	const struct path_address winner = to_path_address(&conn->transport->attempt->address);
	size_t address = index_of(conn, &winner);
	const struct path_place place = place_of(conn, address);

	conn->paths.success_owed = false;
	conn->paths.views[address].probing = false;
	path_store_succeeded(conn->paths.store, &place);
}

bool conn_is_replaceable(const struct tlsfo_conn *conn)
{
	return conn->reconnected == TLSFO_RECONNECT_NONE &&
	       (conn->stage <= CONN_HANDSHAKING ||
		       (conn->stage < CONN_OPEN && conn->first.replayable));
}

static enum watch_most patience(const struct tlsfo_conn *conn)
{
	return conn_is_replaceable(conn) ? WATCH_SHORTLY : WATCH_PATIENTLY;
}

/* How long an acknowledgement that is on its way may take. */
static int64_t lateness(const struct tcp_facts *facts)
{
	return 2 * facts->rtt_us > EARLY_LATE_US ? 2 * facts->rtt_us : EARLY_LATE_US;
}

void paths_watch(struct tlsfo_conn *conn, const struct tcp_facts *facts)
{
	conn->watch = (struct watch){.open = true, .shared = conn->config->socket_hook != NULL};
	watch_see(&conn->watch, conn->fd, patience(conn), facts);
	/* Until then the kernel has sent it twice. */
	conn->early_due_us = conn->first.early > 0 && !conn->watch.open
				     ? clock_us() + facts->rto_us + lateness(facts)
				     : -1;
}

int paths_check_early(struct tlsfo_conn *conn, int64_t now_us)
{
	struct tcp_facts facts;

	if (conn->early_due_us < 0 || conn->first_byte_us >= 0 ||
		deadline_passed(conn->deadline, now_us))
		return GNUTLS_E_AGAIN;
	if (now_us >= conn->early_due_us) {
		/* The server has it, and is slow. */
		if (tcp_facts_read(conn->fd, &facts) != 0 || facts.payload_acknowledged) {
			conn->early_due_us = -1;
			return GNUTLS_E_AGAIN;
		}
		if (facts.bytes_retransmitted != 0)
			return conn_fail(conn, TLSFO_E_PATH_SWALLOWS, 0,
				"%s: the path swallows a hello with early data", conn->host);
		conn->early_due_us = now_us + lateness(&facts);
	}
	conn_wake_at(conn, conn->early_due_us);
	return GNUTLS_E_AGAIN;
}

static void see(struct tlsfo_conn *conn, const struct tcp_facts *facts)
{
	/* From then on the program has the socket, and may set the option itself. */
	conn->watch.shared = conn->watch.shared || conn->paths.settled;
	watch_see(&conn->watch, conn->fd, patience(conn), facts);
	if (!conn->watch.open)
		note_success(conn);
}

void paths_look(struct tlsfo_conn *conn)
{
	struct tcp_facts facts = {0};

	if (!conn->watch.open)
		return;
	(void)tcp_facts_read(conn->fd, &facts);
	see(conn, &facts);
}

/* What the socket ended with, or 0. Asking takes it off the socket, so it is kept for those who ask later. */
static int end_of(struct tlsfo_conn *conn, const struct tcp_facts *facts)
{
	int error = transport_system_error(conn->transport);

	if (error == 0 && facts->phase == TCP_PHASE_CLOSED)
		error = stream_error(conn->fd);
	if (error != 0)
		attempt_failed(conn->transport->attempt, error);
	return error;
}

int paths_check(struct tlsfo_conn *conn)
{
	struct tcp_facts facts;

	if (!conn->watch.open || conn->transport == NULL || tcp_facts_read(conn->fd, &facts) != 0 ||
		!watch_found_swallowed(&facts, end_of(conn, &facts)))
		return 0;
	const struct path_address winner = to_path_address(&conn->transport->attempt->address);
	size_t address = index_of(conn, &winner);
	/* Told once: later the pause may be over. */
	if (conn->error == 0 && conn->paths.store != NULL && address < conn->address_count)
		tell_failure(conn, address);
	conn->paths.success_owed = false;
	return conn_fail(conn, TLSFO_E_PATH_SWALLOWS, ETIMEDOUT,
		"%s: the path swallows what follows a fast-open SYN", conn->host);
}

static void end_probes(struct tlsfo_conn *conn)
{
	for (size_t i = 0; i < conn->address_count; i++) {
		if (!conn->paths.views[i].probing)
			continue;
		const struct path_place place = place_of(conn, i);

		path_store_probe_end(conn->paths.store, &place, clock_wall_s());
		conn->paths.views[i].probing = false;
	}
}

/* The address answered, and so fast; and what became of early data. */
static void note_answer(struct tlsfo_conn *conn, int64_t rtt_us)
{
	const struct paths *paths = &conn->paths;
	const struct path_address winner = to_path_address(&conn->transport->attempt->address);
	enum path_early early = PATH_EARLY_NOTHING;

	if (conn->reconnected == TLSFO_RECONNECT_EARLY_DATA_SWALLOWED)
		early = PATH_EARLY_SWALLOWED;
	else if (paths->early_failed && conn->first.fate == TLSFO_EARLY_DATA_ACCEPTED)
		early = PATH_EARLY_CARRIED;
	bool is_known = paths->host_known && is_same(&winner, &paths->host_address) &&
			!path_rtt_differs(paths->host_rtt_us, rtt_us, RACE_DELAY_LEAST_US / 2);

	if (early == PATH_EARLY_NOTHING &&
		(is_known || conn->config->fast_open == TLSFO_FAST_OPEN_NEVER))
		return;
	path_store_answered(
		paths->store, conn->identity.peer.host, &winner, rtt_us, early, clock_wall_s());
}

void paths_settle(struct tlsfo_conn *conn)
{
	bool first = !conn->paths.settled;
	bool asks = conn->watch.open || (first && conn->paths.store != NULL);
	struct tcp_facts facts;

	if (conn->fd < 0 || conn->transport == NULL || !asks ||
		tcp_facts_read(conn->fd, &facts) != 0)
		asks = false;
	if (asks)
		see(conn, &facts);
	conn->paths.settled = true;
	if (conn->paths.store == NULL)
		return;
	if (asks && first)
		judge(conn, &facts);
	if (asks && first && conn->ready)
		note_answer(conn, facts.rtt_us);
	if (!first)
		paths_check(conn);
	if (!conn->watch.open)
		note_success(conn);
	/* Until then the connection may be open for long, and what it owes is not forgotten. */
	if (first && conn->paths.success_owed)
		return;
	conn->paths.success_owed = false;
	end_probes(conn);
}
