/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * At the transport rung the ClientHello rides in the SYN as far as cookie, system and path allow, the rest follows
 * once, and wire, kernel and report agree on what rode. Each row is a fact of its own.
 *
 * The rows with rules for the packet filter are run with the argument "filtered".
 */

#include "support/capture.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/program.h"
#include "support/visit.h"

enum cookie { NO_COOKIE, COOKIE, COOKIE_BY_A_VISIT };
enum option { NO_OPTION, ASKS, SHOWS };
enum flight { NOTHING, WHOLE_HELLO, PART_OF_HELLO };

/* For `kernel`: not asked. */
#define NOT_ASKED ((enum kernel_fail)99)

struct row {
	struct way_fact fact;
	const char *rules;
	bool gnutls_serv; /* and not a server of the test's own */
	enum cookie cookie;
	unsigned int here;  /* net.ipv4.tcp_fastopen during the visit; 0: NET_FASTOPEN_ALL */
	bool none_there;    /* the server has no fast open */
	bool plain;	    /* TLSFO_TRANSPORT_PLAIN */
	bool least_mtu;	    /* that IPv4, or IPv6, has to carry */
	size_t growth;	    /* of the hello */
	size_t visits;	    /* of the same kind; 0: one */
	enum option option; /* of the SYN */
	enum flight flight; /* in the SYN */
	bool acknowledged;  /* by the SYN-ACK */
	bool more_syns;	    /* the next SYN is bare */
	bool more_synacks;  /* the SYN-ACK comes again */
	enum option answer; /* of the SYN-ACK, which SHOWS a cookie; ASKS: not asked */
	enum kernel_fail kernel;
	enum tlsfo_fast_open fast_open;
	enum tlsfo_reason reason;
};

static const struct row rows[] = {
	{.fact = {"the first visit asks for a cookie", WAY_ALL},
		.gnutls_serv = true,
		.option = ASKS,
		.answer = SHOWS,
		.kernel = KERNEL_FAIL_NO_COOKIE,
		.fast_open = TLSFO_FAST_OPEN_COOKIE_REQUESTED,
		.reason = TLSFO_REASON_NO_COOKIE},
	{.fact = {"the second visit's hello rides in the SYN", WAY_ALL},
		.gnutls_serv = true,
		.cookie = COOKIE_BY_A_VISIT,
		.option = SHOWS,
		.flight = WHOLE_HELLO,
		.acknowledged = true,
		.answer = ASKS,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED},
	/* The report tells this from a first visit. */
	{.fact = {"a server without fast open gives no cookie", WAY_ALL},
		.here = NET_FASTOPEN_CLIENT,
		.none_there = true,
		.visits = 2,
		.option = ASKS,
		.answer = NO_OPTION,
		.kernel = KERNEL_FAIL_NO_COOKIE,
		.fast_open = TLSFO_FAST_OPEN_NO_COOKIE_GIVEN,
		.reason = TLSFO_REASON_COOKIE_NOT_GIVEN},
	/* The server has given up fast open since the cookie was fetched. No SYN is lost, no timer runs. */
	{.fact = {"data that is not acknowledged is sent again at once", WAY_ALL},
		.cookie = COOKIE,
		.here = NET_FASTOPEN_CLIENT,
		.none_there = true,
		.option = SHOWS,
		.flight = WHOLE_HELLO,
		.answer = ASKS,
		.kernel = KERNEL_FAIL_DATA_NOT_ACKED,
		.fast_open = TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED,
		.reason = TLSFO_REASON_DATA_NOT_ACKNOWLEDGED},
	{.fact = {"fast open switched off here: plain connect", WAY_ALL},
		.cookie = COOKIE,
		.here = NET_FASTOPEN_ALL & ~(unsigned int)NET_FASTOPEN_CLIENT,
		.answer = ASKS,
		.kernel = NOT_ASKED,
		.fast_open = TLSFO_FAST_OPEN_UNAVAILABLE,
		.reason = TLSFO_REASON_DISABLED_HERE},
	{.fact = {"plain mode shows no fast open", WAY_SOCKET},
		.plain = true,
		.answer = ASKS,
		.kernel = NOT_ASKED,
		.fast_open = TLSFO_FAST_OPEN_OFF,
		.reason = TLSFO_REASON_NOT_WANTED},
	{.fact = {"plain mode shows no fast open where a cookie is known", WAY_SOCKET},
		.cookie = COOKIE,
		.plain = true,
		.answer = ASKS,
		.kernel = NOT_ASKED,
		.fast_open = TLSFO_FAST_OPEN_OFF,
		.reason = TLSFO_REASON_NOT_WANTED},
#define LARGER(more, small)                                                                        \
	.cookie = COOKIE, .least_mtu = (small), .growth = (more), .option = SHOWS,                 \
	.flight = PART_OF_HELLO, .acknowledged = true, .answer = ASKS, .kernel = NOT_ASKED,        \
	.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED
	{.fact = {"a hello larger than the SYN at the least MTU", WAY_ALL}, LARGER(1000, true)},
	{.fact = {"a hello larger than the SYN", WAY_ALL}, LARGER(2000, false)},
	{.fact = {"a hello of six kilobytes, larger than the SYN", WAY_ALL}, LARGER(6000, false)},
	{.fact = {"a hello of twelve kilobytes at the least MTU", WAY_ALL}, LARGER(12000, true)},
	/* The rest waits for the connection, without being lost, doubled or sent too early. */
	{.fact = {"a large hello outlives a lost SYN-ACK", WAY_ONLY_TLS13},
		.rules = NET_DROP_FIRST_SYNACK,
		.more_synacks = true,
		LARGER(6000, false)},
	/* The SYN that is answered in the end is the second. */
	{.fact = {"a first visit outlives a lost SYN-ACK", WAY_ONLY_TLS13},
		.rules = NET_DROP_FIRST_SYNACK,
		.option = ASKS,
		.more_syns = true,
		.more_synacks = true,
		.answer = ASKS,
		.kernel = NOT_ASKED,
		.fast_open = TLSFO_FAST_OPEN_FELL_BACK,
		.reason = TLSFO_REASON_SYN_RETRANSMITTED},
	/* The second SYN-ACK covers the data still. */
	{.fact = {"a second visit outlives a lost SYN-ACK", WAY_ONLY_TLS13},
		.rules = NET_DROP_FIRST_SYNACK,
		.cookie = COOKIE,
		.option = SHOWS,
		.flight = WHOLE_HELLO,
		.acknowledged = true,
		.more_synacks = true,
		.answer = ASKS,
		.kernel = NOT_ASKED,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED},
	/* The kernel sends a bare SYN after its timer. */
	{.fact = {"a lost SYN with data comes through bare", WAY_ONLY_TLS13},
		.rules = NET_DROP_SYN_WITH_DATA,
		.cookie = COOKIE,
		.option = SHOWS,
		.flight = WHOLE_HELLO,
		.more_syns = true,
		.answer = ASKS,
		.kernel = KERNEL_FAIL_SYN_RETRANSMITTED,
		.fast_open = TLSFO_FAST_OPEN_FELL_BACK,
		.reason = TLSFO_REASON_SYN_RETRANSMITTED},
};

/* While TCP connects because a SYN-ACK is lost, a program is told to wait: until it can write, when there is a
 * flight to send. */
static void begin_and_check(struct visit *visit, const struct row *row, struct capture *capture)
{
	size_t rode = capture_syn(capture, visit->port, 0)->len;

	assert_true(kernel_facts(visit->fd).connecting);
	struct tlsfo_report report = visit_report(visit);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_CONNECTED);
	assert_int_equal(report.syn_bytes, rode);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_PENDING);
	if (row->flight == WHOLE_HELLO) {
		assert_int_equal(report.flight_bytes, rode);
		return;
	}
	assert_int_equal(gnutls_record_get_direction(visit->session), 1);
	visit_wait(visit);
	assert_true(kernel_facts(visit->fd).established);
}

static bool cookie_is(const struct capture_packet *packet, enum option option)
{
	if (option == NO_OPTION)
		return packet->cookie == CAPTURE_NO_OPTION;
	return option == SHOWS ? packet->cookie > 0 : packet->cookie == 0;
}

/* Returns the length of the hello; @before is how many SYNs earlier visits sent. */
static size_t check_wire(
	struct visit *visit, const struct row *row, struct capture *capture, size_t before)
{
	unsigned char stream[20000];
	const struct capture_packet *syn = capture_syn(capture, visit->port, before);
	const struct capture_packet *syn_ack = capture_syn_ack(capture, visit->port, before);
	size_t len = capture_stream(capture, net_port(visit->fd), stream, sizeof(stream));
	size_t hello = 5 + (size_t)(stream[3] << 8 | stream[4]);

	/* The server's receiver got it whole, and something of another kind behind it. */
	assert_true(hello > row->growth && hello < len);
	visit_assert_hello_bytes(visit, stream, hello);
	assert_true(cookie_is(syn, row->option));
	if (row->flight == WHOLE_HELLO)
		visit_assert_hello(visit, syn);
	else if (row->flight == PART_OF_HELLO)
		assert_in_range(syn->len, 301, hello - 1);
	else
		assert_int_equal(syn->len, 0);
	if (row->flight != NOTHING)
		assert_int_equal(
			syn_ack->ack, syn->seq + 1 + (row->acknowledged ? (uint32_t)syn->len : 0));
	if (row->flight == NOTHING || !row->acknowledged)
		visit_assert_hello(visit, capture_from(capture, net_port(visit->fd),
						  PACKET_PSH | PACKET_SYN, PACKET_PSH, 0));
	if (row->answer != ASKS)
		assert_true(cookie_is(syn_ack, row->answer));
	if (row->more_syns) {
		assert_true(cookie_is(capture_syn(capture, visit->port, before + 1), NO_OPTION));
		assert_int_equal(capture_syn(capture, visit->port, before + 1)->len, 0);
	} else if (!row->more_synacks) {
		assert_int_equal(capture_count_syns(capture, visit->port), before + 1);
	}
	if (row->more_synacks)
		assert_non_null(capture_syn_ack(capture, visit->port, before + 1));
	return hello;
}

static void check_report(struct visit *visit, const struct way *way, size_t rode, size_t hello)
{
	const struct row *row = way->row;
	bool is_socket = way->engine == TLSFO_TRANSPORT_SOCKET;
	struct tlsfo_report report = visit_report(visit);

	assert_int_equal(report.fast_open, row->fast_open);
	assert_int_equal(report.reason, row->reason);
	/* Loopback is faster than GnuTLS's engine can be watched, and on a blocking socket it is not called
	 * back: a figure may be unknown, never wrong. */
	if (is_socket || row->flight == NOTHING || report.syn_bytes != TLSFO_UNKNOWN ||
		(row->rules != NULL && row->flight == WHOLE_HELLO && !way->blocking))
		assert_int_equal(report.syn_bytes, rode);
	if (row->rules == NULL || report.flight_bytes != TLSFO_UNKNOWN)
		assert_int_equal(report.flight_bytes, hello);
	assert_int_equal(report.engine, is_socket ? TLSFO_ENGINE_SOCKET : TLSFO_ENGINE_GNUTLS);
	assert_int_equal(report.family, way->family);
	assert_int_equal(report.port, visit->port);
	assert_string_equal(report.address, way->family == AF_INET ? "127.0.0.1" : "::1");
	assert_int_equal(report.attempt_count, 1);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_WON);
	assert_int_equal(report.attempts[0].mode,
		row->option == NO_OPTION ? TLSFO_MODE_PLAIN : TLSFO_MODE_FAST_OPEN);
	assert_int_equal(report.error, 0);
}

static void check_visit(
	const struct way *way, struct capture *capture, uint16_t port, size_t before)
{
	const struct row *row = way->row;
	struct visit visit;

	visit_prepare(&visit, way, port);
	visit_attach(&visit, way, row->plain ? TLSFO_TRANSPORT_PLAIN : 0);
	if (row->growth > 0)
		visit_grow_hello(&visit, row->growth);
	if (row->more_synacks && row->growth == 0 && !way->blocking) {
		assert_int_equal(gnutls_handshake(visit.session), GNUTLS_E_AGAIN);
		begin_and_check(&visit, row, capture);
	}
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	/* Each wait of a non-blocking program has something to wait for. */
	assert_true(visit.waits < 20);
	visit_echo(&visit);

	size_t hello = check_wire(&visit, row, capture, before);
	struct kernel_facts kernel = kernel_facts(visit.fd);

	assert_int_equal(kernel.syn_data, row->acknowledged);
	if (row->kernel != NOT_ASKED)
		assert_int_equal(kernel.fail, row->kernel);
	check_report(&visit, way, capture_syn(capture, port, before)->len, hello);
	visit_close(&visit);
}

static void visit_peer(const struct way *way, struct capture *capture)
{
	const struct row *row = way->row;
	struct peer peer;

	peer_start(&peer,
		&(struct peer_options){.family = way->family, .no_fastopen = row->none_there},
		peer_echo);
	for (size_t i = 0; i == 0 || i < row->visits; i++)
		check_visit(way, capture, peer.port, i);
	peer_stop(&peer);
}

static void visit_gnutls_serv(const struct way *way, struct capture *capture)
{
	const struct row *row = way->row;
	struct program server;

	program_gnutls_serv(&server, NULL);
	if (row->cookie == COOKIE_BY_A_VISIT)
		visit_whole(way, server.port);
	check_visit(way, capture, server.port, row->cookie == COOKIE_BY_A_VISIT ? 1 : 0);
	program_stop(&server);
}

static void test(void **state)
{
	const struct way *way = *state;
	const struct row *row = way->row;
	struct capture *capture = capture_start();

	if (row->least_mtu)
		/* Below 1280 there is no IPv6 (RFC 8200 §5). */
		net_set_mtu(way->family == AF_INET ? 576 : 1280);
	if (row->cookie == COOKIE)
		kernel_fetch_cookie(way->family);
	if (row->here != 0)
		net_set_fastopen(row->here);
	if (row->rules != NULL)
		net_filter(row->rules);
	if (row->gnutls_serv)
		visit_gnutls_serv(way, capture);
	else
		visit_peer(way, capture);
	capture_stop(capture);
}

int main(int argc, char **argv)
{
	size_t first = 0;
	size_t filtered = 0;

	(void)argv;
	while (rows[filtered].rules == NULL)
		filtered++;
	if (argc > 1) {
		net_begin();
		net_need_filter();
		first = filtered;
	} else {
		program_need("gnutls-serv");
	}
	return way_run_rows("the hello takes the way there is", test, rows + first, sizeof(rows[0]),
		argc > 1 ? suite_length(rows) - filtered : filtered);
}
