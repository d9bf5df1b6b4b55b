/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every setting of a configuration shows in the connection: trust from memory, the client's
 * certificate, ALPN, family, local address, fast open, and the system's trust store by default.
 * Once used, it can no longer be changed, and it may be given back before its connections.
 */

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/capture.h"
#include "support/client.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

static char *read_file(const char *path, size_t *ret_len)
{
	static char buf[16384];
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	*ret_len = fread(buf, 1, sizeof(buf), file);
	fclose(file);
	return buf;
}

static void trust_from_memory(void **state)
{
	struct tlsfo_config *config = NULL;
	struct peer peer;
	size_t len;
	const char *pem;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	assert_int_equal(tlsfo_config_new(&config), 0);
	/* Several add up; the second one counts here. */
	pem = read_file(CERTS_DIR "/unknown-ca.pem", &len);
	assert_int_equal(tlsfo_config_set_ca_mem(config, pem, len), 0);
	pem = read_file(CERTS_DIR "/ca.pem", &len);
	assert_int_equal(tlsfo_config_set_ca_mem(config, pem, len), 0);
	assert_int_equal(tlsfo_config_load(config), 0);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	client_echo(conn);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* Without a trust file the system's store is asked, which does not know the tests' CA. */
static void trust_of_the_system(void **state)
{
	struct tlsfo_config *config = NULL;
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	assert_int_equal(tlsfo_config_new(&config), 0);
	int ret = client_connect(config, "127.0.0.1", peer.port, &conn);
	/* A system may have no store at all. */
	assert_true(ret == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR || ret == TLSFO_E_INVALID_FILE);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* Tells the test how many certificates the client showed. */
static void tell_certificates(struct peer_conn *conn)
{
	unsigned int count = 0;

	gnutls_certificate_get_peers(conn->session, &count);
	if (write(conn->test, &count, sizeof(count)) != (ssize_t)sizeof(count))
		peer_fail("write", 0);
	peer_listen(conn);
}

static unsigned int certificates_shown(struct tlsfo_config *config, struct peer *peer)
{
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer->port);
	unsigned int count;

	peer_hear(peer, &count, sizeof(count));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	return count;
}

static void client_certificate(void **state)
{
	struct tlsfo_config *with = client_config_default();
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, tell_certificates);
	assert_int_equal(tlsfo_config_set_client_cert_file(
				 with, CERTS_DIR "/client.pem", CERTS_DIR "/client-key.pem"),
		0);
	assert_int_equal(certificates_shown(with, &peer), 1);
	assert_int_equal(certificates_shown(client_config_default(), &peer), 0);
	/* One that was refused is not shown. */
	with = client_config_default();
	assert_int_equal(tlsfo_config_set_client_cert_file(
				 with, CERTS_DIR "/client.pem", CERTS_DIR "/ca-key.pem"),
		TLSFO_E_INVALID_FILE);
	assert_int_equal(certificates_shown(with, &peer), 0);
	peer_stop(&peer);
}

static void application_protocol(void **state)
{
	static const char *const offered[] = {"h2", "http/1.1"};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .alpn = "http/1.1"}, peer_echo);
	assert_int_equal(tlsfo_config_set_alpn(config, offered, 2), 0);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	assert_string_equal(client_report(conn).alpn, "http/1.1");
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	config = client_config_default();
	conn = client_connect_well(config, "127.0.0.1", peer.port);
	assert_string_equal(client_report(conn).alpn, "");
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void family(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	assert_int_equal(tlsfo_config_set_family(config, AF_INET), 0);
	client_verify_as("localhost");
	conn = client_connect_well(config, "both.test", peer.port);
	assert_int_equal(client_report(conn).attempt_count, 1);
	tlsfo_conn_free(conn);
	assert_int_equal(client_connect(config, "::1", peer.port, &conn), TLSFO_E_NAME_NOT_FOUND);
	assert_non_null(strstr(tlsfo_conn_error(conn), "::1"));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void names_without_address(void **state)
{
	static const char *const services[] = {
		"0", "65536", "99999999999", "no-such-service", "-1"};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;

	(void)state;
	/* There is no name server that could tell whether there is such a name. */
	assert_int_equal(
		client_connect(config, "nobody.test", 443, &conn), TLSFO_E_NAME_LOOKUP_FAILED);
	assert_non_null(strstr(tlsfo_conn_error(conn), "nobody.test"));
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.error, TLSFO_E_NAME_LOOKUP_FAILED);
	assert_string_equal(report.host, "nobody.test");
	assert_int_equal(report.attempt_count, 0);
	tlsfo_conn_free(conn);
	for (size_t i = 0; i < suite_length(services); i++) {
		assert_int_equal(client_reach(config, "localhost", services[i], TLSFO_NEVER, &conn),
			TLSFO_E_SERVICE_NOT_FOUND);
		assert_non_null(strstr(tlsfo_conn_error(conn), services[i]));
		tlsfo_conn_free(conn);
	}
	tlsfo_config_free(config);
}

static void local_address(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	struct sockaddr_in local;
	socklen_t len = sizeof(local);

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	assert_int_equal(tlsfo_config_set_local_address(config, "127.0.0.7"), 0);
	client_verify_as("localhost");
	conn = client_connect_well(config, "both.test", peer.port);
	assert_int_equal(client_report(conn).attempt_count, 1);
	assert_int_equal(getsockname(tlsfo_conn_fd(conn), (struct sockaddr *)&local, &len), 0);
	assert_int_equal(ntohl(local.sin_addr.s_addr), 0x7f000007);
	tlsfo_conn_free(conn);
	assert_int_equal(client_connect(config, "::1", peer.port, &conn), TLSFO_E_NAME_NOT_FOUND);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);

	/* As a socket of both families tells it. */
	config = client_config_default();
	assert_int_equal(tlsfo_config_set_local_address(config, "::ffff:127.0.0.7"), 0);
	client_verify_as("localhost");
	conn = client_connect_well(config, "both.test", peer.port);
	assert_int_equal(client_report(conn).attempt_count, 1);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);

	config = client_config_default();
	assert_int_equal(tlsfo_config_set_local_address(config, "192.0.2.9"), 0);
	assert_int_equal(
		client_connect(config, "127.0.0.1", peer.port, &conn), TLSFO_E_NOT_CONNECTED);
	assert_int_equal(client_report(conn).attempts[0].error, EADDRNOTAVAIL);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void never_fast_open(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct capture *capture = capture_start();
	struct peer peer;

	(void)state;
	kernel_fetch_cookie(AF_INET);
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	assert_int_equal(tlsfo_config_set_fast_open(config, TLSFO_USE_FAST_OPEN_NEVER), 0);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	client_echo(conn);
	assert_int_equal(capture_syn(capture, peer.port, 0)->cookie, CAPTURE_NO_OPTION);
	assert_int_equal(capture_syn(capture, peer.port, 0)->len, 0);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_OFF);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_WANTED);
	assert_int_equal(report.engine, TLSFO_ENGINE_SOCKET);
	assert_int_equal(report.attempts[0].mode, TLSFO_MODE_PLAIN);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
	capture_stop(capture);
}

static void in_use(void **state)
{
	static const char *const alpn[] = {"h2"};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	assert_int_equal(tlsfo_config_set_ca_file(config, "x"), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_set_ca_mem(config, "x", 1), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(
		tlsfo_config_set_client_cert_file(config, "x", "y"), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(
		tlsfo_config_set_client_cert_mem(config, "x", 1, "y", 1), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_set_key_password(config, "x"), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_set_alpn(config, alpn, 1), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_set_priority(config, "NORMAL"), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_set_family(config, AF_INET), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_set_local_address(config, "::1"), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_set_fast_open(config, TLSFO_USE_FAST_OPEN_AUTO),
		TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(
		tlsfo_config_set_ticket_use(config, TLSFO_TICKETS_USE), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_set_verify(config, NULL, NULL), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_set_session_hook(config, NULL, NULL), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_add_pin(config, "x"), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_require_staple(config), TLSFO_E_CONFIG_IN_USE);
	assert_int_equal(tlsfo_config_insecure_noverify(config), TLSFO_E_CONFIG_IN_USE);
	/* The connection keeps what it needs. */
	tlsfo_config_free(config);
	client_echo(conn);
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_from_memory),
		cmocka_unit_test(trust_of_the_system),
		cmocka_unit_test(client_certificate),
		cmocka_unit_test(application_protocol),
		cmocka_unit_test(family),
		cmocka_unit_test(names_without_address),
		cmocka_unit_test(local_address),
		cmocka_unit_test(never_fast_open),
		cmocka_unit_test(in_use),
	};

	net_begin();
	net_need_names();
	return suite_run("a configuration does what it says", tests, suite_length(tests));
}
