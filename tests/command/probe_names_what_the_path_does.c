/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Behind each middlebox "tlsfo probe" says what the path does, and never more than was seen. */
#include "command/probing.h"

#include "box.h"

/* What it does to a SYN with data, and that a visit needs no fewer round trips than a plain one. */
static void expect_path(struct probing *probing, const char *box, const char *path)
{
	const json_t *change;

	probing_begin_nginx(probing, box);
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_text(probing, "fast_open", "path-breaks");
	probing_expect_text(probing, "path", path);
	probing_expect_number(probing, "round_trips.plain", 3);
	change = probing_change(probing, path);
	assert_non_null(change);
	assert_int_equal(json_integer_value(json_object_get(change, "saves")), 1);
}

static void syn_data_is_dropped(void **state)
{
	struct probing *probing = *state;

	expect_path(probing, "drop-syn-data", "drops-syn-data");
	probing_expect_true(probing, "cookies.0.known", true);
	probing_expect_text(probing, "visits.1.report.fast_open", "fell-back");
	/* One lost SYN would not be enough to say so. */
	probing_expect_text(probing, "visits.2.visit", "cookie-again");
	probing_expect_number(probing, "round_trips.cookie", 3);
	assert_true(json_real_value(probing_at(probing, "visits.1.lost_ms")) > 200);
}

static void syn_option_is_dropped(void **state)
{
	struct probing *probing = *state;

	expect_path(probing, "drop-syn-option", "drops-syn-option");
	probing_expect_true(probing, "cookies.0.known", false);
	probing_expect_true(probing, "cookies.0.answered", true);
}

static void syn_data_is_reset(void **state)
{
	expect_path(*state, "rst-syn-data", "resets-syn-data");
}

static void syn_data_is_taken_out(void **state)
{
	expect_path(*state, "strip-syn-data", "not-acknowledged");
}

static void acknowledgement_is_faked(void **state)
{
	expect_path(*state, "fake-ack-syn-data", "goes-silent");
}

static void answers_are_swallowed(void **state)
{
	expect_path(*state, "swallow-server-data", "goes-silent");
}

static void what_follows_is_swallowed(void **state)
{
	struct probing *probing = *state;

	expect_path(probing, "swallow-after-syn", "swallows");
	probing_expect_text(probing, "visits.1.report.fast_open", "acknowledged");
	probing_expect_true(probing, "visits.1.later_acknowledged", false);
	/* The hello was answered, a request would not be. */
	probing_expect_number(probing, "round_trips.cookie", -1);
	probing_expect_number(probing, "round_trips.early_data", -1);
}

/* Three retransmissions take their time there. */
static void what_follows_is_swallowed_far_away(void **state)
{
	struct probing *probing = *state;
	struct lab_options options = LAB_OPTIONS_DEFAULT;

	options.rtt_ms = 300;
	probing_begin(probing, &options);
	assert_true(lab_add_box(probing->lab, "swallow-after-syn") >= 0);
	probing_nginx(probing, "ssl_early_data on;");
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_text(probing, "fast_open", "path-breaks");
	probing_expect_text(probing, "path", "swallows");
	probing_expect_number(probing, "round_trips.cookie", -1);
}

/* Plain SYNs are lost too. */
static void loss_is_not_taken_for_the_path(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, "drop-first-synack");
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_text(probing, "fast_open", NULL);
	probing_expect_text(probing, "path", "loses-syns");
	assert_non_null(probing_change(probing, "loses-syns"));
	assert_true(json_real_value(probing_at(probing, "rtt_ms")) < 500);
}

/* From the third of the client's SYNs on, the first after the question for the cookie, no data comes back,
 * whatever the SYN was like. */
static enum box_verdict fall_silent(struct box *box, struct box_packet *packet)
{
	if (packet->from == LAB_CLIENT && packet_is_syn(&packet->info) && box->argument > 0)
		box->argument--;
	return box->argument == 0 && packet->from == LAB_SERVER && packet->info.payload_length > 0
		       ? BOX_DROP
		       : BOX_PASS;
}

static const struct lab_box falls_silent = {
	.name = "fall-silent",
	.argument = "SYNS",
	.least = 1,
	.most = 100,
	.description = "swallows what the server says from that SYN on",
	.packet = fall_silent,
};

/* The plain attempt beside it was not answered either. */
static void a_server_that_falls_silent_is_no_path(void **state)
{
	struct probing *probing = *state;

	probing_begin(probing, NULL);
	assert_true(lab_add_own_box(probing->lab, &falls_silent, 3) >= 0);
	probing_nginx(probing, "ssl_early_data on;");
	(void)probing_probe(probing, "server4.test", "--timeout", "2");
	probing_expect_text(probing, "visits.1.report.fast_open", "fell-back");
	probing_expect_text(probing, "visits.2.visit", "cookie-again");
	probing_expect_text(probing, "fast_open", NULL);
	probing_expect_text(probing, "path", NULL);
	probing_expect_number(probing, "round_trips.cookie", -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syn_data_is_dropped),
		cmocka_unit_test(syn_option_is_dropped),
		cmocka_unit_test(syn_data_is_reset),
		cmocka_unit_test(syn_data_is_taken_out),
		cmocka_unit_test(acknowledgement_is_faked),
		cmocka_unit_test(answers_are_swallowed),
		cmocka_unit_test(what_follows_is_swallowed),
		cmocka_unit_test(what_follows_is_swallowed_far_away),
		cmocka_unit_test(loss_is_not_taken_for_the_path),
		cmocka_unit_test(a_server_that_falls_silent_is_no_path),
	};

	program_need("nginx");
	return probing_run("probe_names_what_the_path_does", tests, suite_length(tests));
}
