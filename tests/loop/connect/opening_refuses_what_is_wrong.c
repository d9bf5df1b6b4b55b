/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An opening says what is wrong with its arguments, and when it can no longer be told anything. It and its session may
 * end in either order, at every stage.
 */

#include <errno.h>
#include <netdb.h>
#include <unistd.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

#define PATIENCE_MS 30000

static const struct way ways[] = {
	{AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, true},
	{AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, false},
};

static int refuse(int fd, int family, void *userdata)
{
	(void)fd;
	(void)family;
	(void)userdata;
	return EPERM;
}

static void sessions_of_others_are_refused(void **state)
{
	static const unsigned int kinds[] = {GNUTLS_SERVER, GNUTLS_CLIENT | GNUTLS_DATAGRAM};
	struct tlsfo_opening *opening = NULL;
	struct visit visit;

	(void)state;
	for (size_t i = 0; i < suite_length(kinds); i++) {
		gnutls_session_t session;

		assert_int_equal(gnutls_init(&session, kinds[i]), 0);
		assert_int_equal(tlsfo_opening_new(session, &opening), TLSFO_E_NOT_A_CLIENT);
		gnutls_deinit(session);
	}
	visit_open(&visit, &ways[0], 443);
	assert_int_equal(tlsfo_opening_new(visit.session, &opening), TLSFO_E_IN_USE);
	assert_int_equal(tlsfo_opening_new(NULL, &opening), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_opening_new(visit.session, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_null(opening);
	visit_close(&visit);
	tlsfo_opening_free(NULL);
	assert_string_equal(tlsfo_opening_error(NULL), "");
	assert_int_equal(tlsfo_opening_fd(NULL), -1);
	assert_int_equal(tlsfo_opening_events(NULL), 0);
	assert_int_equal(tlsfo_opening_deadline(NULL), TLSFO_NEVER);
}

static void offer(struct visit *visit, const struct way *way, uint16_t port)
{
	visit_prepare(visit, way, port);
	visit_offer(visit, "127.0.0.1", tlsfo_deadline_in(PATIENCE_MS));
}

/* Every call that tells something, with good arguments. */
static void expect_all(struct tlsfo_opening *opening, int wanted)
{
	struct tlsfo_store *store = NULL;
	struct sockaddr_storage address;
	socklen_t len = net_loopback(AF_INET, 443, &address);
	struct addrinfo list = {
		.ai_family = AF_INET, .ai_addrlen = len, .ai_addr = (struct sockaddr *)&address};

	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_opening_add(opening, list.ai_addr, len), wanted);
	assert_int_equal(tlsfo_opening_add_list(opening, &list), wanted);
	assert_int_equal(tlsfo_opening_set_store(opening, store, "[::1]"), wanted);
	assert_int_equal(tlsfo_opening_set_socket_hook(opening, refuse, NULL), wanted);
	assert_int_equal(tlsfo_opening_set_fast_open(opening, TLSFO_USE_FAST_OPEN_NEVER), wanted);
	assert_int_equal(tlsfo_opening_set_deadline(opening, TLSFO_NEVER), wanted);
	tlsfo_store_free(store);
}

static void arguments_are_checked(void **state)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(AF_INET, 443, &address);
	struct sockaddr *to = (struct sockaddr *)&address;
	struct addrinfo list = {
		.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM, .ai_addrlen = len, .ai_addr = to};
	struct tlsfo_store *store = NULL;
	struct visit visit;
	int fd = -5;

	(void)state;
	offer(&visit, &ways[0], 443);
	assert_int_equal(tlsfo_store_new(&store), 0);
	struct tlsfo_opening *opening = visit.opening;
	assert_int_equal(tlsfo_opening_add(opening, NULL, len), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_opening_add(opening, to, len - 1), TLSFO_E_INVALID_ADDRESS);
	assert_int_equal(tlsfo_opening_add_list(opening, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_opening_add_list(opening, &list), TLSFO_E_INVALID_ADDRESS);
	list.ai_socktype = 0;
	net_loopback(AF_INET, 0, &address);
	assert_int_equal(tlsfo_opening_add(opening, to, len), TLSFO_E_INVALID_ADDRESS);
	assert_int_equal(tlsfo_opening_add_list(opening, &list), TLSFO_E_INVALID_ADDRESS);
	address.ss_family = AF_UNIX;
	assert_int_equal(tlsfo_opening_add(opening, to, len), TLSFO_E_INVALID_ADDRESS);
	assert_int_equal(tlsfo_opening_set_store(opening, store, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_opening_set_store(opening, store, ""), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_opening_set_store(opening, NULL, NULL), 0);
	assert_int_equal(tlsfo_opening_set_fast_open(opening, (enum tlsfo_fast_open_mode)7),
		TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_opening_advance(opening, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_opening_run(opening, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_opening_run(NULL, &fd), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_transport_connect(visit.session, NULL, TLSFO_NEVER, &fd),
		TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_transport_connect(visit.session, &list, TLSFO_NEVER, &fd), TLSFO_E_IN_USE);
	expect_all(NULL, TLSFO_E_INVALID_ARGUMENT);
	expect_all(opening, 0);
	assert_int_equal(tlsfo_opening_deadline(opening), TLSFO_NOW);
	/* The hook refuses every socket. */
	assert_int_equal(tlsfo_opening_run(opening, &fd), TLSFO_E_NOT_CONNECTED);
	assert_non_null(strstr(tlsfo_opening_error(opening), strerror(EPERM)));
	expect_all(opening, TLSFO_E_IN_USE);
	assert_int_equal(fd, -5);
	visit_close(&visit);
	tlsfo_store_free(store);
}

static void no_address_is_told(void **state)
{
	struct visit visit;
	int fd = -5;

	(void)state;
	visit_prepare(&visit, &ways[0], 443);
	assert_int_equal(tlsfo_opening_new(visit.session, &visit.opening), 0);
	assert_int_equal(tlsfo_opening_run(visit.opening, &fd), TLSFO_E_INVALID_ARGUMENT);
	assert_non_null(strstr(tlsfo_opening_error(visit.opening), "tlsfo_opening_add()"));
	assert_int_equal(fd, -5);
	/* The report of a short way that failed has the words, too. */
	assert_string_equal(visit_report(&visit).error_text, tlsfo_opening_error(visit.opening));
	visit_close(&visit);
}

static void session_without_priorities_fails(void **state)
{
	struct tlsfo_opening *opening = NULL;
	struct sockaddr_storage address;
	socklen_t len = net_loopback(AF_INET, 443, &address);
	gnutls_session_t session;
	int fd = -5;

	(void)state;
	assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT), 0);
	assert_int_equal(tlsfo_opening_new(session, &opening), 0);
	assert_int_equal(tlsfo_opening_add(opening, (struct sockaddr *)&address, len), 0);
	assert_int_equal(tlsfo_opening_run(opening, &fd), GNUTLS_E_NO_PRIORITIES_WERE_SET);
	assert_string_not_equal(tlsfo_opening_error(opening), "");
	gnutls_deinit(session);
	tlsfo_opening_free(opening);
}

/* How far the opening comes before its end. */
enum end_at { AT_THE_BEGINNING, UNDER_WAY, LATE, CONNECTED, END_COUNT };

static void advance_to(struct visit *visit, const struct way *way, enum end_at end)
{
	int ret = 0;

	if (end == UNDER_WAY)
		ret = tlsfo_opening_advance(visit->opening, &visit->fd);
	else if (end != AT_THE_BEGINNING)
		ret = visit_connect(visit, way);
	if (end == UNDER_WAY)
		assert_int_equal(ret, GNUTLS_E_AGAIN);
	else
		assert_int_equal(ret, end == LATE ? GNUTLS_E_TIMEDOUT : 0);
}

static void end_in_order(const struct way *way, uint16_t port, enum end_at end, bool session_first)
{
	size_t descriptors = suite_open_descriptors();
	struct visit visit;

	offer(&visit, way, port);
	if (end == LATE)
		assert_int_equal(
			tlsfo_opening_set_deadline(visit.opening, tlsfo_deadline_in(50)), 0);
	net_filter(end == UNDER_WAY || end == LATE ? NET_DROP_SYN : "");
	advance_to(&visit, way, end);
	net_filter_none();
	if (!session_first) {
		tlsfo_opening_free(visit.opening);
		visit.opening = NULL;
		assert_int_equal(visit_report(&visit).error, end == CONNECTED ? 0
							     : end == LATE    ? GNUTLS_E_TIMEDOUT
									   : TLSFO_E_NOT_CONNECTED);
		if (end == CONNECTED)
			assert_int_equal(visit_handshake(&visit), 0);
		else
			assert_true(gnutls_error_is_fatal(gnutls_handshake(visit.session)));
	} else {
		gnutls_deinit(visit.session);
		int fd = -5;
		int ret = tlsfo_opening_advance(visit.opening, &fd);

		assert_int_equal(ret, end == LATE ? GNUTLS_E_TIMEDOUT : TLSFO_E_INVALID_ARGUMENT);
		assert_string_not_equal(tlsfo_opening_error(visit.opening), "");
		assert_int_equal(fd, -5);
		assert_int_equal(gnutls_init(&visit.session, GNUTLS_CLIENT), 0);
	}
	visit_close(&visit);
	assert_int_equal(suite_open_descriptors(), descriptors);
}

static void ends_come_in_any_order(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_listen);
	for (int end = AT_THE_BEGINNING; end < END_COUNT; end++)
		for (size_t i = 0; i < suite_length(ways); i++) {
			end_in_order(&ways[i], peer.port, (enum end_at)end, true);
			end_in_order(&ways[i], peer.port, (enum end_at)end, false);
		}
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_of_others_are_refused),
		cmocka_unit_test(arguments_are_checked),
		cmocka_unit_test(no_address_is_told),
		cmocka_unit_test(session_without_priorities_fails),
		cmocka_unit_test(ends_come_in_any_order),
	};

	net_begin();
	net_need_filter();
	return suite_run("an opening refuses what is wrong", tests, suite_length(tests));
}
