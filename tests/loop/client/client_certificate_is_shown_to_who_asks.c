/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A client certificate is shown to every server that asks for one, whichever issuers the server names, in
 * the handshake or, in TLS 1.3, after it; the report says so. A server that gets none, or does not like
 * it, is no riddle: the error speaks of the client certificate.
 */

#include <poll.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

/* Tells the test how many certificates the client has shown. */
static void tell(struct peer_conn *conn)
{
	unsigned int count = 0;

	(void)gnutls_certificate_get_peers(conn->session, &count);
	if (write(conn->test, &count, sizeof(count)) != (ssize_t)sizeof(count))
		peer_fail("write", 0);
	peer_listen(conn);
}

/* A request for a place that asks for a certificate: it is asked for, and then answered. */
static void tell_after_request(struct peer_conn *conn)
{
	char request[3];
	unsigned int count = 0;
	int ret;

	peer_receive(conn, request, sizeof(request));
	gnutls_certificate_server_set_request(conn->session, GNUTLS_CERT_REQUIRE);
	do
		ret = gnutls_reauth(conn->session, 0);
	while (ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED);
	/* What it says of a client that did not announce that it can. */
	if (ret != 0 && ret != GNUTLS_E_INVALID_REQUEST)
		peer_fail("reauth", ret);
	(void)gnutls_certificate_get_peers(conn->session, &count);
	if (write(conn->test, &count, sizeof(count)) != (ssize_t)sizeof(count))
		peer_fail("write", 0);
	peer_send(conn, request, sizeof(request));
	peer_listen(conn);
}

static struct tlsfo_config *with_certificate(void)
{
	struct tlsfo_config *config = client_config_default();

	assert_int_equal(tlsfo_config_set_client_cert_file(
				 config, CERTS_DIR "/client.pem", CERTS_DIR "/client-key.pem"),
		0);
	return config;
}

static void line_says(const struct tlsfo_report *report, const char *words)
{
	char line[2048];

	assert_true(tlsfo_report_line(report, line, sizeof(line)) > 0);
	assert_non_null(strstr(line, words));
}

static void issuer_is_not_named(void **state)
{
	struct tlsfo_config *config = with_certificate();
	unsigned int count = 0;
	struct peer peer;

	(void)state;
	peer_start(
		&peer, &(struct peer_options){.family = AF_INET, .asks_for = "unknown-ca"}, tell);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	peer_hear(&peer, &count, sizeof(count));
	assert_int_equal(count, 1);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.client_cert, TLSFO_CLIENT_CERT_SENT);
	line_says(&report, ", client certificate sent");
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void none_is_there(void **state)
{
	struct tlsfo_config *config = client_config_default();
	unsigned int count = 1;
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, tell);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	peer_hear(&peer, &count, sizeof(count));
	assert_int_equal(count, 0);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.client_cert, TLSFO_CLIENT_CERT_NOT_SENT);
	line_says(&report, ", client certificate asked for, none sent");
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* In one call; or by a loop around poll(2), which every call returns to at once. */
static void read_answer(struct tlsfo_conn *conn, bool at_once)
{
	char answer[3] = "";

	if (!at_once) {
		client_receive(conn, answer, sizeof(answer));
		assert_memory_equal(answer, "GET", 3);
		return;
	}
	for (;;) {
		ssize_t n = tlsfo_conn_read(conn, answer, sizeof(answer), TLSFO_NOW);
		struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = tlsfo_conn_events(conn)};

		if (n == (ssize_t)sizeof(answer))
			return;
		assert_int_equal(n, GNUTLS_E_AGAIN);
		assert_int_equal(poll(&pfd, 1, CLIENT_PATIENCE_MS), 1);
	}
}

static void ask_later(
	struct tlsfo_config *config, bool at_once, unsigned int shown, enum tlsfo_client_cert told)
{
	unsigned int count = 9;
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = AF_INET, .asks_later = true},
		tell_after_request);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	assert_int_equal(client_report(conn).client_cert, TLSFO_CLIENT_CERT_NOT_ASKED);
	client_send(conn, "GET", 3);
	read_answer(conn, at_once);
	peer_hear(&peer, &count, sizeof(count));
	assert_int_equal(count, shown);
	assert_int_equal(client_report(conn).client_cert, told);
	client_close(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void after_the_handshake(void **state)
{
	(void)state;
	ask_later(with_certificate(), false, 1, TLSFO_CLIENT_CERT_SENT);
	ask_later(with_certificate(), true, 1, TLSFO_CLIENT_CERT_SENT);
	ask_later(client_config_default(), false, 0, TLSFO_CLIENT_CERT_NOT_ASKED);
}

/* A server says so in an alert, in TLS 1.3 behind the handshake. */
static void check_refused(struct tlsfo_config *config, const char *priority, peer_body body,
	const struct peer_options *options, const char *words)
{
	struct peer_options its = *options;
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char buf[8];

	its.family = AF_INET;
	its.priority = priority;
	peer_start(&peer, &its, body);
	ssize_t ret = client_connect(config, "127.0.0.1", peer.port, &conn);
	if (ret == 0)
		ret = tlsfo_conn_read(
			conn, buf, sizeof(buf), tlsfo_deadline_in(CLIENT_PATIENCE_MS));
	assert_int_equal(ret, GNUTLS_E_FATAL_ALERT_RECEIVED);
	assert_non_null(strstr(tlsfo_conn_error(conn), words));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* As a server does that has looked at the certificate. */
static void say_expired(struct peer_conn *conn)
{
	(void)gnutls_alert_send(conn->session, GNUTLS_AL_FATAL, GNUTLS_A_CERTIFICATE_EXPIRED);
	peer_listen(conn);
}

static void refusal_is_explained(void **state)
{
	static const char *const priorities[] = {"NORMAL", "NORMAL:-VERS-TLS1.3"};
	static const struct peer_options requires = {.requires = true};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		check_refused(client_config_default(), priorities[i], tell, &requires,
			"; it asked for a client certificate, and none was sent");
		check_refused(with_certificate(), priorities[i], say_expired, &requires,
			"expired\"; it does not accept the client certificate");
	}
}

/* What a server of TLS 1.2 does that wants a certificate for a part of what it has. */
static void renegotiate(struct peer_conn *conn)
{
	char buf[8];
	ssize_t n;

	(void)gnutls_rehandshake(conn->session);
	do
		n = gnutls_record_recv(conn->session, buf, sizeof(buf));
	while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	if (n != GNUTLS_E_WARNING_ALERT_RECEIVED)
		peer_fail("renegotiation was not refused", (int)n);
	(void)gnutls_alert_send(conn->session, GNUTLS_AL_FATAL, GNUTLS_A_HANDSHAKE_FAILURE);
}

static void renegotiation_is_refused(void **state)
{
	(void)state;
	check_refused(with_certificate(), "NORMAL:-VERS-TLS1.3", renegotiate,
		&(struct peer_options){.asks_later = true},
		"; it had asked to renegotiate TLS 1.2, perhaps for a client certificate");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(issuer_is_not_named),
		cmocka_unit_test(none_is_there),
		cmocka_unit_test(after_the_handshake),
		cmocka_unit_test(refusal_is_explained),
		cmocka_unit_test(renegotiation_is_refused),
	};

	return suite_run("client certificate is shown to who asks", tests, suite_length(tests));
}
