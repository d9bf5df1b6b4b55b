/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* resolve/answers: what may be used when, while answers come. */

#include "base/deadline.h"
#include "resolve/answers.h"
#include "support/suite.h"

/* Any time; the clock is an argument. */
#define BEGIN_US INT64_C(5000000)
#define DELAY_US (INT64_C(1000) * ANSWERS_RESOLUTION_DELAY_MS)

static void add(struct answers *answers, const char *text)
{
	struct candidate candidate = {0};

	assert_true(address_parse(text, &candidate.address));
	answers_add(answers, &candidate);
}

static void expect(struct answers *answers, int64_t now_us, const char *expected)
{
	char text[ADDRESS_TEXT_SIZE] = "";
	struct address address;

	if (answers_take(answers, now_us, &address))
		address_print(&address, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void ipv6_goes_at_once(void **state)
{
	struct answers answers;

	(void)state;
	answers_init(&answers, AF_UNSPEC);
	assert_true(answers_asking(&answers));
	assert_false(answers_settled(&answers, BEGIN_US));
	assert_int_equal(answers_next(&answers, BEGIN_US), DEADLINE_NEVER);
	add(&answers, "2001:db8::1");
	add(&answers, "2001:db8::2");
	answers_end(&answers, AF_INET6, ANSWER_ADDRESSES, BEGIN_US);
	expect(&answers, BEGIN_US, "2001:db8::1");
	/* Who wants all waits on for the other family. */
	assert_false(answers_settled(&answers, BEGIN_US));
	assert_int_equal(answers_next(&answers, BEGIN_US), (BEGIN_US + DELAY_US) / 1000);
	add(&answers, "192.0.2.1");
	answers_end(&answers, AF_INET, ANSWER_ADDRESSES, BEGIN_US + 1000);
	assert_false(answers_asking(&answers));
	assert_true(answers_settled(&answers, BEGIN_US + 1000));
	assert_int_equal(answers_next(&answers, BEGIN_US + 1000), DEADLINE_NEVER);
	/* The families go on taking turns. */
	expect(&answers, BEGIN_US + 1000, "192.0.2.1");
	expect(&answers, BEGIN_US + 1000, "2001:db8::2");
	expect(&answers, BEGIN_US + 1000, "");
	assert_int_equal(answers.found, 3);
}

static void ipv4_waits(void **state)
{
	struct answers answers;

	(void)state;
	answers_init(&answers, AF_UNSPEC);
	add(&answers, "192.0.2.1");
	add(&answers, "192.0.2.2");
	answers_end(&answers, AF_INET, ANSWER_ADDRESSES, BEGIN_US);
	expect(&answers, BEGIN_US, "");
	assert_int_equal(answers_next(&answers, BEGIN_US), (BEGIN_US + DELAY_US) / 1000);
	expect(&answers, BEGIN_US + DELAY_US - 1, "");
	assert_false(answers_settled(&answers, BEGIN_US + DELAY_US - 1));
	assert_true(answers_settled(&answers, BEGIN_US + DELAY_US));
	assert_int_equal(answers_next(&answers, BEGIN_US + DELAY_US), DEADLINE_NEVER);
	expect(&answers, BEGIN_US + DELAY_US, "192.0.2.1");
	add(&answers, "2001:db8::1");
	answers_end(&answers, AF_INET6, ANSWER_ADDRESSES, BEGIN_US + 2 * DELAY_US);
	expect(&answers, BEGIN_US + 2 * DELAY_US, "2001:db8::1");
	expect(&answers, BEGIN_US + 2 * DELAY_US, "192.0.2.2");
}

/* Any IPv6 answer ends the wait of IPv4, an empty one or a failure too. */
static void ipv4_waits_for_an_answer_only(void **state)
{
	static const enum answer kinds[] = {ANSWER_NO_ADDRESS, ANSWER_NO_NAME, ANSWER_FAILED,
		ANSWER_UNREACHABLE, ANSWER_TIMEOUT};

	(void)state;
	for (size_t i = 0; i < suite_length(kinds); i++) {
		struct answers answers;

		answers_init(&answers, AF_UNSPEC);
		add(&answers, "192.0.2.1");
		answers_end(&answers, AF_INET, ANSWER_ADDRESSES, BEGIN_US);
		expect(&answers, BEGIN_US, "");
		answers_end(&answers, AF_INET6, kinds[i], BEGIN_US + 1);
		expect(&answers, BEGIN_US + 1, "192.0.2.1");
	}
}

static void one_family_does_not_wait(void **state)
{
	struct answers answers;

	(void)state;
	answers_init(&answers, AF_INET);
	add(&answers, "192.0.2.1");
	answers_end(&answers, AF_INET, ANSWER_ADDRESSES, BEGIN_US);
	assert_false(answers_asking(&answers));
	expect(&answers, BEGIN_US, "192.0.2.1");
	answers_init(&answers, AF_INET6);
	assert_true(answers_asking(&answers));
	answers_end(&answers, AF_INET6, ANSWER_NO_ADDRESS, BEGIN_US);
	assert_false(answers_asking(&answers));
	expect(&answers, BEGIN_US, "");
}

static void worst_explains(void **state)
{
	struct answers answers;

	(void)state;
	answers_init(&answers, AF_UNSPEC);
	answers_end(&answers, AF_INET6, ANSWER_TIMEOUT, BEGIN_US);
	answers_end(&answers, AF_INET, ANSWER_NO_ADDRESS, BEGIN_US);
	assert_int_equal(answers.worst, ANSWER_TIMEOUT);
	assert_int_equal(answers.found, 0);
}

static void doubles_and_floods(void **state)
{
	struct answers answers;
	char text[32];

	(void)state;
	answers_init(&answers, AF_UNSPEC);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "10.0.%d.%d", i / 250, i % 250 + 1);
		add(&answers, text);
		add(&answers, text);
	}
	assert_int_equal(answers.count, ANSWERS_MAX / 2);
	/* One family leaves room for the other. */
	add(&answers, "2001:db8::1");
	add(&answers, "2001:db8::1");
	assert_int_equal(answers.count, ANSWERS_MAX / 2 + 1);
	answers_end(&answers, AF_INET, ANSWER_ADDRESSES, BEGIN_US);
	answers_end(&answers, AF_INET6, ANSWER_ADDRESSES, BEGIN_US);
	expect(&answers, BEGIN_US, "2001:db8::1");
	expect(&answers, BEGIN_US, "10.0.0.1");
	expect(&answers, BEGIN_US, "10.0.0.2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv6_goes_at_once),
		cmocka_unit_test(ipv4_waits),
		cmocka_unit_test(ipv4_waits_for_an_answer_only),
		cmocka_unit_test(one_family_does_not_wait),
		cmocka_unit_test(worst_explains),
		cmocka_unit_test(doubles_and_floods),
	};

	return suite_run_offline("answers", tests, suite_length(tests));
}
