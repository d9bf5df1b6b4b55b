/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "tlsfo probe" asks every address of a name for its cookie, says which answer, and visits one that does. */
#include "command/probing.h"

#include "box.h"

static void a_dead_address_is_told(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, NULL);
	(void)probing_probe(probing, "dead6.test", NULL, NULL);
	assert_int_equal(json_array_size(probing_at(probing, "cookies")), 2);
	probing_expect_text(probing, "cookies.0.address", LAB_DEAD_IPV6);
	probing_expect_true(probing, "cookies.0.answered", false);
	probing_expect_true(probing, "cookies.0.known", false);
	probing_expect_text(probing, "cookies.0.error", NULL);
	probing_expect_text(probing, "cookies.1.address", LAB_SERVER_IPV4);
	probing_expect_true(probing, "cookies.1.answered", true);
	probing_expect_true(probing, "cookies.1.known", true);
	probing_expect_text(probing, "address", LAB_SERVER_IPV4);
	probing_expect_text(probing, "fast_open", "works");
	assert_non_null(probing_change(probing, "dead-addresses"));
}

/* It costs a round trip, which is less than one that says nothing. */
static void an_address_that_refuses_is_told(void **state)
{
	struct probing *probing = *state;

	probing_begin(probing, NULL);
	probing_openssl(probing, RUN_ARGS("-4"));
	(void)probing_probe(probing, "server.test", NULL, NULL);
	probing_expect_text(probing, "cookies.0.address", LAB_SERVER_IPV6);
	probing_expect_true(probing, "cookies.0.answered", false);
	probing_expect_text(probing, "cookies.0.error", "Connection refused");
	probing_expect_text(probing, "cookies.1.error", NULL);
	probing_expect_text(probing, "fast_open", "works");
	assert_null(probing_change(probing, "dead-addresses"));
	assert_non_null(probing_change(probing, "refusing-addresses"));
}

/* As every IPv6 address is where there is only IPv4: no time is lost, and no server is to blame. */
static void an_address_out_of_reach_is_no_fault(void **state)
{
	struct probing *probing = *state;
	struct lab_options options = LAB_OPTIONS_DEFAULT;

	options.hosts = "2001:db8:1::1 far6.test\n" LAB_SERVER_IPV4 " far6.test\n";
	probing_begin(probing, &options);
	probing_nginx(probing, "ssl_early_data on;");
	(void)probing_probe(probing, "far6.test", "--servername", "server.test");
	assert_int_equal(json_array_size(probing_at(probing, "cookies")), 2);
	/* What can be reached comes first (RFC 6724). */
	probing_expect_text(probing, "cookies.1.address", "2001:db8:1::1");
	probing_expect_true(probing, "cookies.1.answered", false);
	probing_expect_text(probing, "cookies.1.error", "Network is unreachable");
	probing_expect_text(probing, "fast_open", "works");
	assert_int_equal(json_array_size(probing_at(probing, "changes")), 0);
}

/* Of all SYNs of the client the one at the place of its argument. */
static enum box_verdict drop_one_syn(struct box *box, struct box_packet *packet)
{
	if (packet->from != LAB_CLIENT || !packet_is_syn(&packet->info) || box->argument == 0)
		return BOX_PASS;
	return --box->argument == 0 ? BOX_DROP : BOX_PASS;
}

static const struct lab_box loses_one_syn = {
	.name = "drop-one-syn",
	.argument = "PLACE",
	.least = 1,
	.most = 100,
	.description = "drops one SYN",
	.packet = drop_one_syn,
};

/* The second is the one that asks; the system sends it again without the option. */
static void a_question_that_is_lost_is_asked_again(void **state)
{
	struct probing *probing = *state;

	probing_begin(probing, NULL);
	assert_true(lab_add_own_box(probing->lab, &loses_one_syn, 2) >= 0);
	probing_nginx(probing, "ssl_early_data on;");
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_text(probing, "visits.1.report.fast_open", "cookie-requested");
	probing_expect_text(probing, "visits.2.visit", "cookie-again");
	probing_expect_text(probing, "fast_open", "works");
	probing_expect_true(probing, "cookies.0.known", true);
	probing_expect_number(probing, "round_trips.cookie", 2);
}

/* Of the SYNs that ask over IPv4 the first ones, as many as its argument says. */
static enum box_verdict drop_questions(struct box *box, struct box_packet *packet)
{
	bool asks = packet->from == LAB_CLIENT && packet_is_syn(&packet->info) &&
		    packet->info.version == 4 && packet->info.fastopen_kind != 0;

	if (!asks || box->argument == 0)
		return BOX_PASS;
	box->argument--;
	return BOX_DROP;
}

static const struct lab_box loses_questions = {
	.name = "drop-questions",
	.argument = "COUNT",
	.least = 1,
	.most = 100,
	.description = "drops the first SYNs over IPv4 that ask for a cookie",
	.packet = drop_questions,
};

/* An answer to a SYN that was sent again bare says nothing of the server. */
static void one_address_is_not_blamed_for_loss(void **state)
{
	struct probing *probing = *state;

	probing_begin(probing, NULL);
	assert_true(lab_add_own_box(probing->lab, &loses_questions, 2) >= 0);
	probing_nginx(probing, "ssl_early_data on;");
	(void)probing_probe(probing, "server.test", NULL, NULL);
	probing_expect_true(probing, "cookies.0.known", true);
	probing_expect_true(probing, "cookies.1.known", true);
	assert_int_equal(json_array_size(probing_at(probing, "changes")), 0);
}

static void a_family_can_be_chosen(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, NULL);
	(void)probing_probe(probing, "server.test", "-4", NULL);
	assert_int_equal(json_array_size(probing_at(probing, "cookies")), 1);
	probing_expect_text(probing, "cookies.0.address", LAB_SERVER_IPV4);
	probing_expect_text(probing, "visits.2.report.address", LAB_SERVER_IPV4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_address_is_told),
		cmocka_unit_test(an_address_that_refuses_is_told),
		cmocka_unit_test(an_address_out_of_reach_is_no_fault),
		cmocka_unit_test(a_question_that_is_lost_is_asked_again),
		cmocka_unit_test(one_address_is_not_blamed_for_loss),
		cmocka_unit_test(a_family_can_be_chosen),
	};

	program_need("nginx");
	return probing_run("probe_asks_every_address", tests, suite_length(tests));
}
