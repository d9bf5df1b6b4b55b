/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One ticket serves one of many connections at once, in threads of one process, and the others
 * shake hands in full (RFC 8446 §C.4).
 */

#include <pthread.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"
#define THREADS 8

struct visitor {
	pthread_t thread;
	pthread_barrier_t *barrier;
	struct tlsfo_config *config;
	uint16_t port;
	int error;
	int resumed;
};

/* Without cmocka, which knows one thread only. */
static void *visit(void *arg)
{
	struct visitor *visitor = arg;
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	struct tlsfo_conn *conn = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", visitor->port);
	pthread_barrier_wait(visitor->barrier);
	visitor->error =
		client_open(visitor->config, "127.0.0.1", service, REQUEST, strlen(REQUEST),
			TLSFO_FIRST_DATA_REPLAYABLE, tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn);
	if (visitor->error == 0 && tlsfo_conn_get_report(conn, &report) == 0)
		visitor->resumed = report.resumed;
	tlsfo_conn_free(conn);
	return NULL;
}

static void at_once(struct tlsfo_config *const *configs, struct peer *peer)
{
	struct visitor visitors[THREADS] = {0};
	pthread_barrier_t barrier;
	int resumed = 0;
	int offered = 0;

	assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS), 0);
	for (size_t i = 0; i < THREADS; i++) {
		visitors[i].config = configs[i];
		visitors[i].port = peer->port;
		visitors[i].barrier = &barrier;
		assert_int_equal(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(visitors[i].thread, NULL), 0);
		assert_int_equal(visitors[i].error, 0);
		resumed += visitors[i].resumed;
	}
	for (size_t i = 0; i < THREADS; i++) {
		struct early_seen seen = early_hear(peer);

		offered += early_has_ticket(&seen);
		early_expect_data(&seen, REQUEST, strlen(REQUEST));
	}
	assert_int_equal(offered, 1);
	assert_int_equal(resumed, 1);
	pthread_barrier_destroy(&barrier);
}

/* Only the first connection is given a ticket. */
static const struct early_turn turns[] = {{0}, {.ticket = EARLY_NO_TICKET}};

static void one_configuration(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_config *configs[THREADS];
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	for (size_t i = 0; i < THREADS; i++)
		configs[i] = config;
	at_once(configs, &peer);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void one_store(void **state)
{
	struct tlsfo_config *configs[THREADS];
	struct tlsfo_store *store = NULL;
	struct peer peer;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	for (size_t i = 0; i < THREADS; i++) {
		configs[i] = client_config_default();
		assert_int_equal(tlsfo_config_set_store(configs[i], store), 0);
	}
	tlsfo_store_free(store);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(configs[0], AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	at_once(configs, &peer);
	for (size_t i = 0; i < THREADS; i++)
		tlsfo_config_free(configs[i]);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"one configuration", one_configuration, NULL, NULL, NULL},
		{"one store", one_store, NULL, NULL, NULL},
	};

	return suite_run("one ticket serves one connection", tests, suite_length(tests));
}
