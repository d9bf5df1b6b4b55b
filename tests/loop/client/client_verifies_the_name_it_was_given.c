/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The name that is connected to is verified, be it a DNS name or an address, or the server name
 * that the configuration gives; a DNS name is sent (SNI), an address never is.
 */

#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

/* Tells the test which name the client sent: a length and the name. */
static void tell_name(struct peer_conn *conn)
{
	char name[64] = "";
	size_t len = sizeof(name);
	unsigned int type;
	int ret = gnutls_server_name_get(conn->session, name, &len, &type, 0);

	if (ret != 0)
		memset(name, 0, sizeof(name));
	if (write(conn->test, name, sizeof(name)) != (ssize_t)sizeof(name))
		peer_fail("write", 0);
	peer_listen(conn);
}

static struct tlsfo_config *config_with(const char *servername)
{
	struct tlsfo_config *config = client_config_default();

	if (servername != NULL)
		client_verify_as(servername);
	return config;
}

static void check_good(
	struct peer *peer, const char *host, const char *servername, const char *sent)
{
	struct tlsfo_config *config = config_with(servername);
	struct tlsfo_conn *conn = client_connect_well(config, host, peer->port);
	char name[64];

	peer_hear(peer, name, sizeof(name));
	assert_string_equal(name, sent);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.verified, 1);
	assert_string_equal(report.host, host);
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	tlsfo_config_free(config);
}

static void check_bad(struct peer *peer, const char *host, const char *servername)
{
	struct tlsfo_config *config = config_with(servername);
	struct tlsfo_conn *conn = NULL;

	assert_int_equal(client_connect(config, host, peer->port, &conn),
		GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

static void good_names(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, tell_name);
	check_good(&peer, "localhost", NULL, "localhost");
	check_good(&peer, "localhost.", NULL, "localhost");
	check_good(&peer, "127.0.0.1", NULL, "");
	check_good(&peer, "127.0.0.1", "localhost", "localhost");
	check_good(&peer, "ip4.test", "127.0.0.1", "");
	peer_stop(&peer);
	peer_start(&peer, &(struct peer_options){.family = AF_INET6}, tell_name);
	check_good(&peer, "::1", NULL, "");
	check_good(&peer, "[::1]", NULL, "");
	check_good(&peer, "ip6.test", "localhost", "localhost");
	peer_stop(&peer);
}

/* TLS 1.2: in 1.3 the server is done before the client has judged, and would tell a name. */
static void bad_names(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(
		&peer, &(struct peer_options){.family = AF_INET, .priority = WAY_TLS12}, tell_name);
	check_bad(&peer, "ip4.test", NULL);
	check_bad(&peer, "localhost", "wrong.test");
	check_bad(&peer, "localhost", "127.0.0.2");
	check_bad(&peer, "127.0.0.1", "ip4.test");
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_names),
		cmocka_unit_test(bad_names),
	};

	net_begin();
	net_need_names();
	return suite_run("the client verifies the name it was given", tests, suite_length(tests));
}
