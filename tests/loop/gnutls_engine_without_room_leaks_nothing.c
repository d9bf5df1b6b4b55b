/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GnuTLS's engine in a program's storage that first data leaves too little of: the failure is told, and the
 * socket of the attempt is closed.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"

static void test(void **state)
{
	static struct tlsfo_conn_storage storage;
	static char data[6000];
	struct tlsfo_config *config = client_config_default();
	char port[8];
	int told = 0;

	(void)state;
	assert_int_equal(tlsfo_config_set_engine(config, TLSFO_ENGINE_GNUTLS), 0);
	snprintf(port, sizeof(port), "%u", (unsigned int)net_unused_port(AF_INET));
	for (size_t len = 4000; len <= sizeof(data); len += 250) {
		struct tlsfo_conn *conn = NULL;
		int ret = tlsfo_connect_mem(&storage, TLSFO_CONN_STORAGE_MIN, config, "127.0.0.1",
			port, data, len, TLSFO_FIRST_DATA_REPLAYABLE,
			tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn);

		assert_true(ret == TLSFO_E_INVALID_STORAGE || ret == TLSFO_E_NOT_CONNECTED);
		told += ret == TLSFO_E_INVALID_STORAGE && client_report(conn).attempt_count == 1;
		tlsfo_conn_free(conn);
	}
	/* Once the attempt had its socket. */
	assert_true(told > 0);
	tlsfo_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {{"without room", test, NULL, NULL, NULL}};

	net_begin();
	return suite_run("GnuTLS's engine without room leaks nothing", tests, suite_length(tests));
}
