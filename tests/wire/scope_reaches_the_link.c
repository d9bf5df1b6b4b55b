/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * To a link-local address with its scope the hello rides in the SYN of the second visit, and the
 * report names the interface. At both rungs.
 */

#include <netinet/in.h>

#include "support/client.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/program.h"
#include "support/visit.h"

static void visit_link(const struct way *way, const struct sockaddr_in6 *address, bool cookie)
{
	struct visit visit;

	visit_prepare(&visit, way, ntohs(address->sin6_port));
	assert_int_equal(tlsfo_transport_set_fastopen(visit.session, visit.fd,
				 (const struct sockaddr *)address, sizeof(*address), way->engine),
		0);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);
	assert_int_equal(kernel_facts(visit.fd).syn_data, cookie);
	assert_string_equal(visit_report(&visit).address, "fe80::1%lo");
	assert_int_equal(gnutls_bye(visit.session, GNUTLS_SHUT_WR), 0);
	visit_close(&visit);
}

static void connect_link(const struct way *way, uint16_t port)
{
	struct tlsfo_config *config = client_config(way);

	client_verify_as("localhost");
	struct tlsfo_conn *conn = client_connect_well(config, "fe80::1%lo", port);
	client_echo(conn);
	struct tlsfo_report report = client_report(conn);
	assert_string_equal(report.address, "fe80::1%lo");
	assert_string_equal(report.host, "fe80::1%lo");
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	conn = client_connect_well(config, "[fe80::1%lo]", port);
	client_echo(conn);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct sockaddr_storage storage;
	struct sockaddr_in6 address;
	struct program server;

	net_add_link_local(&storage);
	memcpy(&address, &storage, sizeof(address));
	program_gnutls_serv(&server, NULL);
	address.sin6_port = htons(server.port);
	visit_link(way, &address, false);
	visit_link(way, &address, true);
	connect_link(way, server.port);
	program_stop(&server);
}

int main(void)
{
	program_need("gnutls-serv");
	return way_run("a scope reaches the link", test, WAY_IPV6 | WAY_ONLY_TLS13);
}
