/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* race/verdict says what became of fast open, from what was done and what the kernel says. */

#include "race/verdict.h"
#include "support/suite.h"

struct syn_facts {
	struct attempt attempt;
	struct tcp_facts tcp;
	int disabled_here;
};

/* A connection that asked for fast open, with 415 bytes in its SYN. */
static const struct syn_facts connected = {
	.attempt = {.sent = true, .asked = true, .syn_bytes = 415, .cookie_known = -1},
	.tcp = {.phase = TCP_PHASE_CONNECTED, .was_connected = true},
};

static void verdict_is(const struct syn_facts *facts, enum tlsfo_fast_open fast_open,
	enum tlsfo_reason reason, int64_t syn_bytes)
{
	struct syn_verdict verdict =
		verdict_on_syn(&facts->attempt, &facts->tcp, facts->disabled_here);

	assert_int_equal(verdict.fast_open, fast_open);
	assert_int_equal(verdict.reason, reason);
	assert_int_equal(verdict.syn_bytes, syn_bytes);
}

static void with_data_in_the_syn(void **state)
{
	struct syn_facts facts = connected;

	(void)state;
	facts.tcp.syn_data_acknowledged = true;
	verdict_is(&facts, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, 415);
	/* With GnuTLS's engine the figure may be unknown; the kernel's word stands. */
	facts.attempt.syn_bytes = -1;
	verdict_is(&facts, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, -1);
	/* Over, by now: it was so all the same. */
	facts.tcp.phase = TCP_PHASE_CLOSED;
	verdict_is(&facts, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, -1);
	facts = connected;
	facts.tcp.fail = TCP_FASTOPEN_FAIL_NOT_ACKNOWLEDGED;
	verdict_is(
		&facts, TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED, TLSFO_REASON_DATA_NOT_ACKNOWLEDGED, 415);
	facts.tcp.fail = TCP_FASTOPEN_FAIL_SYN_RETRANSMITTED;
	verdict_is(&facts, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 415);
	/* A kernel that does not tell: nothing is claimed. */
	facts.tcp.fail = TCP_FASTOPEN_FAIL_UNKNOWN;
	verdict_is(&facts, TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED, TLSFO_REASON_NOT_TOLD, 415);
}

static void without_a_cookie(void **state)
{
	static const enum tcp_fastopen_fail fails[] = {
		TCP_FASTOPEN_FAIL_NO_COOKIE, TCP_FASTOPEN_FAIL_UNKNOWN};
	struct syn_facts facts = connected;

	(void)state;
	facts.attempt.syn_bytes = 0;
	for (size_t i = 0; i < suite_length(fails); i++) {
		facts.tcp.fail = fails[i];
		facts.attempt.cookie_known = 1;
		verdict_is(&facts, TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NO_COOKIE, 0);
		facts.attempt.cookie_known = 0;
		verdict_is(
			&facts, TLSFO_FAST_OPEN_NO_COOKIE_GIVEN, TLSFO_REASON_COOKIE_NOT_GIVEN, 0);
		/* Where the cache cannot be asked, what is known is that one was asked for. */
		facts.attempt.cookie_known = -1;
		verdict_is(&facts, TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NO_COOKIE, 0);
	}
}

static void not_tried(void **state)
{
	struct syn_facts facts = connected;

	(void)state;
	facts.attempt.syn_bytes = 0;
	facts.attempt.absence = FASTOPEN_DISABLED;
	verdict_is(&facts, TLSFO_FAST_OPEN_UNAVAILABLE, TLSFO_REASON_DISABLED_HERE, 0);
	facts.attempt.absence = FASTOPEN_NOT_SUPPORTED;
	verdict_is(&facts, TLSFO_FAST_OPEN_UNAVAILABLE, TLSFO_REASON_NOT_SUPPORTED, 0);
	facts.attempt.sent = false;
	verdict_is(&facts, TLSFO_FAST_OPEN_OFF, TLSFO_REASON_NOT_STARTED, 0);
	facts.attempt.plain = true;
	verdict_is(&facts, TLSFO_FAST_OPEN_OFF, TLSFO_REASON_NOT_WANTED, 0);
	facts.attempt.sent = true;
	verdict_is(&facts, TLSFO_FAST_OPEN_OFF, TLSFO_REASON_NOT_WANTED, 0);
}

/* Never "acknowledged", and the reason says that there is no connection. */
static void without_a_connection(void **state)
{
	struct syn_facts facts = connected;

	(void)state;
	facts.tcp = (struct tcp_facts){.phase = TCP_PHASE_CONNECTING};
	/* Left over from something else, it counts for nothing before the SYN-ACK. */
	facts.tcp.syn_data_acknowledged = true;
	struct syn_verdict verdict = verdict_on_syn(&facts.attempt, &facts.tcp, -1);
	assert_int_not_equal(verdict.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(verdict.reason, TLSFO_REASON_NOT_CONNECTED);
	assert_int_equal(verdict.syn_bytes, 415);
	facts.attempt.syn_bytes = 0;
	verdict_is(&facts, TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NOT_CONNECTED, 0);
}

/* The socket is closed: what it was is not known any more, and nothing is claimed. */
static void without_a_socket(void **state)
{
	struct syn_verdict verdict = verdict_on_syn(&connected.attempt, NULL, -1);

	(void)state;
	assert_int_equal(verdict.fast_open, TLSFO_FAST_OPEN_UNKNOWN);
	assert_int_equal(verdict.reason, TLSFO_REASON_NOT_TOLD);
	assert_int_equal(verdict.syn_bytes, 415);
}

/* The SYN that asked was lost, and the one that was answered was bare. */
static void after_a_lost_syn(void **state)
{
	struct syn_facts facts = connected;

	(void)state;
	facts.attempt.syn_bytes = 0;
	facts.tcp.fail = TCP_FASTOPEN_FAIL_NO_COOKIE;
	facts.tcp.syn_retransmitted = true;
	facts.attempt.cookie_known = 0;
	verdict_is(&facts, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 0);
	facts.attempt.cookie_known = -1;
	verdict_is(&facts, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 0);
	/* The SYN-ACK came late and brought one all the same. */
	facts.attempt.cookie_known = 1;
	verdict_is(&facts, TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NO_COOKIE, 0);
}

/* The kernel took no part: switched off, or for a reason it does not tell. */
static void without_the_kernel(void **state)
{
	struct syn_facts facts = connected;

	(void)state;
	facts.attempt.syn_bytes = -1;
	facts.disabled_here = 1;
	verdict_is(&facts, TLSFO_FAST_OPEN_UNAVAILABLE, TLSFO_REASON_DISABLED_HERE, 0);
	facts.disabled_here = 0;
	verdict_is(&facts, TLSFO_FAST_OPEN_UNAVAILABLE, TLSFO_REASON_NOT_TOLD, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_data_in_the_syn),
		cmocka_unit_test(without_a_cookie),
		cmocka_unit_test(not_tried),
		cmocka_unit_test(without_a_connection),
		cmocka_unit_test(without_a_socket),
		cmocka_unit_test(after_a_lost_syn),
		cmocka_unit_test(without_the_kernel),
	};

	return suite_run_offline("verdict on a SYN", tests, suite_length(tests));
}
