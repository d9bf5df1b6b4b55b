/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that rejects early data may be gone before the data comes again, without having seen the
 * client's Finished: the client thinks the handshake over, and the connection is made again all the
 * same. This program is linked with tlsfo's archive, and cuts the connection when it is to be
 * written to.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static unsigned int cuts;

ssize_t __real_gnutls_record_send(gnutls_session_t session, const void *data, size_t len);
ssize_t __wrap_gnutls_record_send(gnutls_session_t session, const void *data, size_t len);

ssize_t __wrap_gnutls_record_send(gnutls_session_t session, const void *data, size_t len)
{
	if (cuts > 0) {
		cuts--;
		shutdown(gnutls_transport_get_int(session), SHUT_RDWR);
	}
	return __real_gnutls_record_send(session, data, len);
}

static void made_again(void **state)
{
	static const struct early_turn turns[] = {{0}, {.replayed = true}, {0}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	cuts = 1;
	struct tlsfo_report report =
		client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_true(seen.announced);
	assert_int_equal(seen.total, 0);
	seen = early_hear(&peer);
	assert_false(seen.announced);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_CONNECTION_LOST);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report.attempt_count, 2);
	assert_int_equal(report.error, 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* What did not leave early is sent once, and its failure is told. */
static void not_sent_early(void **state)
{
	static const struct early_turn turns[] = {{0}};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, 1});
	cuts = 1;
	int ret = client_connect_first(config, "127.0.0.1", peer.port, REQUEST, strlen(REQUEST),
		TLSFO_FIRST_DATA_REPLAYABLE, &conn);
	assert_true(ret == GNUTLS_E_PUSH_ERROR || ret == GNUTLS_E_PREMATURE_TERMINATION);
	assert_int_equal(client_report(conn).reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(client_report(conn).attempt_count, 1);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"rejected, and lost", made_again, NULL, NULL, NULL},
		{"not sent early, and lost", not_sent_early, NULL, NULL, NULL},
	};

	return suite_run(
		"rejected early data outlives a lost connection", tests, suite_length(tests));
}
