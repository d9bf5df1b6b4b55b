/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * With a cookie and a ticket one SYN carries the whole flight, hello and early data, and the SYN-ACK
 * acknowledges it: at the transport rung with both modes of socket, and at the client rung.
 */

#include "support/capture.h"
#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/resume.h"

#define REQUEST "how is the weather?\n"

static const struct early_turn turns[] = {{0}};

/* Whole records from the first byte to the last, a hello first and early data last. */
static void expect_flight(const struct capture_packet *syn)
{
	size_t hello_len = 0;
	size_t at = 0;
	unsigned int last = 0;

	assert_non_null(syn);
	assert_true(syn->cookie > 0);
	const unsigned char *hello = hello_in_flight(syn->payload, syn->len, &hello_len, &at);
	assert_non_null(hello);
	assert_non_null(hello_extension(hello, hello_len, HELLO_EARLY_DATA, &(size_t){0}));
	assert_non_null(hello_extension(hello, hello_len, HELLO_PRE_SHARED_KEY, &(size_t){0}));
	while (at + 5 <= syn->len) {
		last = syn->payload[at];
		at += 5 + ((size_t)syn->payload[at + 3] << 8 | syn->payload[at + 4]);
	}
	assert_int_equal(at, syn->len);
	assert_int_equal(last, 23);
}

static void expect_wire(struct capture *capture, uint16_t port)
{
	const struct capture_packet *syn = capture_syn(capture, port, 0);
	const struct capture_packet *syn_ack = capture_syn_ack(capture, port, 0);

	expect_flight(syn);
	assert_int_equal(syn_ack->ack, syn->seq + 1 + (uint32_t)syn->len);
	assert_int_equal(capture_count_syns(capture, port), 1);
}

static void expect_report(const struct tlsfo_report *report, size_t syn_len)
{
	assert_int_equal(report->fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report->flight_bytes, syn_len);
	assert_int_equal(report->syn_bytes, syn_len);
	assert_int_equal(report->flight_in_syn, 1);
	assert_int_equal(report->early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(report->resumed, 1);
}

static void by_transport(const struct way *way)
{
	struct peer peer;
	struct visit visit;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	gnutls_datum_t ticket = resume_fetch(way, peer.port);
	early_hear(&peer);
	struct capture *capture = capture_start();
	resume_open(&visit, way, peer.port, &ticket, REQUEST, strlen(REQUEST));
	assert_int_equal(visit_handshake(&visit), 0);
	assert_true(resume_accepted(&visit));
	assert_int_equal(gnutls_transport_get_int(visit.session), visit.fd);
	resume_answer(&visit);
	expect_wire(capture, peer.port);
	assert_true(kernel_facts(visit.fd).syn_data);
	struct tlsfo_report report = visit_report(&visit);
	expect_report(&report, capture_syn(capture, peer.port, 0)->len);
	/* The program gave it to GnuTLS, and only GnuTLS knows how much that was. */
	assert_int_equal(report.early_data_bytes, TLSFO_UNKNOWN);
	visit_close(&visit);
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, strlen(REQUEST));
	gnutls_free(ticket.data);
	peer_stop(&peer);
	capture_stop(capture);
}

static void by_client(const struct way *way)
{
	struct tlsfo_config *config = client_config(way);
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	struct capture *capture = capture_start();
	struct tlsfo_report report =
		client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
	expect_wire(capture, peer.port);
	expect_report(&report, capture_syn(capture, peer.port, 0)->len);
	assert_int_equal(report.early_data_bytes, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, strlen(REQUEST));
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	tlsfo_config_free(config);
	peer_stop(&peer);
	capture_stop(capture);
}

static void test(void **state)
{
	const struct way *way = *state;

	by_transport(way);
	if (!way->blocking)
		by_client(way);
}

int main(void)
{
	return way_run("hello and early data leave in one SYN", test, WAY_SOCKET | WAY_ONLY_TLS13);
}
