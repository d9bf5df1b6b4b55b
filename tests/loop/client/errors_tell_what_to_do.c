/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The text of every failure names the host once and what somebody has to know to mend it: what a certificate is for, since
 * when it is over and who made it, what a server of another protocol says, what became of each address in which mode, and
 * that a deadline had passed. A call that its deadline ended has a text until the next call.
 */

#include <unistd.h>

#include "support/client.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

/* The text must be this, or, where it ends in dots, begin so. */
static void expect_text(const char *text, const char *expected)
{
	size_t len = strlen(expected);
	bool whole = len < 3 || strcmp(expected + len - 3, "...") != 0;

	if (whole ? strcmp(text, expected) != 0 : strncmp(text, expected, len - 3) != 0)
		fail_msg("\"%s\" is not \"%s\"", text, expected);
}

/* Fails to connect, and looks at the code and the text. */
static void fails(struct tlsfo_config *config, const char *host, uint16_t port, int64_t deadline,
	int code, const char *expected)
{
	struct tlsfo_conn *conn = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", port);
	assert_int_equal(client_reach(config, host, service, deadline, &conn), code);
	expect_text(tlsfo_conn_error(conn), expected);
	struct tlsfo_report report = client_report(conn);
	expect_text(report.error_text, expected);
	tlsfo_conn_free(conn);
}

static void certificates(void **state)
{
	static const struct {
		const char *certificate;
		const char *expected;
	} rows[] = {
		{"wrong-name",
			"127.0.0.1: The certificate is NOT trusted. The name in the certificate "
			"does not match the expected. It is for other.test"},
		{"expired", "127.0.0.1: The certificate is NOT trusted. The certificate chain uses "
			    "expired certificate. It expired on 2002-01-01 00:00 UTC"},
		{"future",
			"127.0.0.1: The certificate is NOT trusted. The certificate chain uses not "
			"yet valid certificate. It is valid from 2090-01-01 00:00 UTC on, and the "
			"clock here says 2..."},
		{"unknown", "127.0.0.1: The certificate is NOT trusted. The certificate issuer is "
			    "unknown. The issuer is \"CN=tlsfo unknown CA\""},
	};

	(void)state;
	for (size_t i = 0; i < suite_length(rows); i++) {
		struct tlsfo_config *config = client_config_default();
		struct peer peer;

		peer_start(&peer,
			&(struct peer_options){
				.family = AF_INET, .certificate = rows[i].certificate},
			peer_echo);
		fails(config, "127.0.0.1", peer.port, tlsfo_deadline_in(CLIENT_PATIENCE_MS),
			GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR, rows[i].expected);
		tlsfo_config_free(config);
		peer_stop(&peer);
	}
}

/* Names and addresses, in the order in which the certificate has them. */
static void many_names(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .certificate = "no-purpose"},
		peer_echo);
	client_verify_as("elsewhere.test");
	fails(config, "127.0.0.1", peer.port, tlsfo_deadline_in(CLIENT_PATIENCE_MS),
		GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR,
		"elsewhere.test: The certificate is NOT trusted. The name in the certificate does "
		"not "
		"match the expected. It is for localhost, 127.0.0.1, ::1");
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void speak_smtp(struct peer_conn *conn)
{
	static const char greeting[] = "220 mail.test ESMTP\r\n250 and more\r\n";
	char buf[16];

	(void)!write(conn->fd, greeting, sizeof(greeting) - 1);
	while (read(conn->fd, buf, sizeof(buf)) > 0)
		;
}

static void speak_http(struct peer_conn *conn)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
	char buf[16];

	(void)!read(conn->fd, buf, sizeof(buf));
	(void)!write(conn->fd, answer, sizeof(answer) - 1);
	shutdown(conn->fd, SHUT_WR);
	while (read(conn->fd, buf, sizeof(buf)) > 0)
		;
}

static void other_protocols(void **state)
{
	static const struct {
		peer_body body;
		const char *expected;
	} rows[] = {
		{speak_smtp, "127.0.0.1: the server does not speak TLS on this port: it says \"220 "
			     "mail.test ESMTP\""},
		{speak_http, "127.0.0.1: the server does not speak TLS on this port: it says "
			     "\"HTTP/1.1 400 Bad Request\""},
	};

	(void)state;
	for (size_t i = 0; i < suite_length(rows); i++) {
		struct tlsfo_config *config = client_config_default();
		struct tlsfo_conn *conn = NULL;
		struct peer peer;

		peer_start(&peer, &(struct peer_options){.family = AF_INET, .no_tls = true},
			rows[i].body);
		assert_true(client_connect(config, "127.0.0.1", peer.port, &conn) < 0);
		expect_text(tlsfo_conn_error(conn), rows[i].expected);
		tlsfo_conn_free(conn);
		tlsfo_config_free(config);
		peer_stop(&peer);
	}
}

static void wrong_hosts(void **state)
{
	struct tlsfo_config *config = client_config_default();
	int64_t deadline = tlsfo_deadline_in(CLIENT_PATIENCE_MS);

	(void)state;
	fails(config, "https://www.server.test:8443/page", 443, deadline, TLSFO_E_NAME_NOT_FOUND,
		"\"https://www.server.test:8443/page\" is not a name: it is a URL, of which the "
		"host "
		"alone is wanted: \"www.server.test\"");
	fails(config, "https://[::1]:8443/", 443, deadline, TLSFO_E_NAME_NOT_FOUND,
		"\"https://[::1]:8443/\" is not a name: it is a URL, of which the host alone is "
		"wanted: \"[::1]\"");
	fails(config, "www.server.test/page", 443, deadline, TLSFO_E_NAME_NOT_FOUND,
		"\"www.server.test/page\" is not a name: it is a URL, of which the host alone is "
		"wanted: \"www.server.test\"");
	assert_int_equal(
		tlsfo_config_set_local_address(config, "127.0.0.1"), TLSFO_E_CONFIG_IN_USE);
	tlsfo_config_free(config);
	config = client_config_default();
	tlsfo_config_free(config);
	config = client_config_default();
	assert_int_equal(tlsfo_config_set_local_address(config, "::1"), 0);
	fails(config, "127.0.0.1", 443, deadline, TLSFO_E_NAME_NOT_FOUND,
		"127.0.0.1: not an IPv6 address; the local address ::1 allows IPv6 alone");
	tlsfo_config_free(config);
}

/* The second attempt to ::1 is plain because the first was refused with data in its SYN. */
static void addresses(void **state)
{
	struct tlsfo_config *config = client_config_default();
	uint16_t port = net_unused_port(AF_INET6);
	char expected[256];

	(void)state;
	snprintf(expected, sizeof(expected),
		"::1 port %u: Connection refused (fast open); 127.0.0.1 port %u: Connection "
		"refused "
		"(fast open)",
		port, port);
	fails(config, "both.test", port, tlsfo_deadline_in(CLIENT_PATIENCE_MS),
		TLSFO_E_NOT_CONNECTED, expected);
	/* With a cookie there is data in the SYN, and a plain attempt shows whether it was refused for that. */
	kernel_fetch_cookie(AF_INET6);
	snprintf(expected, sizeof(expected),
		"::1 port %u: Connection refused (fast open), Connection refused (plain); "
		"127.0.0.1 "
		"port %u: Connection refused (fast open)",
		port, port);
	fails(config, "both.test", port, tlsfo_deadline_in(CLIENT_PATIENCE_MS),
		TLSFO_E_NOT_CONNECTED, expected);
	tlsfo_config_free(config);
}

static void deadlines(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	char buf[16];

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	fails(config, "127.0.0.1", peer.port, tlsfo_now() - 1, GNUTLS_E_TIMEDOUT,
		"127.0.0.1: the deadline had passed before anything was done");
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	assert_int_equal(
		tlsfo_conn_read(conn, buf, sizeof(buf), tlsfo_deadline_in(1)), GNUTLS_E_TIMEDOUT);
	expect_text(tlsfo_conn_error(conn), "127.0.0.1: nothing could be read before the deadline");
	/* It is no failure of the connection. */
	assert_int_equal(client_report(conn).error, 0);
	assert_string_equal(client_report(conn).error_text, "");
	client_echo(conn);
	assert_string_equal(tlsfo_conn_error(conn), "");
	assert_int_equal(tlsfo_conn_shutdown(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	assert_int_equal(tlsfo_conn_write(conn, "x", 1, TLSFO_NOW), TLSFO_E_INVALID_ARGUMENT);
	expect_text(tlsfo_conn_error(conn), "127.0.0.1: ...");
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* A server that reads nothing lets a write end at its deadline. */
static void writing(void **state)
{
	static const char block[1 << 16];
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	ssize_t n = 1;

	(void)state;
	net_set_buffers(16384);
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_mute);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	while (n > 0)
		n = tlsfo_conn_write(conn, block, sizeof(block), tlsfo_deadline_in(50));
	assert_int_equal(n, GNUTLS_E_TIMEDOUT);
	expect_text(
		tlsfo_conn_error(conn), "127.0.0.1: nothing could be written before the deadline");
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates),
		cmocka_unit_test(many_names),
		cmocka_unit_test(other_protocols),
		cmocka_unit_test(wrong_hosts),
		cmocka_unit_test(addresses),
		cmocka_unit_test(deadlines),
		cmocka_unit_test(writing),
	};

	net_begin();
	net_need_names();
	return suite_run("errors tell what to do", tests, suite_length(tests));
}
