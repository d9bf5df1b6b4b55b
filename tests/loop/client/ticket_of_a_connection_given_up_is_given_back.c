/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program may give a connection up while it is opened: a ticket that had not left this host by then serves
 * the next connection. A forked child, which gives up but its copy, gives no ticket back: its parent goes
 * on with it.
 */

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"
#include "support/tree.h"

#define REQUEST "how is the weather?\n"

struct scene {
	struct tlsfo_store *store;
	struct tlsfo_config *config;
	struct peer peer;
	char dir[64];
};

/* One ticket in a directory, and no more of them to come; and no cookie, so that no SYN has data. */
static void set(struct scene *scene)
{
	static const struct early_turn turns[] = {{0}, {.ticket = EARLY_NO_TICKET}};

	net_set_fastopen(NET_FASTOPEN_CLIENT);
	snprintf(scene->dir, sizeof(scene->dir), "/tmp/tlsfo-given-up-XXXXXX");
	assert_non_null(mkdtemp(scene->dir));
	assert_int_equal(tlsfo_store_open(scene->dir, NULL, 0, &scene->store), 0);
	scene->config = client_config_default();
	assert_int_equal(tlsfo_config_set_store(scene->config, scene->store), 0);
	early_start(
		&scene->peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(scene->config, AF_INET, scene->peer.port, REQUEST, strlen(REQUEST));
	early_hear(&scene->peer);
}

static void strike(struct scene *scene)
{
	tlsfo_config_free(scene->config);
	tlsfo_store_free(scene->store);
	peer_stop(&scene->peer);
	assert_int_equal(tree_remove(scene->dir), 0);
}

static int count_one(const struct tlsfo_store_entry *entry, void *count)
{
	*(int *)count += entry->kind == TLSFO_STORE_TICKET;
	return 0;
}

static int tickets(const struct scene *scene)
{
	int count = 0;

	assert_int_equal(tlsfo_store_list(scene->store, count_one, &count), 0);
	return count;
}

/* A connection that has the ticket, and waits for the answer to its SYN. */
static struct tlsfo_conn *begin(const struct scene *scene)
{
	struct tlsfo_conn *conn = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", (unsigned int)scene->peer.port);
	assert_int_equal(tickets(scene), 1);
	net_filter(NET_DROP_SYN);
	assert_int_equal(
		client_begin(scene->config, "127.0.0.1", service, REQUEST, strlen(REQUEST),
			TLSFO_FIRST_DATA_REPLAYABLE, tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn),
		0);
	assert_int_equal(tlsfo_conn_advance(conn), GNUTLS_E_AGAIN);
	assert_int_equal(client_report(conn).attempt_count, 1);
	assert_int_equal(client_report(conn).syn_bytes, 0);
	assert_int_equal(tickets(scene), 0);
	net_filter_none();
	return conn;
}

static void expect_resumption(struct scene *scene)
{
	client_request(scene->config, AF_INET, scene->peer.port, REQUEST, strlen(REQUEST));
	assert_true(early_hear(&scene->peer).resumed);
}

static void given_up(void **state)
{
	struct scene scene;

	(void)state;
	set(&scene);
	tlsfo_conn_free(begin(&scene));
	assert_int_equal(tickets(&scene), 1);
	expect_resumption(&scene);
	strike(&scene);
}

static void given_up_by_a_child(void **state)
{
	struct scene scene;
	int status = -1;

	(void)state;
	set(&scene);
	struct tlsfo_conn *conn = begin(&scene);
	pid_t pid = fork();

	if (pid == 0) {
		tlsfo_conn_free(conn);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(tickets(&scene), 0);
	/* The parent's is the parent's. */
	tlsfo_conn_free(conn);
	assert_int_equal(tickets(&scene), 1);
	expect_resumption(&scene);
	strike(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given_up),
		cmocka_unit_test(given_up_by_a_child),
	};

	net_begin();
	net_need_filter();
	return suite_run(
		"a ticket of a connection given up is given back", tests, suite_length(tests));
}
