/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program that has a resolver of its own hands its addresses in: they are raced like those of a name, the host is
 * verified and keeps the tickets, and no name server is asked.
 */

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

/* It is in nobody's records. */
#define NAME "nowhere.test"

struct list {
	struct sockaddr_in6 ip6;
	struct sockaddr_in ip4;
	struct addrinfo each[2];
};

/* The first is refused. */
static void make_list(struct list *list, uint16_t port)
{
	*list = (struct list){
		.ip6 = {.sin6_family = AF_INET6,
			.sin6_port = htons(port),
			.sin6_addr = in6addr_loopback},
		.ip4 = {.sin_family = AF_INET,
			.sin_port = htons(port),
			.sin_addr = {htonl(INADDR_LOOPBACK)}},
	};
	list->each[0] = (struct addrinfo){.ai_family = AF_INET6,
		.ai_socktype = SOCK_STREAM,
		.ai_addr = (struct sockaddr *)&list->ip6,
		.ai_addrlen = sizeof(list->ip6),
		.ai_next = &list->each[1]};
	list->each[1] = (struct addrinfo){.ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_addr = (struct sockaddr *)&list->ip4,
		.ai_addrlen = sizeof(list->ip4)};
}

static void test(void **state)
{
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	struct list list;

	peer_start(&peer, &(struct peer_options){.family = AF_INET, .priority = way->priority},
		peer_echo);
	make_list(&list, peer.port);
	/* The certificate is another's. */
	assert_int_equal(tlsfo_conn_new(config, NAME, NULL, &conn), 0);
	assert_int_equal(tlsfo_conn_set_addresses(conn, list.each), 0);
	assert_int_equal(tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)),
		GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
	tlsfo_conn_free(conn);
	assert_int_equal(tlsfo_conn_new(config, NAME, NULL, &conn), 0);
	assert_int_equal(tlsfo_conn_set_addresses(conn, list.each), 0);
	assert_int_equal(tlsfo_conn_set_servername(conn, "localhost"), 0);
	assert_int_equal(tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	client_echo(conn);
	struct tlsfo_report report = client_report(conn);
	assert_string_equal(report.host, NAME);
	assert_string_equal(report.address, "127.0.0.1");
	assert_int_equal(report.attempt_count, 2);
	assert_string_equal(report.attempts[0].address, "::1");
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	client_close(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("given addresses need no name", test, WAY_SOCKET | WAY_IPV4 | WAY_BLOCKING);
}
