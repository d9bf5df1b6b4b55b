/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that never lets a call rest keeps it no longer than its deadline: connecting, reading,
 * writing, shutting down and closing. Of the tickets that it sends four are kept, and the others cost no
 * work. This program is linked with tlsfo's archive, and with --wrap to see what the store is given.
 */

#include <sys/mman.h>
#include <unistd.h>

#include "support/client.h"
#include "support/hostile.h"
#include "support/net.h"

/* A program whose call is kept for ever ends after this. */
#define KEPT_S 100
/* The deadline of each call, and how much later it may end when the machine is busy. */
#define LIMIT_MS 100
#define BUSY_MS	 3000
/* Takes much longer to encrypt than the deadline of a write allows, and fits in the sockets' buffers. */
#define LARGE	 (256U << 20)
#define BRIEF_MS 5

static unsigned int puts_to_store;

/* The support's peer is another than the store's. */
int __real_store_put(struct tlsfo_store *store, const void *whose, const void *ticket, int64_t now);
int __wrap_store_put(struct tlsfo_store *store, const void *whose, const void *ticket, int64_t now);

int __wrap_store_put(struct tlsfo_store *store, const void *whose, const void *ticket, int64_t now)
{
	puts_to_store++;
	return __real_store_put(store, whose, ticket, now);
}

static struct tlsfo_config *config_for(const char *behaviour)
{
	struct tlsfo_config *config = client_config_default();

	assert_int_equal(tlsfo_config_set_priority(config, hostile_priority(behaviour)), 0);
	assert_int_equal(tlsfo_config_load(config), 0);
	return config;
}

static int64_t begin(void)
{
	return tlsfo_deadline_in(LIMIT_MS);
}

static void check_end(const char *what, int64_t deadline)
{
	int64_t late = tlsfo_now() - deadline;

	if (late > BUSY_MS)
		fail_msg("%s ended %d ms late", what, (int)late);
}

/* Reads as often as there is something to be read. */
static void read_on(struct tlsfo_conn *conn)
{
	char buf[16384];
	ssize_t n;

	int64_t deadline = begin();
	do
		n = tlsfo_conn_read(conn, buf, sizeof(buf), deadline);
	while (n > 0 && tlsfo_now() < deadline);
	assert_int_not_equal(n, 0);
	check_end("reading", deadline);
	deadline = begin();
	n = tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW);
	assert_int_not_equal(n, 0);
	check_end("reading now", deadline);
}

static void keeps_no_call(void **state)
{
	const char *behaviour = *state;
	struct tlsfo_config *config = config_for(behaviour);
	struct peer peer;

	hostile_start(&peer, behaviour);
	puts_to_store = 0;
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	read_on(conn);
	int64_t deadline = begin();
	(void)!tlsfo_conn_write(conn, "x", 1, deadline);
	check_end("writing", deadline);
	read_on(conn);
	deadline = begin();
	(void)!tlsfo_conn_shutdown(conn, deadline);
	check_end("shutting down", deadline);
	deadline = begin();
	(void)!tlsfo_conn_close(conn, deadline);
	check_end("closing", deadline);
	if (puts_to_store > 4)
		fail_msg("the store was given %u tickets", puts_to_store);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void writing_ends_at_the_deadline(void **state)
{
	static const char behaviour[] = "endless reading";
	struct tlsfo_config *config = config_for(behaviour);
	struct peer peer;
	void *data =
		mmap(NULL, LARGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	(void)state;
	assert_ptr_not_equal(data, MAP_FAILED);
	net_set_buffers(LARGE);
	hostile_start(&peer, behaviour);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	int64_t deadline = tlsfo_deadline_in(BRIEF_MS);
	ssize_t n = tlsfo_conn_write(conn, data, LARGE, deadline);
	assert_true(n > 0 && (size_t)n < LARGE);
	check_end("writing", deadline);
	tlsfo_conn_free(conn);
	munmap(data, LARGE);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void connecting_ends_at_the_deadline(void **state)
{
	const char *behaviour = *state;
	struct tlsfo_config *config = config_for(behaviour);
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char service[8];

	hostile_start(&peer, behaviour);
	snprintf(service, sizeof(service), "%u", peer.port);
	int64_t deadline = begin();
	assert_int_not_equal(client_reach(config, "127.0.0.1", service, deadline, &conn), 0);
	check_end("connecting", deadline);
	assert_null(strstr(tlsfo_conn_error(conn), "internal error"));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

#define keeps_no_call_by(behaviour)                                                                \
	{                                                                                          \
		behaviour, keeps_no_call, NULL, NULL, (void *)(uintptr_t)behaviour                 \
	}
#define connecting_to(behaviour)                                                                   \
	{                                                                                          \
		behaviour, connecting_ends_at_the_deadline, NULL, NULL,                            \
			(void *)(uintptr_t)behaviour                                               \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		keeps_no_call_by("tickets in one record"),
		keeps_no_call_by("endless tickets"),
		keeps_no_call_by("endless key updates"),
		keeps_no_call_by("endless empty records"),
		keeps_no_call_by("endless fragments"),
		keeps_no_call_by("empty record in a message"),
		keeps_no_call_by("padded record in a message"),
		keeps_no_call_by("endless empty handshake records"),
		keeps_no_call_by("endless data"),
		keeps_no_call_by("endless hello requests"),
		keeps_no_call_by("endless warnings"),
		connecting_to("endless warnings before hello"),
		connecting_to("handshake byte by byte"),
		cmocka_unit_test(writing_ends_at_the_deadline),
	};

	alarm(KEPT_S);
	return suite_run("a hostile server keeps no call", tests, suite_length(tests));
}
