/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The trust store, which takes milliseconds to load, is not asked for when a session is resumed,
 * because the server shows no certificate then. Where the server does not take the ticket, the
 * trust store is loaded in time to verify. This program is linked with tlsfo's archive, and stands
 * between it and the trust store.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"
#include "tls/trust.h"

#define REQUEST "how is the weather?\n"

static unsigned int loaded;
static bool fails;

int __real_trust_load(struct trust *trust);
int __wrap_trust_load(struct trust *trust);

int __wrap_trust_load(struct trust *trust)
{
	loaded++;
	return fails ? TLSFO_E_INVALID_FILE : __real_trust_load(trust);
}

static void test(void **state)
{
	static const struct early_turn turns[] = {
		{0}, {0}, {.replayed = true}, {.other_key = true}, {0}};
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	loaded = 0;
	fails = false;
	early_start(&peer, &(struct early_options){way->family, NULL, turns, suite_length(turns)});
	client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
	assert_true(loaded > 0);
	/* Twice with the ticket, once without early data. */
	loaded = 0;
	for (int i = 0; i < 2; i++) {
		struct tlsfo_report report =
			client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
		assert_int_equal(report.resumed, 1);
		assert_int_equal(report.verified, 1);
		assert_int_equal(loaded, 0);
	}
	/* The server cannot read it. */
	struct tlsfo_report report =
		client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
	assert_int_equal(report.resumed, 0);
	assert_true(loaded > 0);
	/* Nor the next, and now there is no trust store. */
	fails = true;
	int ret = client_connect_first(config, client_loopback(way->family), peer.port, REQUEST,
		strlen(REQUEST), TLSFO_FIRST_DATA_REPLAYABLE, &conn);
	assert_int_equal(ret, TLSFO_E_INVALID_FILE);
	assert_non_null(strstr(tlsfo_conn_error(conn), "no certificate"));
	assert_int_equal(client_report(conn).reconnected, TLSFO_RECONNECT_NONE);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("resumption needs no trust store", test,
		WAY_SOCKET | WAY_ONLY_TLS13 | WAY_NONBLOCKING);
}
