/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* OpenSSL's s_server takes the hello from the SYN and answers. */

#include "support/kernel.h"
#include "support/net.h"
#include "support/program.h"
#include "support/visit.h"

static void visit_openssl(const struct way *way, struct capture *capture, uint16_t port, size_t nth)
{
	struct visit visit;
	char answer[6] = "";

	visit_open(&visit, way, port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	/* It sends each line back, reversed. */
	visit_send(&visit, "hello\n", 6);
	visit_receive(&visit, answer, 6);
	assert_memory_equal(answer, "olleh\n", 6);
	assert_int_equal(kernel_facts(visit.fd).syn_data, nth > 0);
	if (nth > 0)
		visit_assert_hello(&visit, capture_syn(capture, port, nth));
	else
		assert_int_equal(capture_syn(capture, port, nth)->len, 0);
	assert_int_equal(visit_report(&visit).fast_open,
		nth > 0 ? TLSFO_FAST_OPEN_ACKNOWLEDGED : TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	assert_int_equal(gnutls_bye(visit.session, GNUTLS_SHUT_WR), 0);
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct program server;

	program_openssl(&server, strcmp(way->priority, WAY_TLS12) == 0 ? "-tls1_2" : "-tls1_3");
	visit_openssl(way, capture, server.port, 0);
	visit_openssl(way, capture, server.port, 1);
	program_stop(&server);
	capture_stop(capture);
}

int main(void)
{
	program_need("openssl");
	return way_run("OpenSSL takes the hello in the SYN", test, WAY_ALL);
}
