/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connection in the caller's memory lives there whole: tlsfo's own code allocates nothing for it,
 * from tlsfo_connect_mem() to tlsfo_conn_close(), resumption and first data included. Looking up
 * names and keeping tickets have memory of their own. This program is linked with tlsfo's archive
 * and with --wrap, so that the calls of tlsfo come here and those of the libraries below it do not.
 */

#include <stdlib.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

#include "resolve/resolve.h"

static size_t allocations;
static unsigned int elsewhere; /* looking names up, or in the store */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *string);
struct resolve *__real_resolve_start(
	const char *host, const char *service, int family, int64_t now_us);
void __real_resolve_advance(struct resolve *resolve, int64_t now_us);
int __real_store_put(struct tlsfo_store *store, const void *whose, const void *ticket, int64_t now);
int __real_store_take(
	struct tlsfo_store *store, const void *whose, int64_t now, int64_t slack, void *ret_ticket);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *string);
struct resolve *__wrap_resolve_start(
	const char *host, const char *service, int family, int64_t now_us);
void __wrap_resolve_advance(struct resolve *resolve, int64_t now_us);
int __wrap_store_put(struct tlsfo_store *store, const void *whose, const void *ticket, int64_t now);
int __wrap_store_take(
	struct tlsfo_store *store, const void *whose, int64_t now, int64_t slack, void *ret_ticket);

void __real_paths_recall(struct tlsfo_conn *conn);
void __real_paths_settle(struct tlsfo_conn *conn);
void __wrap_paths_recall(struct tlsfo_conn *conn);
void __wrap_paths_settle(struct tlsfo_conn *conn);

/* These talk with the store and do nothing else. */
void __wrap_paths_recall(struct tlsfo_conn *conn)
{
	elsewhere++;
	__real_paths_recall(conn);
	elsewhere--;
}

void __wrap_paths_settle(struct tlsfo_conn *conn)
{
	elsewhere++;
	__real_paths_settle(conn);
	elsewhere--;
}

void *__wrap_malloc(size_t size)
{
	allocations += elsewhere == 0;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	allocations += elsewhere == 0;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	allocations += elsewhere == 0;
	return __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	allocations += elsewhere == 0;
	return __real_reallocarray(old, count, size);
}

char *__wrap_strdup(const char *string)
{
	allocations += elsewhere == 0;
	return __real_strdup(string);
}

struct resolve *__wrap_resolve_start(
	const char *host, const char *service, int family, int64_t now_us)
{
	elsewhere++;
	struct resolve *resolve = __real_resolve_start(host, service, family, now_us);
	elsewhere--;
	return resolve;
}

void __wrap_resolve_advance(struct resolve *resolve, int64_t now_us)
{
	elsewhere++;
	__real_resolve_advance(resolve, now_us);
	elsewhere--;
}

int __wrap_store_put(struct tlsfo_store *store, const void *whose, const void *ticket, int64_t now)
{
	elsewhere++;
	int ret = __real_store_put(store, whose, ticket, now);
	elsewhere--;
	return ret;
}

int __wrap_store_take(
	struct tlsfo_store *store, const void *whose, int64_t now, int64_t slack, void *ret_ticket)
{
	elsewhere++;
	int ret = __real_store_take(store, whose, now, slack, ret_ticket);
	elsewhere--;
	return ret;
}

/* Returns how often tlsfo allocated during a whole visit; with @mem in the caller's memory. */
static size_t count_visit(struct tlsfo_config *config, const char *port, void *mem, size_t size)
{
	static const char line[] = "in the caller's memory\n";
	const int64_t deadline = tlsfo_deadline_in(CLIENT_PATIENCE_MS);
	char back[sizeof(line)];
	struct tlsfo_conn *conn = NULL;
	size_t before = allocations;
	int ret = mem != NULL ? tlsfo_connect_mem(mem, size, config, "both.test", port, line,
					sizeof(line), TLSFO_FIRST_DATA_REPLAYABLE, deadline, &conn)
			      : tlsfo_connect_first(config, "both.test", port, line, sizeof(line),
					TLSFO_FIRST_DATA_REPLAYABLE, deadline, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	if (mem != NULL)
		assert_ptr_equal(conn, mem);
	client_receive(conn, back, sizeof(back));
	assert_memory_equal(back, line, sizeof(line));
	client_close(conn);
	return allocations - before;
}

static void test(void **state)
{
	const struct way *way = *state;
	static struct tlsfo_conn_storage storage;
	struct tlsfo_config *config = client_config(way);
	struct peer peer;
	char port[8];

	/* IPv6 comes first and refuses, so that there is a race. */
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	snprintf(port, sizeof(port), "%u", (unsigned int)peer.port);
	assert_int_equal(tlsfo_config_set_servername(config, "localhost"), 0);
	assert_int_equal(tlsfo_config_load(config), 0);
	assert_int_equal(count_visit(config, port, &storage, sizeof(storage)), 0);
	assert_int_equal(count_visit(config, port, &storage, sizeof(storage)), 0);
	assert_int_equal(count_visit(config, port, &storage, TLSFO_CONN_STORAGE_MIN), 0);
	/* The counter counts: without storage there is something to count. */
	assert_true(count_visit(config, port, NULL, 0) > 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	net_begin();
	net_need_names();
	return way_run(
		"a client in the caller's memory: no allocation", test, WAY_IPV4 | WAY_NONBLOCKING);
}
