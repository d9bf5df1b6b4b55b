/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Early data that the SYN does not hold: as much of the flight as fits rides, the rest follows as soon as
 * the connection stands, still as early data, and the report says how much rode.
 */

#include "support/capture.h"
#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/resume.h"

#define LEN 12000

static const struct early_turn turns[] = {{0}};
static char data[LEN];

static void expect_report(
	const struct tlsfo_report *report, const struct capture_packet *syn, const char *what)
{
	if (report->syn_bytes != (int64_t)syn->len)
		fail_msg("%s: %lld of %zu bytes", what, (long long)report->syn_bytes, syn->len);
	assert_int_equal(report->flight_in_syn, 0);
	assert_true(report->flight_bytes > LEN + 500);
	assert_int_equal(report->early_data, TLSFO_EARLY_DATA_ACCEPTED);
}

/* The SYN is full. */
static void expect_syn(const struct capture_packet *syn)
{
	size_t hello_len = 0;
	size_t record = 0;

	assert_non_null(syn);
	assert_true(syn->len > 1300 && syn->len <= 1420);
	assert_non_null(hello_in_flight(syn->payload, syn->len, &hello_len, &record));
}

static void by_transport(const struct way *way)
{
	struct peer peer;
	struct visit visit;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	gnutls_datum_t ticket = resume_fetch(way, peer.port);
	early_hear(&peer);
	/* The handshake takes its time, and a figure that is read too late would show. */
	net_filter(NET_DROP_FIRST_SYNACK);
	struct capture *capture = capture_start();
	resume_open(&visit, way, peer.port, &ticket, data, LEN);
	assert_int_equal(visit_handshake(&visit), 0);
	assert_true(resume_accepted(&visit));
	resume_answer(&visit);
	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	expect_syn(syn);
	struct tlsfo_report report = visit_report(&visit);
	expect_report(&report, syn, "transport");
	visit_close(&visit);
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, LEN);
	early_expect_data(&seen, data, LEN);
	gnutls_free(ticket.data);
	peer_stop(&peer);
	capture_stop(capture);
}

static void by_client(const struct way *way)
{
	struct tlsfo_config *config = client_config(way);
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	client_request(config, way->family, peer.port, data, LEN);
	early_hear(&peer);
	struct capture *capture = capture_start();
	struct tlsfo_report report = client_request(config, way->family, peer.port, data, LEN);
	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	expect_syn(syn);
	/* With both ends on one host the kernel's counts may not tell how much left in the SYN. */
	if (report.syn_bytes != TLSFO_UNKNOWN)
		expect_report(&report, syn, "client");
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(report.early_data_bytes, LEN);
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, LEN);
	early_expect_data(&seen, data, LEN);
	tlsfo_config_free(config);
	peer_stop(&peer);
	capture_stop(capture);
}

static void test(void **state)
{
	const struct way *way = *state;

	by_transport(way);
	net_fresh();
	if (!way->blocking)
		by_client(way);
}

int main(void)
{
	memset(data, 'x', LEN);
	data[LEN - 1] = '\n';
	net_begin();
	net_need_filter();
	return way_run("early data larger than the SYN follows", test, WAY_SOCKET | WAY_ONLY_TLS13);
}
