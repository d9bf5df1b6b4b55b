/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A session that tlsfo_transport_set_fastopen() refused is as it was. It has no transport, its
 * pointers are untouched, and it can be connected as if nothing had been.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <gnutls/dtls.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static const struct way plain_way = {AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, true};

/* A visit that is ready but for the call, and a good address for it. */
struct fixture {
	struct peer peer;
	struct visit visit;
	struct sockaddr_storage address;
	socklen_t len;
};

static int marker;

static void fixture_make(struct fixture *fixture)
{
	peer_start(&fixture->peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	visit_prepare(&fixture->visit, &plain_way, fixture->peer.port);
	fixture->len = net_loopback(AF_INET, fixture->peer.port, &fixture->address);
	gnutls_transport_set_ptr(fixture->visit.session, &marker);
}

/* The session is as fixture_make() left it, and works. */
static void fixture_check_and_end(struct fixture *fixture)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	gnutls_session_t session = fixture->visit.session;

	assert_null(tlsfo_transport_get(session));
	assert_int_equal(tlsfo_transport_get_report(session, &report), TLSFO_E_NO_TRANSPORT);
	assert_ptr_equal(gnutls_transport_get_ptr(session), &marker);
	visit_attach(&fixture->visit, &plain_way, 0);
	assert_int_equal(visit_handshake(&fixture->visit), GNUTLS_E_SUCCESS);
	visit_echo(&fixture->visit);
	visit_close(&fixture->visit);
	peer_stop(&fixture->peer);
}

static int set(struct fixture *fixture, int fd, unsigned int flags)
{
	return tlsfo_transport_set_fastopen(fixture->visit.session, fd,
		(struct sockaddr *)&fixture->address, fixture->len, flags);
}

static int set_address(struct fixture *fixture, const void *address, size_t len)
{
	return tlsfo_transport_set_fastopen(
		fixture->visit.session, fixture->visit.fd, address, (socklen_t)len, 0);
}

static void null_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(tlsfo_transport_set_fastopen(NULL, fixture.visit.fd,
				 (struct sockaddr *)&fixture.address, fixture.len, 0),
		TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(set_address(&fixture, NULL, fixture.len), TLSFO_E_INVALID_ARGUMENT);
	/* A socket that nobody has connected needs an address. */
	assert_int_equal(tlsfo_transport_set_fastopen(fixture.visit.session, fixture.visit.fd, NULL,
				 0, TLSFO_TRANSPORT_IF_UNCONNECTED),
		TLSFO_E_INVALID_ADDRESS);
	fixture_check_and_end(&fixture);
}

static void other_sessions_are_refused(void **state)
{
	static const unsigned int kinds[] = {
		GNUTLS_SERVER, GNUTLS_CLIENT | GNUTLS_DATAGRAM, GNUTLS_SERVER | GNUTLS_DATAGRAM};
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	for (size_t i = 0; i < suite_length(kinds); i++) {
		gnutls_session_t session;

		assert_int_equal(gnutls_init(&session, kinds[i]), 0);
		gnutls_transport_set_ptr(session, &marker);
		assert_int_equal(tlsfo_transport_set_fastopen(session, fixture.visit.fd,
					 (struct sockaddr *)&fixture.address, fixture.len, 0),
			TLSFO_E_NOT_A_CLIENT);
		assert_ptr_equal(gnutls_transport_get_ptr(session), &marker);
		assert_null(tlsfo_transport_get(session));
		gnutls_deinit(session);
	}
	fixture_check_and_end(&fixture);
}

static void unknown_flags_are_refused(void **state)
{
	static const unsigned int flags[] = {1U << 6, 1U << 31,
		TLSFO_TRANSPORT_GNUTLS | TLSFO_TRANSPORT_WAIT,
		TLSFO_TRANSPORT_SOCKET | TLSFO_TRANSPORT_GNUTLS,
		TLSFO_TRANSPORT_GNUTLS | TLSFO_TRANSPORT_PLAIN,
		TLSFO_TRANSPORT_GNUTLS | TLSFO_TRANSPORT_OWN_CALLBACKS};
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	for (size_t i = 0; i < suite_length(flags); i++)
		assert_int_equal(set(&fixture, fixture.visit.fd, flags[i]), TLSFO_E_INVALID_FLAGS);
	fixture_check_and_end(&fixture);
}

static void other_descriptors_are_refused(void **state)
{
	struct fixture fixture;
	int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fixture_make(&fixture);
	assert_int_equal(set(&fixture, -1, 0), TLSFO_E_NOT_A_TCP_SOCKET);
	assert_int_equal(set(&fixture, 999, 0), TLSFO_E_NOT_A_TCP_SOCKET);
	assert_int_equal(set(&fixture, udp, 0), TLSFO_E_NOT_A_TCP_SOCKET);
	assert_int_equal(set(&fixture, local, 0), TLSFO_E_NOT_A_TCP_SOCKET);
	assert_int_equal(set(&fixture, ends[0], 0), TLSFO_E_NOT_A_TCP_SOCKET);
	assert_int_equal(
		set(&fixture, ends[0], TLSFO_TRANSPORT_IF_UNCONNECTED), TLSFO_E_NOT_A_TCP_SOCKET);
	fixture_check_and_end(&fixture);
	close(udp);
	close(local);
	close(ends[0]);
	close(ends[1]);
}

static void used_sockets_are_refused(void **state)
{
	struct fixture fixture;
	struct sockaddr *address = (struct sockaddr *)&fixture.address;
	uint16_t port;

	(void)state;
	fixture_make(&fixture);
	int listening = net_listen(AF_INET, false, &port);
	int connected = net_socket(AF_INET, true);
	assert_int_equal(connect(connected, address, fixture.len), 0);
	assert_int_equal(set(&fixture, listening, 0), TLSFO_E_ALREADY_CONNECTED);
	assert_int_equal(set(&fixture, connected, 0), TLSFO_E_ALREADY_CONNECTED);
	net_filter(NET_DROP_SYN);
	int connecting = net_socket(AF_INET, false);
	assert_int_equal(connect(connecting, address, fixture.len), -1);
	assert_int_equal(set(&fixture, connecting, 0), TLSFO_E_ALREADY_CONNECTED);
	net_filter_none();
	close(listening);
	close(connected);
	close(connecting);
	fixture_check_and_end(&fixture);
}

static void other_addresses_are_refused(void **state)
{
	struct fixture fixture;
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/tmp/x"};
	struct sockaddr_storage long_address = {0};
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	(void)state;
	fixture_make(&fixture);
	memcpy(&in, &fixture.address, sizeof(in));
	memcpy(&long_address, &in, sizeof(in));
	assert_int_equal(set_address(&fixture, &local, sizeof(local)), TLSFO_E_INVALID_ADDRESS);
	assert_int_equal(set_address(&fixture, &in, 0), TLSFO_E_INVALID_ADDRESS);
	assert_int_equal(set_address(&fixture, &in, 1), TLSFO_E_INVALID_ADDRESS);
	assert_int_equal(set_address(&fixture, &in, sizeof(in) - 1), TLSFO_E_INVALID_ADDRESS);
	assert_int_equal(set_address(&fixture, &long_address, sizeof(long_address) + 1),
		TLSFO_E_INVALID_ADDRESS);
	assert_int_equal(set_address(&fixture, &long_address, 100000), TLSFO_E_INVALID_ADDRESS);
	net_loopback(AF_INET6, fixture.peer.port, &long_address);
	memcpy(&in6, &long_address, sizeof(in6));
	assert_int_equal(set_address(&fixture, &in6, sizeof(in6)), TLSFO_E_INVALID_ADDRESS);
	assert_int_equal(set_address(&fixture, &in6, sizeof(in6) - 1), TLSFO_E_INVALID_ADDRESS);
	in.sin_port = 0;
	assert_int_equal(set_address(&fixture, &in, sizeof(in)), TLSFO_E_INVALID_ADDRESS);
	in.sin_family = AF_UNSPEC;
	assert_int_equal(set_address(&fixture, &in, sizeof(in)), TLSFO_E_INVALID_ADDRESS);
	fixture_check_and_end(&fixture);
}

static void bad_storage_is_refused(void **state)
{
	struct fixture fixture;
	struct tlsfo_storage storage;
	struct sockaddr *address = (struct sockaddr *)&fixture.address;
	unsigned char *bytes = storage.opaque.bytes;

	(void)state;
	fixture_make(&fixture);
	gnutls_session_t session = fixture.visit.session;
	int fd = fixture.visit.fd;
	memset(&storage, 0x5a, sizeof(storage));
	assert_int_equal(tlsfo_transport_set_fastopen_mem(
				 session, fd, address, fixture.len, 0, NULL, sizeof(storage)),
		TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_transport_set_fastopen_mem(session, fd, address, fixture.len, 0,
				 &storage, TLSFO_STORAGE_MIN - 1),
		TLSFO_E_INVALID_STORAGE);
	assert_int_equal(tlsfo_transport_set_fastopen_mem(session, fd, address, fixture.len, 0,
				 bytes + 1, sizeof(storage) - 1),
		TLSFO_E_INVALID_STORAGE);
	assert_int_equal(tlsfo_transport_set_fastopen_mem(session, fd, address, fixture.len,
				 1U << 9, &storage, sizeof(storage)),
		TLSFO_E_INVALID_FLAGS);
	/* Not one byte was written. */
	for (size_t i = 0; i < sizeof(storage); i++)
		assert_int_equal(bytes[i], 0x5a);
	fixture_check_and_end(&fixture);
}

static void running_session_is_refused(void **state)
{
	struct fixture fixture;
	struct way way = plain_way;

	(void)state;
	fixture_make(&fixture);
	visit_attach(&fixture.visit, &way, 0);
	assert_int_equal(visit_handshake(&fixture.visit), GNUTLS_E_SUCCESS);
	int other = net_socket(AF_INET, true);
	assert_int_equal(set(&fixture, other, 0), TLSFO_E_IN_USE);
	close(other);
	/* It runs on over its own socket. */
	visit_echo(&fixture.visit);
	assert_int_equal(visit_report(&fixture.visit).error, 0);
	visit_close(&fixture.visit);
	peer_stop(&fixture.peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_is_refused),
		cmocka_unit_test(other_sessions_are_refused),
		cmocka_unit_test(unknown_flags_are_refused),
		cmocka_unit_test(other_descriptors_are_refused),
		cmocka_unit_test(used_sockets_are_refused),
		cmocka_unit_test(other_addresses_are_refused),
		cmocka_unit_test(bad_storage_is_refused),
		cmocka_unit_test(running_session_is_refused),
	};

	net_begin();
	net_need_filter();
	return suite_run("bad arguments change nothing", tests, suite_length(tests));
}
