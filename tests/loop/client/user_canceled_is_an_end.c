/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that ends with the alerts user_canceled and close_notify, as those in Java do, has ended (RFC 8446
 * §6.1): the data is whole, and neither shutting down nor closing fails afterwards. Writing does, and
 * says why.
 */

#include "support/client.h"
#include "support/hostile.h"

static void ended(void **state)
{
	const char *behaviour = *state;
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	char buf[16];

	assert_int_equal(tlsfo_config_set_priority(config, hostile_priority(behaviour)), 0);
	hostile_start(&peer, behaviour);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	int64_t deadline = tlsfo_deadline_in(CLIENT_PATIENCE_MS);
	client_receive(conn, buf, 5);
	assert_memory_equal(buf, "whole", 5);
	assert_int_equal(tlsfo_conn_read(conn, buf, sizeof(buf), deadline), 0);
	assert_int_equal(tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW), 0);
	assert_string_equal(tlsfo_conn_error(conn), "");
	assert_int_equal(tlsfo_conn_shutdown(conn, deadline), 0);
	if (strcmp(hostile_priority(behaviour), WAY_TLS13) == 0) {
		assert_int_equal(
			tlsfo_conn_write(conn, "more", 4, deadline), GNUTLS_E_FATAL_ALERT_RECEIVED);
		assert_non_null(strstr(tlsfo_conn_error(conn), "the alert \"User canceled\""));
	}
	assert_int_equal(tlsfo_conn_close(conn, deadline), 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"TLS 1.3", ended, NULL, NULL, (void *)(uintptr_t) "user canceled"},
		{"TLS 1.2", ended, NULL, NULL, (void *)(uintptr_t) "user canceled, TLS 1.2"},
	};

	return suite_run("user_canceled is an end", tests, suite_length(tests));
}
