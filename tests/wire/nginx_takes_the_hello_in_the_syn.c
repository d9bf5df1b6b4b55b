/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * nginx, on OpenSSL, with "listen … fastopen" of its own, takes the hello from the SYN and answers.
 * The sysctl is 0x3, which leaves it to each server.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/program.h"
#include "support/visit.h"

static void visit_nginx(const struct way *way, struct capture *capture, uint16_t port, size_t nth)
{
	static const char request[] = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
	char answer[8192] = "";
	size_t len = 0;
	struct visit visit;
	ssize_t n;

	visit_open(&visit, way, port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_send(&visit, request, sizeof(request) - 1);
	while ((n = gnutls_record_recv(visit.session, answer + len, sizeof(answer) - 1 - len)) !=
		0) {
		if (n == GNUTLS_E_AGAIN)
			visit_wait(&visit);
		else if (n > 0)
			len += (size_t)n;
		else
			assert_int_equal(gnutls_error_is_fatal((int)n), 0);
	}
	assert_non_null(strstr(answer, "nginx was here\n"));
	assert_int_equal(kernel_facts(visit.fd).syn_data, nth > 0);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open,
		nth > 0 ? TLSFO_FAST_OPEN_ACKNOWLEDGED : TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	if (nth > 0)
		visit_assert_hello(&visit, capture_syn(capture, port, nth));
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct program server;

	net_set_fastopen(NET_FASTOPEN_CLIENT | NET_FASTOPEN_SERVER);
	program_nginx(&server);
	visit_nginx(way, capture, server.port, 0);
	visit_nginx(way, capture, server.port, 1);
	program_stop(&server);
	capture_stop(capture);
}

int main(void)
{
	program_need("nginx");
	return way_run("nginx takes the hello in the SYN", test, WAY_ALL);
}
