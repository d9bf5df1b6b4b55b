/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The second connection after one that was lost with early data is watched patiently from its first moment on,
 * because there cannot be a third one; the first is watched shortly.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/watch.h"
#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"

#define REQUEST "how is the weather?\n"

/* Milliseconds of TCP_USER_TIMEOUT as they were set, in order. */
static unsigned int watches[8];
static size_t watch_count;

int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	unsigned int ms = 0;

	if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT)
		memcpy(&ms, value, sizeof(ms));
	if (ms != 0 && watch_count < suite_length(watches))
		watches[watch_count++] = ms;
	return __real_setsockopt(fd, level, name, value, len);
}

static void test(void **state)
{
	static const struct early_turn turns[] = {
		{0}, {.end = EARLY_CLOSE}, {.end = EARLY_CUT, .cut = 100}};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	kernel_fetch_cookie(AF_INET);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	watch_count = 0;
	assert_true(client_connect_first(config, "127.0.0.1", peer.port, REQUEST, strlen(REQUEST),
			    TLSFO_FIRST_DATA_REPLAYABLE, &conn) < 0);
	assert_int_equal(client_report(conn).reconnected, TLSFO_RECONNECT_CONNECTION_LOST);
	assert_int_equal(watch_count, 2);
	assert_true(watches[0] < WATCH_PATIENTLY);
	assert_int_equal(watches[1], WATCH_PATIENTLY);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"watched patiently", test, NULL, NULL, NULL},
	};

	return suite_run("a second connection is watched patiently", tests, suite_length(tests));
}
