/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * First data without the mark that it may be processed twice: whatever ticket and cookie there are, the
 * SYN carries the hello alone, no early data is announced, and the data goes when the handshake is
 * over, once.
 */

#include "support/capture.h"
#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"

#define REQUEST "pay a thousand to Mallory\n"

static const struct early_turn turns[] = {{0}};

static void test(void **state)
{
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	char answer[sizeof(EARLY_ANSWER)] = "";
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	size_t hello_len = 0;
	size_t record = 0;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	struct capture *capture = capture_start();
	assert_int_equal(client_connect_first(config, client_loopback(way->family), peer.port,
				 REQUEST, strlen(REQUEST), 0, &conn),
		0);
	client_receive(conn, answer, sizeof(answer) - 1);
	struct tlsfo_report report = client_report(conn);
	client_close(conn);
	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	const unsigned char *hello = hello_in_flight(syn->payload, syn->len, &hello_len, &record);
	assert_non_null(hello);
	assert_int_equal(record, syn->len);
	/* A ticket, but no early data. */
	assert_non_null(hello_extension(hello, hello_len, HELLO_PRE_SHARED_KEY, &record));
	assert_null(hello_extension(hello, hello_len, HELLO_EARLY_DATA, &record));
	struct early_seen seen = early_hear(&peer);
	assert_true(seen.resumed);
	assert_int_equal(seen.early, 0);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report.early_data_reason, TLSFO_WITHHELD_NOT_REPLAYABLE);
	assert_int_equal(report.early_data_bytes, 0);
	assert_int_equal(report.flight_in_syn, 1);
	tlsfo_config_free(config);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return way_run("unmarked first data never leaves early", test,
		WAY_SOCKET | WAY_ONLY_TLS13 | WAY_NONBLOCKING);
}
