/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A visit that makes one connection tells what the box in its path made of fast open: wire, kernel and
 * report agree, and only what the box does costs time. Each row is a fact of its own.
 */

#include "path.h"

#include <errno.h>

/* How the visit ends. */
enum end { WELL, REFUSED, AT_DEADLINE };

/* What the SYN carries that has data. */
enum flight { NOTHING, WHOLE_HELLO, PART_OF_HELLO };

struct row {
	const char *fact;
	unsigned int ways;
	const char *box;      /* in the path from the beginning */
	bool behind_cookie;   /* or from when the cookie was fetched */
	bool first_visit;     /* no cookie was fetched before */
	const char *priority; /* of the transport rung; NULL: GnuTLS's default */
	size_t growth;	      /* of the ClientHello */
	unsigned int mtu;     /* of the lab; 0: 1500 */
	enum end end;
	enum flight flight;
	size_t syn_most; /* PART_OF_HELLO: the SYN holds less than this, and more than half of it */
	const char *lost_by;   /* the first SYN is lost by this box */
	bool bare_syn_follows; /* and the kernel sends one without the option */
	size_t syns;	       /* 0: the last of them may be late */
	bool acknowledged;     /* the SYN-ACK covers what the SYN carries */
	double first_byte;     /* comes after so many round trips; 0: its time is the box's doing */
	double response; /* and the response after so many, and before another one; 0: not asked */
	enum kernel_fail kernel;
	enum tlsfo_fast_open fast_open;
	enum tlsfo_reason reason;
	void (*more)(struct path *path); /* what else holds */
	bool again;			 /* the next visit is no other */
};

static const struct row *row;

static void syn_ack_has_a_cookie(struct path *path)
{
	assert_int_equal(path_syn_ack(path, 0).cookie_length, 8);
}

static void syn_ack_has_no_option(struct path *path)
{
	assert_int_equal(path_syn_ack(path, 0).fastopen_kind, 0);
}

static void option_is_stripped(struct path *path)
{
	syn_ack_has_no_option(path);
	assert_string_equal(
		path_expect_syn(path, 0, PATH_COOKIE_ASKED, NULL).altered_by, "strip-option");
}

static void data_is_stripped(struct path *path)
{
	struct lab_packet syn = path_expect_syn(path, 0, PATH_COOKIE, NULL);

	assert_string_equal(syn.altered_by, "strip-syn-data");
	assert_int_equal(syn.payload_arrived, 0);
}

static void synack_is_dropped(struct path *path)
{
	assert_string_equal(path_syn_ack(path, 0).dropped_by, "drop-first-synack");
}

static void synack_is_slow(struct path *path)
{
	struct lab_packet syn_ack = path_syn_ack(path, 0);

	assert_true(syn_ack.arrived_ns - syn_ack.sent_ns >= 150 * 1000000ULL);
}

static void synack_is_faked(struct path *path)
{
	assert_string_equal(path_syn_ack(path, 0).injected_by, "fake-ack-syn-data");
}

static void server_answered_in_vain(struct path *path)
{
	struct lab_moment moment;

	assert_true(lab_trace_records(path->lab, 0, LAB_SERVER, NULL, 0) > 0);
	assert_true(lab_trace_first_server_byte(path->lab, 0, &moment) < 0);
}

/* What did not fit the SYN follows it without a gap. */
static void rest_follows(struct path *path)
{
	struct lab_packet syn = path_expect_syn(path, 0, PATH_COOKIE, NULL);
	size_t hello = path_hello_length(path, 0);
	size_t end = syn.payload_length;
	struct lab_packet packet;

	assert_true(hello > row->growth);
	for (size_t i = syn.index + 1; lab_trace_packet(path->lab, i, &packet) == 0; i++) {
		if (packet.from != LAB_CLIENT || packet.payload_length == 0)
			continue;
		if (end < hello)
			assert_int_equal(packet.seq, syn.seq + 1 + (uint32_t)end);
		end += packet.payload_length;
	}
	assert_true(end > hello);
}

static const struct row rows[] = {
	/* The response could come after three; gnutls-serv leaves Nagle's algorithm on and sends the end of
	 * its first flight only when the beginning was acknowledged. */
	{.fact = "the first visit costs what a plain connect does",
		.ways = PATH_EVERY_WAY,
		.first_visit = true,
		.syns = 1,
		.first_byte = 2,
		.response = 4,
		.kernel = KERNEL_FAIL_NO_COOKIE,
		.fast_open = TLSFO_FAST_OPEN_COOKIE_REQUESTED,
		.reason = TLSFO_REASON_NO_COOKIE,
		.more = syn_ack_has_a_cookie},
	{.fact = "the second visit saves a round trip",
		.ways = PATH_EVERY_WAY,
		.flight = WHOLE_HELLO,
		.syns = 1,
		.acknowledged = true,
		.first_byte = 1,
		.response = 3,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED},
	/* The kernel knows the path's MSS from the first visit and puts no more than that in the SYN. */
	{.fact = "a clamped MSS lets a part of the flight ride",
		.ways = PATH_EVERY_WAY,
		.box = "clamp-mss=536",
		.growth = 1000,
		.flight = PART_OF_HELLO,
		.syn_most = 536,
		.syns = 1,
		.acknowledged = true,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED,
		.more = rest_follows},
	/* The least MTU that IPv6 allows. */
	{.fact = "a hello larger than MTU 1280 rides in part",
		.ways = PATH_EVERY_WAY,
		.growth = 2000,
		.mtu = 1280,
		.flight = PART_OF_HELLO,
		.syn_most = 1280,
		.syns = 1,
		.acknowledged = true,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED,
		.more = rest_follows},
	{.fact = "a slow SYN-ACK makes one connection",
		.ways = PATH_TRANSPORT,
		.box = "delay-synack=150",
		.flight = WHOLE_HELLO,
		.syns = 1,
		.acknowledged = true,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED,
		.more = synack_is_slow},
	{.fact = "a stripped option gives no cookie",
		.ways = PATH_EVERY_WAY,
		.box = "strip-option",
		.first_visit = true,
		.syns = 1,
		.first_byte = 2,
		.kernel = KERNEL_FAIL_NO_COOKIE,
		.fast_open = TLSFO_FAST_OPEN_NO_COOKIE_GIVEN,
		.reason = TLSFO_REASON_COOKIE_NOT_GIVEN,
		.more = option_is_stripped,
		.again = true},
	/* The SYN-ACK covers the SYN alone, and the kernel sends the hello again at once. */
	{.fact = "stripped SYN data is resent at once",
		.ways = PATH_EVERY_WAY,
		.box = "strip-syn-data",
		.flight = WHOLE_HELLO,
		.syns = 1,
		.first_byte = 2,
		.kernel = KERNEL_FAIL_DATA_NOT_ACKED,
		.fast_open = TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED,
		.reason = TLSFO_REASON_DATA_NOT_ACKNOWLEDGED,
		.more = data_is_stripped},
	/* The kernel's timer sends it a second later. */
	{.fact = "a dropped SYN with data comes back bare",
		.ways = PATH_TRANSPORT,
		.box = "drop-syn-data",
		.flight = WHOLE_HELLO,
		.lost_by = "drop-syn-data",
		.bare_syn_follows = true,
		.syns = 2,
		.kernel = KERNEL_FAIL_SYN_RETRANSMITTED,
		.fast_open = TLSFO_FAST_OPEN_FELL_BACK,
		.reason = TLSFO_REASON_SYN_RETRANSMITTED},
	/* Already the question for a cookie is lost. */
	{.fact = "a dropped SYN with the option comes back bare",
		.ways = PATH_TRANSPORT,
		.box = "drop-syn-option",
		.first_visit = true,
		.lost_by = "drop-syn-option",
		.bare_syn_follows = true,
		.syns = 2,
		.kernel = KERNEL_FAIL_NO_COOKIE,
		.fast_open = TLSFO_FAST_OPEN_FELL_BACK,
		.reason = TLSFO_REASON_SYN_RETRANSMITTED,
		.more = syn_ack_has_no_option},
	{.fact = "the first visit outlives a dropped SYN-ACK",
		.ways = PATH_TRANSPORT,
		.box = "drop-first-synack",
		.first_visit = true,
		.bare_syn_follows = true,
		.syns = 2,
		.kernel = KERNEL_FAIL_NO_COOKIE,
		.fast_open = TLSFO_FAST_OPEN_FELL_BACK,
		.reason = TLSFO_REASON_SYN_RETRANSMITTED,
		.more = synack_is_dropped},
	/* The server has read the hello; its next SYN-ACK acknowledges it, and it is not sent twice. */
	{.fact = "the second visit outlives a dropped SYN-ACK",
		.ways = PATH_TRANSPORT,
		.box = "drop-first-synack",
		.behind_cookie = true,
		.flight = WHOLE_HELLO,
		.acknowledged = true,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED,
		.more = synack_is_dropped},
	{.fact = "a reset of SYN data is a refusal",
		.ways = PATH_TRANSPORT,
		.box = "rst-syn-data",
		.end = REFUSED,
		.flight = WHOLE_HELLO,
		.lost_by = "rst-syn-data",
		.syns = 1,
		.fast_open = TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED,
		.reason = TLSFO_REASON_NOT_CONNECTED},
	/* Nothing tells this path from a server that does not answer. */
	{.fact = "a faked acknowledgement ends at the deadline",
		.ways = PATH_TRANSPORT,
		.box = "fake-ack-syn-data",
		.end = AT_DEADLINE,
		.flight = WHOLE_HELLO,
		.lost_by = "fake-ack-syn-data",
		.syns = 1,
		.acknowledged = true,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED,
		.more = synack_is_faked},
	/* The handshake misses the server's Finished in TLS 1.2; in TLS 1.3 the end of gnutls-serv's first
	 * flight, whose beginning is never acknowledged. (In TLS 1.2 the client has false start, which is
	 * another fact.) */
	{.fact = "what is swallowed after the SYN ends at the deadline",
		.ways = PATH_EVERY_WAY,
		.box = "swallow-after-syn",
		.priority = WAY_TLS12,
		.end = AT_DEADLINE,
		.flight = WHOLE_HELLO,
		.syns = 1,
		.acknowledged = true,
		.first_byte = 1,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED},
	{.fact = "swallowed server data ends at the deadline",
		.ways = PATH_TRANSPORT,
		.box = "swallow-server-data",
		.end = AT_DEADLINE,
		.flight = WHOLE_HELLO,
		.syns = 1,
		.acknowledged = true,
		.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED,
		.more = server_answered_in_vain},
};

static void visit(struct path *path)
{
	if (row->end == WELL) {
		path_visit_well(path);
		return;
	}
	if (row->end == AT_DEADLINE)
		path->limit_ms = PATH_LIMIT_MS;
	path_visit(path);
	if (row->end == AT_DEADLINE)
		path_expect_deadline(path);
	else
		path_expect_refusal(path, ECONNREFUSED);
}

/* Returns how many bytes of the hello rode in the SYN. */
static size_t expect_wire(struct path *path)
{
	struct lab_packet syn = path_expect_syn(
		path, 0, row->first_visit ? PATH_COOKIE_ASKED : PATH_COOKIE, row->lost_by);

	if (row->syns > 0)
		assert_int_equal(lab_trace_syns(path->lab), row->syns);
	assert_int_equal(lab_trace_connections(path->lab), 1);
	if (row->bare_syn_follows)
		path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	if (row->flight == NOTHING)
		assert_int_equal(syn.payload_length, 0);
	else if (row->flight == WHOLE_HELLO)
		assert_int_equal(syn.payload_length, path_hello_length(path, 0));
	else
		assert_in_range(syn.payload_length, row->syn_most / 2 + 1, row->syn_most - 1);
	if (row->flight != NOTHING && row->end != REFUSED)
		assert_int_equal(lab_trace_syn_acked(path->lab, 0),
			row->acknowledged ? syn.payload_length : 0);
	return syn.payload_length;
}

static void expect_times(const struct path *path)
{
	struct lab_moment response;

	if (row->first_byte > 0)
		path_expect_first_byte(path, row->first_byte);
	if (row->response > 0) {
		assert_int_equal(
			lab_trace_first_response(path->lab, 0, LAB_RESPONSE_RECORD, &response), 0);
		assert_true(response.round_trips >= row->response &&
			    response.round_trips < row->response + 1);
	}
}

static void expect_kernel(const struct path *path)
{
	/* A connection that could not be opened shows no socket. */
	if (path_fd(path) < 0)
		return;
	if (row->end == REFUSED)
		assert_false(kernel_facts(path_fd(path)).established);
	else
		path_expect_kernel(path, row->acknowledged, row->kernel);
}

static void check_visit(struct path *path)
{
	visit(path);

	size_t syn_bytes = expect_wire(path);

	expect_times(path);
	if (row->more != NULL)
		row->more(path);
	expect_kernel(path);
	path_expect_report(
		path, row->fast_open, row->reason, syn_bytes, path_hello_length(path, 0));
	path_end(path);
}

static void fact(struct path *path)
{
	if (row->priority != NULL)
		path->way.priority = path->client ? WAY_TLS13 : row->priority;
	if (row->growth > 0)
		visit_grow_hellos(row->growth);
	if (row->box != NULL && !row->behind_cookie)
		path_add_box(path, row->box);
	if (!row->first_visit)
		path_fetch_cookie(path);
	if (row->behind_cookie)
		path_add_box(path, row->box);
	check_visit(path);
	if (row->again)
		check_visit(path);
}

int main(void)
{
	int failed = 0;

	for (row = rows; row < rows + suite_length(rows); row++)
		failed |= path_run_mtu(row->fact, fact, row->ways, row->mtu);
	return failed;
}
