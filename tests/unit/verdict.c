/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * race/verdict says of a race what fast open came to, what the path memory is told, and what may be
 * done a second time.
 */

#include "race/verdict.h"

#include <errno.h>

#include <gnutls/gnutls.h>

#include <tlsfo/error.h>

#include "support/suite.h"

#define RTT_US	 40000
#define GRACE_US 250000

static void begin(struct race *race, size_t addresses)
{
	race_init(race, true, RTT_US);
	race_set_addresses(race, addresses, false);
}

/* The next attempt is due now, and goes there in this mode. */
static size_t next(struct race *race, int64_t now_us, unsigned int address, enum race_mode mode)
{
	size_t attempt = 0;

	assert_true(race_next(race, now_us, &attempt));
	assert_int_equal(race->attempts[attempt].address, address);
	assert_int_equal(race->attempts[attempt].mode, mode);
	return attempt;
}

static void verdict_is(const struct race *race, int64_t now_us, bool without,
	enum tlsfo_reason fell_back, bool refuted)
{
	struct race_verdict verdict = verdict_on_race(race, now_us, without);

	assert_int_equal(verdict.fell_back, fell_back);
	assert_int_equal(verdict.refuted, refuted);
}

/* ------------------------------------------------------------------------------- the race -- */

static void unanswered_syn_is_a_failure(void **state)
{
	struct race race;

	(void)state;
	begin(&race, 1);
	next(&race, 0, 0, RACE_DATA);
	size_t plain = next(&race, 2 * RTT_US, 0, RACE_PLAIN);
	race_connected(&race, plain, 3 * RTT_US, false, GRACE_US);
	verdict_is(&race, 3 * RTT_US, true, TLSFO_REASON_SYN_RETRANSMITTED, true);
}

static void reset_is_a_failure(void **state)
{
	static const enum tlsfo_reason reasons[] = {
		[RACE_RESET_SYN] = TLSFO_REASON_RESET,
		[RACE_RESET_LATER] = TLSFO_REASON_RESET_LATER,
	};
	struct race race;

	(void)state;
	for (enum race_reset reset = RACE_RESET_SYN; reset <= RACE_RESET_LATER; reset++) {
		begin(&race, 1);
		race_failed(&race, next(&race, 0, 0, RACE_DATA), reset);
		size_t plain = next(&race, RTT_US, 0, RACE_PLAIN);
		race_connected(&race, plain, 2 * RTT_US, false, GRACE_US);
		verdict_is(&race, 2 * RTT_US, true, reasons[reset], true);
	}
}

/* The address may be dead, for all we know; the report says why the winner went without all the same. */
static void another_address_refutes_nothing(void **state)
{
	struct race race;

	(void)state;
	begin(&race, 2);
	next(&race, 0, 0, RACE_DATA);
	next(&race, 2 * RTT_US, 0, RACE_PLAIN);
	size_t other = next(&race, 2 * RTT_US, 1, RACE_COOKIE);
	race_connected(&race, other, 3 * RTT_US, false, GRACE_US);
	verdict_is(&race, 3 * RTT_US, true, TLSFO_REASON_SYN_RETRANSMITTED, false);
	/* Its SYN asked for a cookie: fast open was not given up. */
	verdict_is(&race, 3 * RTT_US, false, TLSFO_REASON_NONE, false);
}

/* The path memory had said so; nothing new was found. */
static void remembered_is_no_news(void **state)
{
	struct race race;

	(void)state;
	begin(&race, 2);
	next(&race, 0, 0, RACE_DATA);
	next(&race, 2 * RTT_US, 0, RACE_PLAIN);
	size_t other = next(&race, 2 * RTT_US, 1, RACE_COOKIE);
	race_make_plain(&race, other, false);
	race_connected(&race, other, 3 * RTT_US, false, GRACE_US);
	verdict_is(&race, 3 * RTT_US, true, TLSFO_REASON_NONE, false);
}

static void fast_open_that_wins_has_not_failed(void **state)
{
	struct race race;

	(void)state;
	begin(&race, 1);
	size_t attempt = next(&race, 0, 0, RACE_DATA);
	race_connected(&race, attempt, RTT_US, true, GRACE_US);
	race_answered(&race, attempt);
	verdict_is(&race, RTT_US, false, TLSFO_REASON_NONE, false);
}

/* Acknowledged data is silent when its grace time is over, not when a plain attempt was quick. */
static void silence_takes_its_time(void **state)
{
	struct race race;

	(void)state;
	begin(&race, 1);
	size_t data = next(&race, 0, 0, RACE_DATA);
	size_t plain = next(&race, 2 * RTT_US, 0, RACE_PLAIN);
	race_connected(&race, data, 90000, true, GRACE_US);
	race_connected(&race, plain, 120000, false, GRACE_US);
	assert_int_equal(race.winner, plain);
	verdict_is(&race, 120000, true, TLSFO_REASON_SILENT, false);

	begin(&race, 1);
	data = next(&race, 0, 0, RACE_DATA);
	race_connected(&race, data, RTT_US, true, GRACE_US);
	int64_t grace_end = RTT_US + GRACE_US;
	plain = next(&race, grace_end, 0, RACE_PLAIN);
	race_connected(&race, plain, grace_end + RTT_US, false, GRACE_US);
	verdict_is(&race, grace_end + RTT_US, true, TLSFO_REASON_SILENT, true);
	assert_int_equal(
		verdict_on_race(&race, grace_end + RTT_US, true).silence_us, GRACE_US + RTT_US);
}

/* ------------------------------------------------------------------------------- the path -- */

static void path_memory_is_told(void **state)
{
	const struct race_verdict nothing = {0};
	const struct race_verdict lost = {TLSFO_REASON_SYN_RETRANSMITTED, true, 0};
	const struct race_verdict elsewhere = {TLSFO_REASON_SYN_RETRANSMITTED, false, 0};
	const struct race_verdict silent = {TLSFO_REASON_SILENT, true, 300000};
	const struct race_verdict reset = {TLSFO_REASON_RESET, true, 0};
	const struct race_verdict reset_later = {TLSFO_REASON_RESET_LATER, true, 0};
	const struct {
		const char *fact;
		const struct race_verdict *race;
		int64_t answer_us;
		bool acknowledged, ready;
		enum path_news news;
	} rows[] = {
		{"a lost SYN fails", &lost, 50000, false, true, PATH_FAILS},
		{"and needs no answer", &lost, -1, false, false, PATH_FAILS},
		{"another address says nothing", &elsewhere, 50000, false, true, PATH_NO_NEWS},
		{"silence fails", &silent, 150000, false, true, PATH_FAILS},
		{"a slow server is not silent", &silent, 150001, false, true, PATH_NO_NEWS},
		{"nor one that never answers", &silent, -1, false, false, PATH_NO_NEWS},
		{"a reset SYN fails", &reset, -1, false, false, PATH_FAILS},
		{"a reset connection fails", &reset_later, 50000, false, true, PATH_FAILS},
		{"unless all are reset", &reset_later, -1, false, false, PATH_NO_NEWS},
		{"acknowledged data succeeds", &nothing, 50000, true, true, PATH_CARRIES},
		{"when the handshake is over", &nothing, 50000, true, false, PATH_NO_NEWS},
		{"data not acknowledged is no news", &nothing, 50000, false, true, PATH_NO_NEWS},
	};

	(void)state;
	for (size_t i = 0; i < suite_length(rows); i++) {
		const struct attempt won = {
			.connected_us = 1000000,
			.answered_us = rows[i].answer_us < 0 ? -1 : 1000000 + rows[i].answer_us,
		};
		const struct path_facts facts = {
			.ready = rows[i].ready,
			.won = &won,
			.tcp = {.syn_data_acknowledged = rows[i].acknowledged},
		};

		if (verdict_on_path(rows[i].race, &facts).fast_open != rows[i].news)
			fail_msg("%s: not so", rows[i].fact);
	}
}

static void early_data_is_told(void **state)
{
	const struct race_verdict race = {0};
	const struct attempt won = {.connected_us = 1, .answered_us = 2};
	struct path_facts facts = {
		.ready = true, .won = &won, .early_data = TLSFO_EARLY_DATA_ACCEPTED};

	(void)state;
	assert_int_equal(verdict_on_path(&race, &facts).early_data, PATH_CARRIES);
	facts.early_data = TLSFO_EARLY_DATA_REJECTED;
	assert_int_equal(verdict_on_path(&race, &facts).early_data, PATH_NO_NEWS);
	facts.reconnected = TLSFO_RECONNECT_EARLY_DATA_SWALLOWED;
	assert_int_equal(verdict_on_path(&race, &facts).early_data, PATH_FAILS);
	/* The hello without early data was not answered either. */
	facts.ready = false;
	assert_int_equal(verdict_on_path(&race, &facts).early_data, PATH_NO_NEWS);
}

/* --------------------------------------------------------------------------- a second time -- */

static void ticket_is_used_again_if_nobody_saw_it(void **state)
{
	const struct attempt unseen = {.connected_us = -1};
	struct attempt two[] = {unseen, unseen};

	(void)state;
	assert_false(verdict_flight_was_seen(NULL, 0));
	assert_false(verdict_flight_was_seen(two, 2));
	two[1].connected_us = 1;
	assert_true(verdict_flight_was_seen(two, 2));
	two[1] = unseen;
	two[1].syn_bytes = 415;
	assert_true(verdict_flight_was_seen(two, 2));
	/* How much of it left is not known. */
	two[1].syn_bytes = -1;
	assert_true(verdict_flight_was_seen(two, 2));
	two[1] = unseen;
	two[0].flight_sent = 1;
	assert_true(verdict_flight_was_seen(two, 2));
}

static void failures_are_mended_once(void **state)
{
	const enum tlsfo_early_data lost = TLSFO_EARLY_DATA_UNKNOWN;
	const struct {
		int code;
		enum tlsfo_early_data early_data;
		enum tlsfo_reconnect reason;
	} rows[] = {
		{TLSFO_E_HELLO_RETRIED, lost, TLSFO_RECONNECT_HELLO_RETRIED},
		{GNUTLS_E_PULL_ERROR, lost, TLSFO_RECONNECT_CONNECTION_LOST},
		{GNUTLS_E_PUSH_ERROR, lost, TLSFO_RECONNECT_CONNECTION_LOST},
		{GNUTLS_E_PREMATURE_TERMINATION, TLSFO_EARLY_DATA_REJECTED,
			TLSFO_RECONNECT_CONNECTION_LOST},
		{GNUTLS_E_FATAL_ALERT_RECEIVED, lost, TLSFO_RECONNECT_HANDSHAKE_FAILED},
		/* Nothing was lost by which a second connection would differ. */
		{GNUTLS_E_PULL_ERROR, TLSFO_EARLY_DATA_NONE, TLSFO_RECONNECT_NONE},
		{GNUTLS_E_PULL_ERROR, TLSFO_EARLY_DATA_WITHHELD, TLSFO_RECONNECT_NONE},
		{GNUTLS_E_PULL_ERROR, TLSFO_EARLY_DATA_ACCEPTED, TLSFO_RECONNECT_NONE},
		/* It would fare no better. */
		{GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR, lost, TLSFO_RECONNECT_NONE},
		{GNUTLS_E_TIMEDOUT, lost, TLSFO_RECONNECT_NONE},
		{TLSFO_E_INVALID_FILE, lost, TLSFO_RECONNECT_NONE},
		{TLSFO_E_NOT_CONNECTED, lost, TLSFO_RECONNECT_NONE},
	};

	(void)state;
	for (size_t i = 0; i < suite_length(rows); i++) {
		struct failure_facts facts = {
			.code = rows[i].code, .early_data = rows[i].early_data};

		assert_int_equal(verdict_on_failure(&facts), rows[i].reason);
		facts.late = true;
		assert_int_equal(verdict_on_failure(&facts), TLSFO_RECONNECT_NONE);
		facts.late = false;
		facts.reconnected = TLSFO_RECONNECT_HELLO_RETRIED;
		assert_int_equal(verdict_on_failure(&facts), TLSFO_RECONNECT_NONE);
	}
}

static void swallowing_path_is_left_if_nothing_is_sent_twice(void **state)
{
	struct failure_facts facts = {.code = TLSFO_E_PATH_SWALLOWS, .replaceable = true};

	(void)state;
	assert_int_equal(verdict_on_failure(&facts), TLSFO_RECONNECT_PATH_SWALLOWS);
	facts.hello_swallowed = true;
	assert_int_equal(verdict_on_failure(&facts), TLSFO_RECONNECT_EARLY_DATA_SWALLOWED);
	facts.replaceable = false;
	assert_int_equal(verdict_on_failure(&facts), TLSFO_RECONNECT_NONE);
}

/* A server may take a connection with its early data, and reset it before we see it stand. */
static void reset_of_early_data_is_a_loss(void **state)
{
	struct attempt two[] = {{.error = ETIMEDOUT}, {.error = ECONNRESET}};
	struct failure_facts facts = {
		.code = TLSFO_E_NOT_CONNECTED,
		.early_data = TLSFO_EARLY_DATA_UNKNOWN,
		.attempts = two,
		.attempt_count = 2,
	};

	(void)state;
	assert_int_equal(verdict_on_failure(&facts), TLSFO_RECONNECT_CONNECTION_LOST);
	two[1].error = EPIPE;
	assert_int_equal(verdict_on_failure(&facts), TLSFO_RECONNECT_CONNECTION_LOST);
	two[1].error = ECONNREFUSED;
	assert_int_equal(verdict_on_failure(&facts), TLSFO_RECONNECT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unanswered_syn_is_a_failure),
		cmocka_unit_test(reset_is_a_failure),
		cmocka_unit_test(another_address_refutes_nothing),
		cmocka_unit_test(remembered_is_no_news),
		cmocka_unit_test(fast_open_that_wins_has_not_failed),
		cmocka_unit_test(silence_takes_its_time),
		cmocka_unit_test(path_memory_is_told),
		cmocka_unit_test(early_data_is_told),
		cmocka_unit_test(ticket_is_used_again_if_nobody_saw_it),
		cmocka_unit_test(failures_are_mended_once),
		cmocka_unit_test(swallowing_path_is_left_if_nothing_is_sent_twice),
		cmocka_unit_test(reset_of_early_data_is_a_loss),
	};

	return suite_run_offline("verdict", tests, suite_length(tests));
}
