/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A ticket that arrives after the program's last read is kept, and so are several, and the session of
 * TLS 1.2 whose handshake ends behind it: closing reads what has arrived, and waits a moment for what
 * has not. A server that sends none costs no more than that moment, and with
 * TLSFO_NOW nothing is waited for.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"
/* On a busy machine a moment passes before a process is woken: one of so many is enough. */
#define TRIES 20

static struct tlsfo_conn *ask(struct tlsfo_config *config, uint16_t port)
{
	char answer[sizeof(EARLY_ANSWER)] = "";
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", port);

	client_send(conn, REQUEST, strlen(REQUEST));
	client_receive(conn, answer, sizeof(answer) - 1);
	return conn;
}

/* It lies in the socket when the program closes. */
static void arrived(const struct early_turn *turn, int64_t deadline)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	early_start(&peer, &(struct early_options){AF_INET, NULL, turn, 1});
	for (int i = 0; i < 3; i++) {
		struct tlsfo_conn *conn = ask(config, peer.port);
		struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = POLLIN};

		assert_int_equal(poll(&pfd, 1, CLIENT_PATIENCE_MS), 1);
		assert_int_equal(tlsfo_conn_close(conn, deadline), 0);
		assert_int_equal(early_hear(&peer).resumed, i > 0);
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void behind_the_answer(void **state)
{
	static const struct early_turn turn = {.ticket = EARLY_TICKET_LATE};

	(void)state;
	arrived(&turn, tlsfo_deadline_in(CLIENT_PATIENCE_MS));
	arrived(&turn, TLSFO_NEVER);
	arrived(&turn, TLSFO_NOW);
}

/* A loop that never waits in a call ends the connection as well: the ticket comes when the server reads its end. */
static void without_blocking(void **state)
{
	static const struct early_turn turn = {.ticket = EARLY_TICKET_AT_THE_END};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, &turn, 1});
	for (int i = 0; i < 3; i++) {
		struct tlsfo_conn *conn = ask(config, peer.port);
		pid_t pause = peer_pause(&peer, 20);
		int ret = tlsfo_conn_finish(conn);
		int64_t due = tlsfo_conn_deadline(conn);

		assert_int_equal(ret, GNUTLS_E_AGAIN);
		assert_in_range(due - tlsfo_now(), 0, 1000);
		assert_int_equal(tlsfo_conn_events(conn), POLLIN);
		for (unsigned int turns = 0; ret == GNUTLS_E_AGAIN; turns++) {
			struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = POLLIN};
			int64_t left = tlsfo_conn_deadline(conn) - tlsfo_now();

			assert_true(poll(&pfd, 1, left > 0 ? (int)left : 0) >= 0);
			assert_true(turns < 20);
			ret = tlsfo_conn_finish(conn);
		}
		assert_int_equal(ret, 0);
		/* Again it says the same. */
		assert_int_equal(tlsfo_conn_finish(conn), 0);
		tlsfo_conn_free(conn);
		peer_pause_end(pause);
		assert_int_equal(early_hear(&peer).resumed, i > 0);
	}
	assert_int_equal(tlsfo_conn_finish(NULL), 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static int count(const struct tlsfo_store_entry *entry, void *userdata)
{
	int *tickets = userdata;

	*tickets += entry->kind == TLSFO_STORE_TICKET;
	return 0;
}

/* What the store holds after a connection on which nothing is read until the server's last words are
 * there. */
static int kept_by_closing(const struct peer_options *options, peer_body body, int64_t deadline)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_store *store = NULL;
	struct peer peer;
	char buf[1];
	int tickets = 0;

	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	assert_int_equal(tlsfo_config_set_priority(config, options->priority), 0);
	peer_start(&peer, options, body);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	peer_hear(&peer, buf, 1);
	assert_int_equal(tlsfo_conn_close(conn, deadline), 0);
	assert_int_equal(tlsfo_store_list(store, count, &tickets), 0);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
	return tickets;
}

static void tell(struct peer_conn *conn)
{
	if (write(conn->test, "x", 1) != 1)
		peer_fail("write", 0);
	peer_listen(conn);
}

static void give_three(struct peer_conn *conn)
{
	const int on = 1;

	/* What waits for an acknowledgement has not arrived. */
	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (int i = 0; i < 3; i++)
		if (gnutls_session_ticket_send(conn->session, 1, 0) < 0)
			peer_fail("ticket", 0);
	tell(conn);
}

static void several(void **state)
{
	const struct peer_options options = {
		.family = AF_INET, .tickets = true, .priority = WAY_TLS13};

	(void)state;
	assert_int_equal(kept_by_closing(&options, give_three, TLSFO_NEVER), 3);
	assert_int_equal(kept_by_closing(&options, give_three, TLSFO_NOW), 3);
}

/* The connection is open before the server's Finished is there (RFC 7918). */
static void false_start(void **state)
{
	const struct peer_options options = {
		.family = AF_INET, .tickets = true, .priority = WAY_TLS12};

	(void)state;
	assert_int_equal(kept_by_closing(&options, tell, TLSFO_NEVER), 1);
	assert_int_equal(kept_by_closing(&options, tell, TLSFO_NOW), 1);
}

/* It leaves the server only when the client has ended its direction. */
static void on_its_way(void **state)
{
	static const struct early_turn turn = {.ticket = EARLY_TICKET_AT_THE_END};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	bool resumed = false;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, &turn, 1});
	for (int i = 0; i < TRIES && !resumed; i++) {
		client_close(ask(config, peer.port));
		resumed = early_hear(&peer).resumed;
	}
	assert_true(resumed);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* Returns the shortest time that closing took, of several. */
static int64_t closing_ms(struct tlsfo_config *config, uint16_t port, int64_t deadline)
{
	int64_t shortest = INT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		struct tlsfo_conn *conn = ask(config, port);
		int64_t before = tlsfo_now();

		assert_int_equal(tlsfo_conn_close(conn, deadline), 0);
		if (tlsfo_now() - before < shortest)
			shortest = tlsfo_now() - before;
	}
	return shortest;
}

/* The connection stays open at its other end: without a word of the server's time alone ends it. */
static void mute_end(struct peer_conn *conn)
{
	struct pollfd pfd = {.fd = conn->fd, .events = POLLRDHUP};
	char buf[64];

	peer_receive_some(conn, buf, sizeof(buf));
	peer_send(conn, EARLY_ANSWER, strlen(EARLY_ANSWER));
	/* The client's close_notify, then its end. */
	poll(&pfd, 1, -1);
}

static void never(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, mute_end);
	/* 50 ms, and what the machine adds. */
	int64_t waited = closing_ms(config, peer.port, tlsfo_deadline_in(CLIENT_PATIENCE_MS));
	assert_true(waited >= 49);
	assert_true(waited < 1000);
	assert_true(closing_ms(config, peer.port, TLSFO_NOW) < 45);
	tlsfo_config_free(config);
	/* Who keeps no tickets waits for none. */
	config = client_config_default();
	assert_int_equal(tlsfo_config_set_store(config, NULL), 0);
	assert_true(closing_ms(config, peer.port, TLSFO_NEVER) < 45);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"behind the answer", behind_the_answer, NULL, NULL, NULL},
		{"without blocking", without_blocking, NULL, NULL, NULL},
		{"several", several, NULL, NULL, NULL},
		{"a session of TLS 1.2", false_start, NULL, NULL, NULL},
		{"still on its way", on_its_way, NULL, NULL, NULL},
		{"never", never, NULL, NULL, NULL},
	};

	return suite_run("a ticket after the last read is kept", tests, suite_length(tests));
}
