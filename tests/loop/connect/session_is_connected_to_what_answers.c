/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A session of the program's own is connected to the first address of a list that answers, blocking and not, and the
 * report names every attempt. When none answers, the words name each address with its error. No descriptor is
 * left over.
 */

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

#define PATIENCE_MS 30000

static struct addrinfo *both(uint16_t port)
{
	struct addrinfo *addresses = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", port);
	/* Without a hint each address comes for TCP, UDP and raw sockets. */
	assert_int_equal(getaddrinfo("both.test", service, NULL, &addresses), 0);
	assert_int_equal(addresses->ai_family, AF_INET6);
	return addresses;
}

/* IPv6 comes first and refuses; the plain attempt makes sure that it is not the data that is refused. */
static void expect_attempts(struct visit *visit)
{
	static const struct tlsfo_attempt wanted[] = {
		{"::1", TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_FAILED, ECONNREFUSED, 0, 0},
		{"::1", TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_FAILED, ECONNREFUSED, 0, 0},
		{"127.0.0.1", TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_WON, 0, 0, 0},
	};
	struct tlsfo_report report = visit_report(visit);

	assert_int_equal(report.attempt_count, suite_length(wanted));
	for (size_t i = 0; i < suite_length(wanted); i++) {
		assert_string_equal(report.attempts[i].address, wanted[i].address);
		assert_int_equal(report.attempts[i].mode, wanted[i].mode);
		assert_int_equal(report.attempts[i].result, wanted[i].result);
		assert_int_equal(report.attempts[i].error, wanted[i].error);
	}
	assert_string_equal(report.address, "127.0.0.1");
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.flight_in_syn, 1);
	assert_int_equal(report.error, 0);
	assert_non_null(report.tls_version);
}

static void talk(struct visit *visit, bool blocking)
{
	assert_int_equal((fcntl(visit->fd, F_GETFL) & O_NONBLOCK) == 0, blocking);
	assert_int_equal(gnutls_transport_get_int(visit->session), visit->fd);
	assert_int_equal(visit_handshake(visit), 0);
	visit_echo(visit);
	expect_attempts(visit);
	visit_close(visit);
}

static void second_address_answers(void **state)
{
	const struct way *way = *state;
	struct peer peer;
	struct visit visit;

	kernel_fetch_cookie(AF_INET);
	kernel_fetch_cookie(AF_INET6);
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	struct addrinfo *addresses = both(peer.port);
	size_t descriptors = suite_open_descriptors();

	visit_prepare(&visit, way, peer.port);
	visit_offer(&visit, "both.test", tlsfo_deadline_in(PATIENCE_MS));
	assert_int_equal(visit_connect(&visit, way), 0);
	assert_string_equal(tlsfo_opening_error(visit.opening), "");
	/* Called again it says the same. */
	int fd = -1;
	assert_int_equal(tlsfo_opening_advance(visit.opening, &fd), 0);
	assert_int_equal(fd, visit.fd);
	assert_int_equal(tlsfo_opening_deadline(visit.opening), TLSFO_NEVER);
	assert_int_equal(tlsfo_opening_fd(visit.opening), -1);
	talk(&visit, way->blocking);

	/* The short way. */
	visit_prepare(&visit, way, peer.port);
	close(visit.fd);
	assert_int_equal(tlsfo_transport_connect(visit.session, addresses,
				 tlsfo_deadline_in(PATIENCE_MS), &visit.fd),
		0);
	talk(&visit, true);
	assert_int_equal(suite_open_descriptors(), descriptors);
	freeaddrinfo(addresses);
	peer_stop(&peer);
}

/* Of an IPv6 and an IPv4 address behind one that refuses, the IPv4 address is next (RFC 8305 §4). */
static void families_take_turns(void **state)
{
	const struct way *way = *state;
	struct sockaddr_storage to[3];
	struct addrinfo list[3];
	struct peer peer;
	struct visit visit;

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	for (size_t i = 0; i < 3; i++) {
		int family = i == 2 ? AF_INET : AF_INET6;
		uint16_t port = i == 2 ? peer.port : net_unused_port(AF_INET6);

		list[i] = (struct addrinfo){.ai_family = family,
			.ai_socktype = SOCK_STREAM,
			.ai_addr = (struct sockaddr *)&to[i],
			.ai_addrlen = net_loopback(family, port, &to[i]),
			.ai_next = i == 2 ? NULL : &list[i + 1]};
	}
	visit_prepare(&visit, way, peer.port);
	close(visit.fd);
	assert_int_equal(tlsfo_transport_connect(
				 visit.session, list, tlsfo_deadline_in(PATIENCE_MS), &visit.fd),
		0);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.attempt_count, 2);
	assert_string_equal(report.attempts[1].address, "127.0.0.1");
	visit_close(&visit);
	peer_stop(&peer);
}

static void no_address_answers(void **state)
{
	const struct way *way = *state;
	struct visit visit;
	size_t descriptors = suite_open_descriptors();

	visit_prepare(&visit, way, net_unused_port(AF_INET6));
	visit_offer(&visit, "both.test", tlsfo_deadline_in(PATIENCE_MS));
	assert_int_equal(visit_connect(&visit, way), TLSFO_E_NOT_CONNECTED);
	assert_int_equal(visit.fd, -1);
	assert_int_equal(visit_connect(&visit, way), TLSFO_E_NOT_CONNECTED);
	const char *text = tlsfo_opening_error(visit.opening);
	assert_non_null(strstr(text, "::1"));
	assert_non_null(strstr(text, "127.0.0.1"));
	assert_non_null(strstr(text, strerror(ECONNREFUSED)));
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.error, TLSFO_E_NOT_CONNECTED);
	assert_int_equal(report.system_error, ECONNREFUSED);
	assert_string_equal(report.error_text, text);
	assert_int_equal(report.connected, 0);
	assert_int_equal(report.attempt_count, 2);
	/* The session is of no more use, and says so at once. */
	assert_true(gnutls_error_is_fatal(gnutls_handshake(visit.session)));
	visit_close(&visit);
	assert_int_equal(suite_open_descriptors(), descriptors);
}

struct row {
	struct way_fact fact;
	CMUnitTestFunction test;
};

static const struct row rows[] = {
	{{"the second address answers", WAY_ONLY_TLS13 | WAY_SOCKET | WAY_IPV4},
		second_address_answers},
	{{"the families take turns", WAY_ONLY_TLS13 | WAY_SOCKET | WAY_IPV4}, families_take_turns},
	{{"no address answers", WAY_ONLY_TLS13 | WAY_SOCKET | WAY_IPV4}, no_address_answers},
};

static void test(void **state)
{
	((const struct row *)((const struct way *)*state)->row)->test(state);
}

int main(void)
{
	net_begin();
	net_need_names();
	return way_run_rows("a session is connected to what answers", test, rows, sizeof(rows[0]),
		suite_length(rows));
}
