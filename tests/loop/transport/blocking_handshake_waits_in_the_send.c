/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * On a blocking socket without a limit of time the call that sends the flight also waits for the
 * connection: no poll, and what the SYN took is sent once. A send timeout of the socket's limits it,
 * as it limits connect(2), and a signal ends it, unless the system restarts the call.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/storm.h"
#include "support/visit.h"

#define LIMIT_MS 300

/* Of this thread; the peer has its own. */
static _Thread_local unsigned int polls;

/* Takes the place of the system's. */
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	const struct timespec limit = {timeout / 1000, timeout % 1000 * 1000000L};

	polls++;
	return (int)syscall(SYS_ppoll, fds, count, timeout < 0 ? NULL : &limit, NULL, 8);
}

static void limit_sending(int fd, int ms)
{
	const struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), 0);
}

static void check(const struct way *way, bool cookie, size_t growth, int send_timeout_ms)
{
	struct peer peer;
	struct visit visit;

	if (cookie)
		kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	visit_grow_hello(&visit, growth);
	limit_sending(visit.fd, send_timeout_ms);
	gnutls_handshake_set_timeout(visit.session, GNUTLS_INDEFINITE_TIMEOUT);
	polls = 0;
	assert_int_equal(gnutls_handshake(visit.session), GNUTLS_E_SUCCESS);
	assert_int_equal(polls, 0);
	assert_int_equal(gnutls_transport_get_int(visit.session), visit.fd);
	visit_echo(&visit);
	visit_close(&visit);
	peer_stop(&peer);
	net_fresh();
}

static void check_over(const struct way *way, bool cookie, size_t growth)
{
	struct visit visit;

	if (cookie)
		kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_SYN);
	visit_open(&visit, way, net_unused_port(way->family));
	visit_grow_hello(&visit, growth);
	limit_sending(visit.fd, LIMIT_MS);
	gnutls_handshake_set_timeout(visit.session, GNUTLS_INDEFINITE_TIMEOUT);
	int64_t before = tlsfo_now();
	assert_int_equal(gnutls_handshake(visit.session), GNUTLS_E_PUSH_ERROR);
	/* The kernel's clock for this has ticks of up to ten milliseconds. */
	assert_true(tlsfo_now() - before >= LIMIT_MS - 20);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(tlsfo_transport_errno(visit.session), ETIMEDOUT);
	assert_int_equal(report.connected, 0);
	visit_close(&visit);
	net_fresh();
}

static void check_interrupted(const struct way *way, bool cookie, size_t growth)
{
	struct visit visit;

	if (cookie)
		kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_SYN);
	visit_open(&visit, way, net_unused_port(way->family));
	visit_grow_hello(&visit, growth);
	storm_begin(false);
	assert_int_equal(gnutls_handshake(visit.session), GNUTLS_E_INTERRUPTED);
	/* It may be called again. */
	assert_int_equal(gnutls_handshake(visit.session), GNUTLS_E_INTERRUPTED);
	storm_end();
	assert_int_equal(tlsfo_transport_errno(visit.session), 0);
	assert_string_equal(tlsfo_transport_error(visit.session), "");
	visit_close(&visit);
	net_fresh();
}

static void check_restarted(const struct way *way)
{
	struct peer peer;
	struct visit visit;

	kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	gnutls_handshake_set_timeout(visit.session, GNUTLS_INDEFINITE_TIMEOUT);
	storm_begin(true);
	/* Reading has a limit of the tests' own, which keeps it from being restarted. */
	int ret = gnutls_handshake(visit.session);
	storm_end();
	assert_true(ret == 0 || gnutls_record_get_direction(visit.session) == 0);
	assert_true(kernel_facts(visit.fd).established);
	visit_close(&visit);
	peer_stop(&peer);
	net_fresh();
}

/* The SYN that is sent again after a second is the first to be refused: by then signals have come. */
static void check_refused(const struct way *way)
{
	struct visit visit;
	int status = -1;

	kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_SYN);
	visit_open(&visit, way, net_unused_port(way->family));
	visit_grow_hello(&visit, 5000);
	gnutls_handshake_set_timeout(visit.session, GNUTLS_INDEFINITE_TIMEOUT);
	pid_t pid = fork();

	if (pid == 0) {
		usleep(300000);
		net_filter_none();
		_exit(0);
	}
	storm_begin(false);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_PUSH_ERROR);
	storm_end();
	assert_int_equal(visit_report(&visit).system_error, ECONNREFUSED);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	visit_close(&visit);
	net_fresh();
}

static void test(void **state)
{
	const struct way *way = *state;

	check_over(way, false, 10);
	check_interrupted(way, false, 10);
	/* The rest is beyond GnuTLS's engine: Linux forgets what the SYN took when a signal ends the call, and where a cookie
	 * is known GnuTLS waits in its first read. */
	if (way->engine == TLSFO_TRANSPORT_GNUTLS)
		return;
	check(way, false, 10, 0);
	check(way, true, 5000, 0);
	check(way, false, 10, 10000);
	check(way, true, 5000, 10000);
	check_over(way, true, 10);
	check_over(way, true, 5000);
	check_interrupted(way, true, 10);
	check_interrupted(way, true, 5000);
	check_restarted(way);
	check_refused(way);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run(
		"a blocking handshake waits in the send", test, WAY_BLOCKING | WAY_ONLY_TLS13);
}
