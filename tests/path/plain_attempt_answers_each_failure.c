/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where fast open fails on the way, a plain attempt carries the same hello and wins: at once after a reset of the SYN or
 * of what follows it, otherwise after the attempt delay or the grace time. Each row is a fact of its own.
 */

#include "path.h"

#include <errno.h>

#include "box.h"

struct visit_row {
	const char *box;	 /* NULL: one SYN-ACK is lost */
	enum path_option option; /* of the first SYN: a cookie is fetched before it shows one */
	bool arrives;	   /* the first SYN with its data, and what the server says does not */
	bool acknowledged; /* that data, by whomever */
};

struct row {
	const char *fact;
	struct visit_row visits[2];
	int error;    /* of the first attempt; 0: it was given up when the other had won */
	double pause; /* at least, between the SYNs */
	double round_trips; /* in which the server's first byte comes, beside 250 ms if there is a pause */
	enum tlsfo_reason reason;
};

static const struct row rows[] = {
	{"a reset of SYN data is answered by a plain attempt", {{"rst-syn-data", PATH_COOKIE}},
		.error = ECONNREFUSED, .round_trips = 3.2, .reason = TLSFO_REASON_RESET},
	/* The reset comes from the middle of the path, half a round trip behind the SYN-ACK. */
	{"a reset after acknowledged data is answered by a plain attempt",
		{{"rst-after-syn", PATH_COOKIE, .arrives = true, .acknowledged = true}},
		.error = ECONNRESET, .round_trips = 4.2, .reason = TLSFO_REASON_RESET_LATER},
	{"a silent SYN with data is answered by a plain attempt", {{"drop-syn-data", PATH_COOKIE}},
		.pause = 250, .round_trips = 3.2, .reason = TLSFO_REASON_SYN_RETRANSMITTED},
	/* Already the question for a cookie is lost, on every visit. */
	{"a silent SYN with the option is answered by a plain attempt",
		{{"drop-syn-option", PATH_COOKIE_ASKED}, {"drop-syn-option", PATH_COOKIE_ASKED}},
		.pause = 250, .round_trips = 3.2, .reason = TLSFO_REASON_SYN_RETRANSMITTED},
	/* Long before the kernel sends its SYN again; the second time the server has read the data. */
	{"a lost SYN-ACK is answered by a plain attempt",
		{{NULL, PATH_COOKIE_ASKED, .arrives = true}, {NULL, PATH_COOKIE, .arrives = true}},
		.pause = 250, .reason = TLSFO_REASON_SYN_RETRANSMITTED},
	/* The path acknowledged it itself, or it swallows what the server answers. A box in the middle of the
	 * path answers after half a round trip. */
	{"silence after acknowledged data is answered by a plain attempt",
		{{"fake-ack-syn-data", PATH_COOKIE, .acknowledged = true},
			{"swallow-server-data", PATH_COOKIE, .arrives = true,
				.acknowledged = true}},
		.pause = 250 + PATH_RTT_MS / 2.0, .round_trips = 4.2,
		.reason = TLSFO_REASON_SILENT},
};

static const struct row *row;

static enum box_verdict drop_one(struct box *box, struct box_packet *packet)
{
	if (packet->from != LAB_SERVER || !packet_is_synack(&packet->info) || box->argument == 0)
		return BOX_PASS;
	box->argument--;
	return BOX_DROP;
}

static const struct lab_box drop_one_synack = {
	.name = "drop-one-synack", .argument = "COUNT", .most = 1, .packet = drop_one};

static void expect_attempts(struct path *path, enum tlsfo_attempt_result second)
{
	const struct path_attempt attempts[] = {
		{path_address(path), TLSFO_MODE_FAST_OPEN,
			row->error != 0 ? TLSFO_ATTEMPT_FAILED : TLSFO_ATTEMPT_LOST, row->error},
		{path_address(path), TLSFO_MODE_PLAIN, second,
			second == TLSFO_ATTEMPT_FAILED ? row->error : 0},
	};

	path_expect_attempts(path, attempts, 2);
}

static void expect_wire(struct path *path, const struct visit_row *visit)
{
	struct lab_packet syn =
		path_expect_syn(path, 0, visit->option, visit->arrives ? NULL : visit->box);
	size_t hello = path_hello_length(path, 1);

	/* The loser's kernel would send its SYN again. */
	path_expect_syns(path, 2, 2);
	assert_int_equal(syn.payload_length, visit->option == PATH_COOKIE ? hello : 0);
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	if (visit->box == NULL)
		assert_string_equal(path_syn_ack(path, 0).dropped_by, drop_one_synack.name);
	if (visit->acknowledged) {
		assert_int_equal(lab_trace_syn_acked(path->lab, 0), hello);
		path_expect_loser_closed(path, 0, 1);
		assert_true(path_report(path).attempts[0].connected_us >= 0);
	}
	if (row->pause > 0)
		path_expect_pause(path, 0, 1, row->pause);
	if (row->round_trips > 0)
		path_expect_in_time(path, 1, row->pause > 0 ? 250 : 0, row->round_trips);
}

static void check_visit(struct path *path, const struct visit_row *visit)
{
	path_visit_well(path);
	expect_wire(path, visit);
	expect_attempts(path, TLSFO_ATTEMPT_WON);
	path_expect_kernel(path, false, KERNEL_FAIL_NONE);
	path_expect_report(
		path, TLSFO_FAST_OPEN_FELL_BACK, row->reason, 0, path_hello_length(path, 1));
	path_end(path);
}

/* Nobody listens on another port; the cookie is the address's. Both attempts are told, at once. */
static void visit_where_nobody_listens(struct path *path)
{
	path->port = PATH_PORT + 1;
	path_visit(path);
	assert_int_equal(path->ret, TLSFO_E_NOT_CONNECTED);
	assert_true(path->took_ms < path->limit_ms / 2);
	path_expect_syns(path, 2, 2);
	path_expect_syn(path, 0, PATH_COOKIE, "rst-syn-data");
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	expect_attempts(path, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(path_report(path).system_error, row->error);
}

static void fact(struct path *path)
{
	bool fetched = false;

	for (size_t i = 0; i < suite_length(row->visits) && row->visits[i].option != 0; i++) {
		const struct visit_row *visit = &row->visits[i];

		if (visit->option == PATH_COOKIE && !fetched)
			path_fetch_cookie(path);
		fetched = visit->option == PATH_COOKIE;
		if (visit->box != NULL)
			path_add_box(path, visit->box);
		else
			assert_true(lab_add_own_box(path->lab, &drop_one_synack, 1) >= 0);
		check_visit(path, visit);
		if (row->error == ECONNREFUSED)
			visit_where_nobody_listens(path);
		lab_clear_boxes(path->lab);
	}
}

int main(void)
{
	int failed = 0;

	for (row = rows; row < rows + suite_length(rows); row++)
		failed |= path_run(row->fact, fact, PATH_RACED);
	return failed;
}
