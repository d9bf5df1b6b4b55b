/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Early data that was read in another protocol than the session has is sent again, in the protocol
 * that was chosen, over a new connection. The protocol agreed on belongs to a ticket (RFC 8446
 * §4.2.10): a configuration that offers other protocols has no use for the ticket, and a server
 * that chooses another one than before, and takes the early data nevertheless, has read it in the
 * wrong protocol.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static const char *const both[] = {"old", "new"};

static struct tlsfo_config *offer(
	struct tlsfo_store *store, const char *const *protocols, size_t count)
{
	struct tlsfo_config *config = client_config_default();

	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	assert_int_equal(tlsfo_config_set_alpn(config, protocols, count), 0);
	return config;
}

static void server_chooses_another(void **state)
{
	static const struct early_turn turns[] = {
		{.alpn = "old"}, {.alpn = "old"}, {.alpn = "new"}};
	struct tlsfo_store *store = NULL;
	struct peer peer;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	struct tlsfo_config *config = offer(store, both, 2);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	struct tlsfo_report report =
		client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_string_equal(report.alpn, "old");
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	early_hear(&peer);

	report = client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	if (seen.accepted) {
		assert_int_equal(report.reconnected, TLSFO_RECONNECT_HANDSHAKE_FAILED);
		seen = early_hear(&peer);
	}
	assert_string_equal(report.alpn, "new");
	assert_int_equal(seen.early, 0);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	assert_int_equal(report.error, 0);

	report = client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_string_equal(report.alpn, "new");
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	early_hear(&peer);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

static void client_offers_others(void **state)
{
	static const struct early_turn turns[] = {{.alpn = "old"}};
	static const char *const only[] = {"old"};
	struct tlsfo_store *store = NULL;
	struct peer peer;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	struct tlsfo_config *before = offer(store, both, 2);
	struct tlsfo_config *after = offer(store, only, 1);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(before, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	struct tlsfo_report report =
		client_request(after, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_false(early_has_ticket(&seen));
	assert_int_equal(report.resumed, 0);
	/* The ticket is still there for whom it was got. */
	report = client_request(before, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	early_hear(&peer);
	tlsfo_config_free(before);
	tlsfo_config_free(after);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"the server chooses another protocol", server_chooses_another, NULL, NULL, NULL},
		{"the client offers others", client_offers_others, NULL, NULL, NULL},
	};

	return suite_run("a changed ALPN ends no connection", tests, suite_length(tests));
}
