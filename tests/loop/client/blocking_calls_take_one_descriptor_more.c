/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program that is about to run out of descriptors connects as long as there are enough for the attempts and one more,
 * which tlsfo_conn_cancel() wakes by; that several are awaited at once takes none.
 */

#include <fcntl.h>
#include <sys/resource.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

#define DROP_IPV6 "add rule inet t in meta nfproto ipv6 tcp flags & (syn|ack) == syn drop\n"

/* Two to the address that is silent, and one to the other; priming makes one to each. */
enum { ATTEMPTS = 3, ADDRESSES = 2, LIMIT_MS = 300 };

/* The limit that leaves @count numbers to be used. */
static rlim_t limit_for(unsigned int count)
{
	int fd = 0;

	for (unsigned int left = count; left > 0; fd++)
		left -= fcntl(fd, F_GETFD) < 0;
	return (rlim_t)fd;
}

static struct rlimit before;

static void leave(unsigned int count)
{
	struct rlimit tight;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = limit_for(count);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
}

static void connecting(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	client_verify_as("localhost");
	net_filter(DROP_IPV6);
	leave(ATTEMPTS + 1);
	struct tlsfo_conn *conn = client_connect_well(config, "both.test", peer.port);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(client_report(conn).attempt_count, ATTEMPTS);
	assert_string_equal(client_report(conn).address, "127.0.0.1");
	client_echo(conn);
	tlsfo_conn_free(conn);
	net_filter_none();
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void priming(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char service[8];

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	snprintf(service, sizeof(service), "%u", (unsigned int)peer.port);
	net_filter(DROP_IPV6);
	leave(ADDRESSES + 1);
	int cookies =
		client_prime(config, "both.test", service, tlsfo_deadline_in(LIMIT_MS), &conn);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(cookies, 1);
	tlsfo_conn_free(conn);
	net_filter_none();
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connecting),
		cmocka_unit_test(priming),
	};

	net_begin();
	net_need_names();
	net_need_filter();
	return suite_run("blocking calls take one descriptor more", tests, suite_length(tests));
}
