/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The report has no name of a cipher until there is a cipher, and never "NULL". With TLS 1.2 a
 * connection is open before the server's Finished is there (false start, RFC 7918), and GnuTLS
 * calls the cipher "NULL" until then.
 */

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

static void test(void **state)
{
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct peer peer;
	struct tlsfo_report report;
	char json[8192];

	peer_start(&peer, &(struct peer_options){.family = way->family, .priority = way->priority},
		peer_echo);
	struct tlsfo_conn *conn =
		client_connect_well(config, client_loopback(way->family), peer.port);
	report = client_report(conn);
	assert_true(tlsfo_report_json(&report, json, sizeof(json)) > 0);
	assert_null(strstr(json, "\"NULL\""));
	client_echo(conn);
	report = client_report(conn);
	assert_non_null(report.tls_cipher);
	assert_string_not_equal(report.tls_cipher, "NULL");
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("the cipher is never NULL", test, WAY_SOCKET);
}
