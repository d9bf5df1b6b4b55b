/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A certificate for another name, one that has expired, one of an unknown CA and one that is a client's
 * are refused by default, and the text says why; only the switch with "insecure" in its name takes them. One
 * that names no purpose is as good as a server's. The chain that was refused can be shown, and nothing sent.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

struct bad {
	const char *certificate;
	const char *words; /* in the text */
};

static const struct bad bads[] = {
	{"wrong-name", "name"},
	{"expired", "expired"},
	{"unknown", "unknown"},
	{"client-only", "purpose"},
};

static void check_refused(const struct way *way, const struct bad *bad)
{
	struct tlsfo_config *config = client_config(way);
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	peer_start(&peer,
		&(struct peer_options){.family = way->family, .certificate = bad->certificate},
		peer_echo);
	assert_int_equal(client_connect(config, client_loopback(way->family), peer.port, &conn),
		GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
	assert_non_null(conn);
	if (strstr(tlsfo_conn_error(conn), bad->words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", tlsfo_conn_error(conn), bad->words);
	gnutls_session_t session = tlsfo_conn_session(conn);
	unsigned int count = 0;
	assert_non_null(session);
	assert_non_null(gnutls_certificate_get_peers(session, &count));
	assert_true(count > 0);
	assert_true(gnutls_record_send(session, "x", 1) < 0);
	char buf[1];
	assert_int_equal(tlsfo_conn_write(conn, "x", 1, TLSFO_NOW), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_read(conn, buf, 1, TLSFO_NOW), TLSFO_E_INVALID_ARGUMENT);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.error, GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
	assert_int_equal(report.verified, 0);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void check_taken_when_insecure(const struct way *way, const struct bad *bad)
{
	struct tlsfo_config *config = client_config(way);
	struct peer peer;

	peer_start(&peer,
		&(struct peer_options){.family = way->family, .certificate = bad->certificate},
		peer_echo);
	assert_int_equal(tlsfo_config_insecure_noverify(config), 0);
	struct tlsfo_conn *conn =
		client_connect_well(config, client_loopback(way->family), peer.port);
	client_echo(conn);
	assert_int_equal(client_report(conn).verified, 0);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void check_taken(const struct way *way, const char *certificate)
{
	struct tlsfo_config *config = client_config(way);
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = way->family, .certificate = certificate},
		peer_echo);
	struct tlsfo_conn *conn =
		client_connect_well(config, client_loopback(way->family), peer.port);
	client_echo(conn);
	assert_int_equal(client_report(conn).verified, 1);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void test(void **state)
{
	const struct way *way = *state;

	for (size_t i = 0; i < suite_length(bads); i++) {
		check_refused(way, &bads[i]);
		check_taken_when_insecure(way, &bads[i]);
	}
	check_taken(way, "no-purpose");
}

int main(void)
{
	return way_run("the client refuses bad certificates", test, WAY_SOCKET | WAY_NONBLOCKING);
}
