/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A private configuration asks for nothing by which a visitor could be known again, and shows nothing:
 * neither SYN has the fast-open option, also where a cookie is known, and neither ClientHello offers a
 * ticket, early data, or that it would take a ticket.
 */

#include <unistd.h>

#include "support/capture.h"
#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"

/* Extensions by which tickets are asked for: in TLS 1.2 (RFC 5077), in TLS 1.3 (RFC 8446 §4.2.9). */
enum { SESSION_TICKET = 35, PSK_KEY_EXCHANGE_MODES = 45 };

#define REQUEST "how is the weather?\n"

static void check_hello(struct capture *capture, uint16_t port)
{
	static const unsigned int unwanted[] = {
		HELLO_PRE_SHARED_KEY, HELLO_EARLY_DATA, SESSION_TICKET, PSK_KEY_EXCHANGE_MODES};
	unsigned char flight[4096];
	size_t len = capture_stream(capture, port, flight, sizeof(flight));
	size_t hello_len;
	size_t record;
	const unsigned char *hello = hello_in_flight(flight, len, &hello_len, &record);

	assert_non_null(hello);
	for (size_t i = 0; i < suite_length(unwanted); i++) {
		size_t size;

		if (hello_extension(hello, hello_len, unwanted[i], &size) != NULL)
			fail_msg("the ClientHello has extension %u", unwanted[i]);
	}
	/* What is looked for could be found. */
	size_t size;
	assert_non_null(hello_extension(hello, hello_len, HELLO_KEY_SHARE, &size));
}

static void visit(struct tlsfo_config *config, struct capture *capture, uint16_t port, size_t nth)
{
	struct tlsfo_report report =
		client_request(config, AF_INET, port, REQUEST, strlen(REQUEST));
	const struct capture_packet *syn = capture_syn(capture, port, nth);

	assert_non_null(syn);
	assert_int_equal(syn->cookie, CAPTURE_NO_OPTION);
	assert_int_equal(syn->len, 0);
	check_hello(capture, syn->from);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_OFF);
	assert_int_equal(report.resumed, 0);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
}

static void test(void **state)
{
	static const struct early_turn turn = {.ticket = EARLY_TICKET};
	struct tlsfo_config *config = client_config_default();
	struct capture *capture = capture_start();
	struct peer peer;

	(void)state;
	assert_int_equal(tlsfo_config_set_private(config), 0);
	early_start(&peer, &(struct early_options){AF_INET, NULL, &turn, 1});
	visit(config, capture, peer.port, 0);
	kernel_fetch_cookie(AF_INET);
	visit(config, capture, peer.port, 1);
	tlsfo_config_free(config);
	peer_stop(&peer);
	capture_stop(capture);
}

/* What would leave or show something is refused, whatever came first. */
static void contradictions_are_refused(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_store *store = NULL;
	struct tlsfo_conn *conn = NULL;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_config_set_private(NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	assert_int_equal(tlsfo_config_set_fast_open(config, TLSFO_USE_FAST_OPEN_ALWAYS), 0);
	assert_int_equal(tlsfo_config_set_private(config), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), TLSFO_E_INVALID_ARGUMENT);
	assert_non_null(strstr(tlsfo_config_error(config), "private"));
	assert_int_equal(tlsfo_config_set_fast_open(config, TLSFO_USE_FAST_OPEN_AUTO),
		TLSFO_E_INVALID_ARGUMENT);
	assert_non_null(strstr(tlsfo_config_error(config), "private"));
	assert_int_equal(tlsfo_config_set_store(config, NULL), 0);
	assert_int_equal(tlsfo_config_set_fast_open(config, TLSFO_USE_FAST_OPEN_NEVER), 0);
	assert_int_equal(
		client_prime(config, "127.0.0.1", "1", TLSFO_NOW, &conn), TLSFO_E_INVALID_ARGUMENT);
	assert_non_null(strstr(tlsfo_conn_error(conn), "private"));
	tlsfo_conn_free(conn);
	tlsfo_store_free(store);
	tlsfo_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test),
		cmocka_unit_test(contradictions_are_refused),
	};

	return suite_run("private visit leaves nothing", tests, suite_length(tests));
}
