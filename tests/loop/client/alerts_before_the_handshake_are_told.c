/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Alerts in place of a ServerHello are told as what they are: warnings without end as warnings, with the last
 * one's name, and an alert that has no name by its number.
 */

#include "support/client.h"
#include "support/hostile.h"

static void check(const char *behaviour, int code, const char *words)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	hostile_start(&peer, behaviour);
	assert_int_equal(client_connect(config, "127.0.0.1", peer.port, &conn), code);
	if (strstr(tlsfo_conn_error(conn), words) == NULL)
		fail_msg("\"%s\" does not say: %s", tlsfo_conn_error(conn), words);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void warnings(void **state)
{
	(void)state;
	check("endless warnings before hello", GNUTLS_E_UNEXPECTED_PACKET, "8 warnings in all");
	check("endless warnings before hello", GNUTLS_E_UNEXPECTED_PACKET,
		gnutls_alert_get_name(GNUTLS_A_UNRECOGNIZED_NAME));
}

static void unknown(void **state)
{
	(void)state;
	check("unknown alert", GNUTLS_E_FATAL_ALERT_RECEIVED, "the unknown alert 200");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warnings),
		cmocka_unit_test(unknown),
	};

	return suite_run("alerts before the handshake are told", tests, suite_length(tests));
}
