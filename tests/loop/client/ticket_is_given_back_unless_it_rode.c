/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A SYN without data shows a ticket to nobody: when none is answered, the ticket serves the next connection.
 * One that rode in a SYN may be in anybody's hands, and does not.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

enum { LIMIT_MS = 400 };

struct scene {
	const char *name;
	enum tlsfo_fast_open_mode fast_open;
	bool cookie; /* known */
	bool kept;   /* the ticket */
};

static const struct scene scenes[] = {
	{"plain", TLSFO_USE_FAST_OPEN_NEVER, true, true},
	{"no cookie", TLSFO_USE_FAST_OPEN_ALWAYS, false, true},
	{"a cookie", TLSFO_USE_FAST_OPEN_ALWAYS, true, false},
};

static struct tlsfo_config *make(struct tlsfo_store *store)
{
	struct tlsfo_config *config = client_config_default();

	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	return config;
}

static void find_nobody(struct tlsfo_store *store, const struct scene *scene, uint16_t port)
{
	struct tlsfo_config *config = make(store);
	struct tlsfo_conn *conn = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", (unsigned int)port);
	assert_int_equal(tlsfo_config_set_fast_open(config, scene->fast_open), 0);
	net_filter(NET_DROP_SYN);
	assert_int_equal(client_open(config, "127.0.0.1", service, REQUEST, strlen(REQUEST),
				 TLSFO_FIRST_DATA_REPLAYABLE, tlsfo_deadline_in(LIMIT_MS), &conn),
		GNUTLS_E_TIMEDOUT);
	net_filter_none();
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

static void play(const struct scene *scene)
{
	/* One ticket, and no other. */
	static const struct early_turn turns[] = {{0}, {.ticket = EARLY_NO_TICKET}};
	struct tlsfo_store *store = NULL;
	struct peer peer;

	if (!scene->cookie)
		net_set_fastopen(NET_FASTOPEN_CLIENT);
	assert_int_equal(tlsfo_store_new(&store), 0);
	struct tlsfo_config *config = make(store);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	find_nobody(store, scene, peer.port);
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.resumed, scene->kept);
	assert_int_equal(early_has_ticket(&seen), scene->kept);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

static void test(void **state)
{
	play(*state);
}

int main(void)
{
	struct CMUnitTest tests[suite_length(scenes)];

	for (size_t i = 0; i < suite_length(scenes); i++)
		tests[i] = (struct CMUnitTest){
			scenes[i].name, test, NULL, NULL, (void *)(uintptr_t)&scenes[i]};
	net_begin();
	net_need_filter();
	return suite_run("a ticket is given back unless it rode", tests, suite_length(tests));
}
