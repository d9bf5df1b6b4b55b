/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that answers early data and closes before it has read the client's Finished leaves no error in the
 * report, although the Finished meets a connection that is gone. With nginx, whose connections end with the
 * answer.
 */

#include <poll.h>

#include "support/dial.h"
#include "support/net.h"
#include "support/program.h"
#include "support/visit.h"

#define GET    "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"
#define ANSWER "nginx was here\n"

/* Reads to the end, which is close_notify. */
static void expect_answer(struct visit *visit)
{
	char text[4096] = "";
	size_t len = 0;
	ssize_t n;

	while ((n = gnutls_record_recv(visit->session, text + len, sizeof(text) - 1 - len)) != 0) {
		if (n == GNUTLS_E_AGAIN)
			visit_wait(visit);
		else if (n < 0)
			fail_msg("%zu bytes, then %s", len, gnutls_strerror((int)n));
		else
			len += (size_t)n;
	}
	assert_non_null(strstr(text, ANSWER));
}

static gnutls_datum_t fetch_ticket(const struct way *way, uint16_t port)
{
	gnutls_datum_t ticket = {0};
	struct visit visit;

	visit_open(&visit, way, port);
	assert_int_equal(visit_handshake(&visit), 0);
	visit_send(&visit, GET, strlen(GET));
	expect_answer(&visit);
	assert_int_equal(gnutls_session_get_data2(visit.session, &ticket), 0);
	visit_close(&visit);
	return ticket;
}

/* Goes on reading when the server has closed. */
static void handshake_late(struct visit *visit)
{
	int ret;

	while ((ret = gnutls_handshake(visit->session)) == GNUTLS_E_AGAIN)
		dial_wait(visit->fd,
			tlsfo_transport_events(visit->session) == POLLIN ? POLLRDHUP : POLLOUT);
	assert_int_equal(ret, 0);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct program server;
	struct visit visit;

	program_nginx_on(&server, net_unused_port(AF_INET6),
		"ssl_early_data on;\nkeepalive_timeout 0;\nlingering_close off;");
	gnutls_datum_t ticket = fetch_ticket(way, server.port);
	visit_prepare_with(&visit, way, server.port, GNUTLS_ENABLE_EARLY_DATA);
	assert_int_equal(gnutls_session_set_data(visit.session, ticket.data, ticket.size), 0);
	assert_int_equal(gnutls_record_send_early_data(visit.session, GET, strlen(GET)), 0);
	visit_attach(&visit, way, 0);
	handshake_late(&visit);
	expect_answer(&visit);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(report.error, 0);
	assert_int_equal(report.system_error, 0);
	assert_int_equal(report.attempts[0].error, 0);
	gnutls_free(ticket.data);
	visit_close(&visit);
	program_stop(&server);
}

int main(void)
{
	program_need("nginx");
	return way_run("an answer before Finished leaves no error", test,
		WAY_SOCKET | WAY_ONLY_TLS13 | WAY_NONBLOCKING);
}
