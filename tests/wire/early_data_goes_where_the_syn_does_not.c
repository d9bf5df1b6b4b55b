/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Early data does not depend on the SYN: where its data is lost, or its answer, where fast open is switched
 * off here or not wanted, the same flight follows on the same connection, the early data is accepted, and
 * the server gets it once.
 */

#include "support/capture.h"
#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static const struct early_turn turns[] = {{0}};

/* What the path or the system does to the second visit. */
struct trouble {
	const char *rules; /* of the packet filter */
	bool off;	   /* fast open is switched off here */
	bool plain;	   /* or not wanted */
	enum tlsfo_fast_open fast_open;
	size_t syns;
	bool in_syn; /* the first SYN carries it */
};

static struct tlsfo_config *make(const struct way *way, struct tlsfo_store *store, bool plain)
{
	struct tlsfo_config *config = client_config(way);

	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	assert_int_equal(tlsfo_config_set_fast_open(config,
				 plain ? TLSFO_USE_FAST_OPEN_NEVER : TLSFO_USE_FAST_OPEN_AUTO),
		0);
	return config;
}

static void expect_report(const struct tlsfo_report *report, const struct trouble *trouble)
{
	assert_string_equal(
		tlsfo_fast_open_name(report->fast_open), tlsfo_fast_open_name(trouble->fast_open));
	assert_int_equal(report->early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(report->early_data_bytes, strlen(REQUEST));
	assert_int_equal(report->reconnected, TLSFO_RECONNECT_NONE);
	/* Beside the SYN that was lost another attempt carried the same flight. */
	assert_int_equal(report->attempt_count, trouble->in_syn ? 2 : 1);
	assert_int_equal(report->flight_in_syn, 0);
}

static void check(const struct way *way, const struct trouble *trouble)
{
	struct tlsfo_store *store = NULL;
	struct peer peer;

	net_fresh();
	assert_int_equal(tlsfo_store_new(&store), 0);
	struct tlsfo_config *before = make(way, store, false);
	struct tlsfo_config *after = make(way, store, trouble->plain);
	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	client_request(before, way->family, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	if (trouble->rules != NULL)
		net_filter(trouble->rules);
	if (trouble->off)
		net_set_fastopen(NET_FASTOPEN_SERVER);
	struct capture *capture = capture_start();
	struct tlsfo_report report =
		client_request(after, way->family, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, strlen(REQUEST));
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	expect_report(&report, trouble);
	assert_int_equal(capture_syn(capture, peer.port, 0)->len > 0, trouble->in_syn);
	if (trouble->syns != 0)
		assert_int_equal(capture_count_syns(capture, peer.port), trouble->syns);
	tlsfo_config_free(before);
	tlsfo_config_free(after);
	tlsfo_store_free(store);
	peer_stop(&peer);
	capture_stop(capture);
}

static void test(void **state)
{
	static const struct trouble troubles[] = {
		{.rules = NET_DROP_SYN_WITH_DATA,
			.fast_open = TLSFO_FAST_OPEN_FELL_BACK,
			.syns = 2,
			.in_syn = true},
		{.off = true, .fast_open = TLSFO_FAST_OPEN_UNAVAILABLE, .syns = 1},
		{.plain = true, .fast_open = TLSFO_FAST_OPEN_OFF, .syns = 1},
	};

	for (size_t i = 0; i < suite_length(troubles); i++)
		check(*state, &troubles[i]);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("early data goes where the SYN does not", test,
		WAY_SOCKET | WAY_ONLY_TLS13 | WAY_NONBLOCKING);
}
