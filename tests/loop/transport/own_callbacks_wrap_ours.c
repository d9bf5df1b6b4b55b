/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program with callbacks of its own calls tlsfo's inside them (TLSFO_TRANSPORT_OWN_CALLBACKS):
 * the hello rides in the SYN, every byte of the session passes through the program's hands, and
 * tlsfo does not touch what the program set. With push and with vec_push.
 */

#include <poll.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

/* The program's own object behind the transport pointer. */
struct counted {
	struct tlsfo_transport *transport;
	size_t written;
	size_t read;
	unsigned int waits;
};

static ssize_t own_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt)
{
	struct counted *counted = ptr;
	ssize_t n = tlsfo_transport_vec_push(counted->transport, iov, iovcnt);

	counted->written += n > 0 ? (size_t)n : 0;
	return n;
}

static ssize_t own_push(gnutls_transport_ptr_t ptr, const void *buf, size_t len)
{
	struct counted *counted = ptr;
	ssize_t n = tlsfo_transport_push(counted->transport, buf, len);

	counted->written += n > 0 ? (size_t)n : 0;
	return n;
}

static ssize_t own_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	struct counted *counted = ptr;
	ssize_t n = tlsfo_transport_pull(counted->transport, buf, len);

	counted->read += n > 0 ? (size_t)n : 0;
	return n;
}

static int own_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	struct counted *counted = ptr;

	counted->waits++;
	return tlsfo_transport_pull_timeout(counted->transport, ms);
}

static void open_with_own(struct visit *visit, const struct way *way, uint16_t port,
	struct counted *counted, bool vec)
{
	visit_prepare(visit, way, port);
	/* The program's pointer is not a descriptor. */
	visit->asks_for_fd = false;
	gnutls_transport_set_ptr(visit->session, counted);
	if (vec)
		gnutls_transport_set_vec_push_function(visit->session, own_vec_push);
	else
		gnutls_transport_set_push_function(visit->session, own_push);
	gnutls_transport_set_pull_function(visit->session, own_pull);
	gnutls_transport_set_pull_timeout_function(visit->session, own_pull_timeout);
	visit_attach(visit, way, TLSFO_TRANSPORT_OWN_CALLBACKS);
	counted->transport = tlsfo_transport_get(visit->session);
	assert_non_null(counted->transport);
}

static void check_visit(const struct way *way, bool cookie, bool vec, size_t growth)
{
	struct capture *capture = capture_start();
	struct counted counted = {0};
	struct peer peer;
	struct visit visit;

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	open_with_own(&visit, way, peer.port, &counted, vec);
	visit_grow_hello(&visit, growth);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	assert_ptr_equal(gnutls_transport_get_ptr(visit.session), &counted);
	assert_int_equal(counted.written, kernel_facts(visit.fd).bytes_sent);
	assert_true(counted.read > 0);
	assert_int_equal(capture_syn(capture, peer.port, 0)->len > 0, cookie);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open,
		cookie ? TLSFO_FAST_OPEN_ACKNOWLEDGED : TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	assert_int_equal(report.syn_bytes, capture_syn(capture, peer.port, 0)->len);
	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

static void test(void **state)
{
	const struct way *way = *state;

	check_visit(way, false, true, 10);
	check_visit(way, true, true, 10);
	check_visit(way, true, false, 10);
	check_visit(way, true, true, 5000);
	net_fresh();
	check_visit(way, false, false, 5000);
}

int main(void)
{
	return way_run("own callbacks wrap ours", test, WAY_SOCKET);
}
