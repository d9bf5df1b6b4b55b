/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that did not take the ticket is not believed when it says that it took the early data
 * (RFC 8446 §4.2.10). The handshake ends; the client rung connects again and the server gets the
 * data once, as ordinary data. At the transport rung the hook ends the handshake, and without the
 * hook the report does not say "accepted".
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"
#include "support/resume.h"

#define REQUEST "how is the weather?\n"

static const struct early_turn turns[] = {{0}, {.other_key = true, .claims = true}, {0}};

static void start(struct peer *peer)
{
	early_start(peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
}

static void client(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	start(&peer);
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	struct tlsfo_report report =
		client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_HANDSHAKE_FAILED);
	assert_int_not_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_false(early_hear(&peer).resumed);
	struct early_seen seen = early_hear(&peer);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void transport(void **state)
{
	const struct way way = {AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, true};
	struct peer peer;
	struct visit visit;

	start(&peer);
	gnutls_datum_t ticket = resume_fetch(&way, peer.port);
	early_hear(&peer);
	resume_open(&visit, &way, peer.port, &ticket, REQUEST, strlen(REQUEST));
	if (*state != NULL)
		gnutls_handshake_set_hook_function(visit.session, 0, 0, NULL);
	int ret = visit_handshake(&visit);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_not_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(ret, *state != NULL ? 0 : GNUTLS_E_RECEIVED_ILLEGAL_EXTENSION);
	visit_close(&visit);
	gnutls_free(ticket.data);
	peer_stop(&peer);
}

int main(void)
{
	static char without[] = "a hook";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client),
		{"transport, with the hook", transport, NULL, NULL, NULL},
		{"transport, without it", transport, NULL, NULL, without},
	};

	return suite_run("early data is taken with the ticket alone", tests, suite_length(tests));
}
