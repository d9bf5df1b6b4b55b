/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * resolve says which addresses may be used when, and in which order, while answers come
 * (RFC 8305 §3 and §4).
 */

#include "resolve/resolve.h"

#include "support/suite.h"

/* Any time; the clock is an argument. */
#define BEGIN_US INT64_C(5000000)
#define DELAY_US INT64_C(50000)
#define MOST	 1024

/* @texts are addresses, separated by blanks. */
static void add(struct answers *answers, int family, const char *texts, int64_t now_us)
{
	static struct address addresses[MOST];
	static struct addrinfo list[MOST];
	char copy[16 * MOST];
	char *rest = copy;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", texts);
	for (char *word; texts[0] != '\0' && (word = strsep(&rest, " ")) != NULL; count++) {
		assert_true(count < MOST && address_parse(word, &addresses[count]));
		list[count] = (struct addrinfo){
			.ai_addr = &addresses[count].sa.any,
			.ai_addrlen = addresses[count].len,
		};
		if (count > 0)
			list[count - 1].ai_next = &list[count];
	}
	answers_add(answers, family, count > 0 ? list : NULL, now_us);
}

/* What can be taken now, one after the other. */
static void expect(struct answers *answers, int64_t now_us, const char *expected)
{
	char all[16 * MOST] = "";
	char text[ADDRESS_TEXT_SIZE];
	struct address address;

	while (answers_take(answers, now_us, &address)) {
		address_print(&address, text, sizeof(text));
		strcat(all, all[0] != '\0' ? " " : "");
		strcat(all, text);
	}
	assert_string_equal(all, expected);
}

static void families_take_turns(void **state)
{
	static const struct {
		const char *answer;
		const char *order;
	} rows[] = {
		{"2001:db8::1 2001:db8::2 2001:db8::3 192.0.2.1 192.0.2.2",
			"2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 2001:db8::3"},
		/* The system's first is the first. */
		{"192.0.2.2 192.0.2.1 2001:db8::2 2001:db8::1",
			"192.0.2.2 2001:db8::2 192.0.2.1 2001:db8::1"},
		{"192.0.2.2 192.0.2.1", "192.0.2.2 192.0.2.1"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < suite_length(rows); i++) {
		struct answers answers = {0};

		assert_false(answers_settled(&answers, BEGIN_US));
		add(&answers, AF_UNSPEC, rows[i].answer, BEGIN_US);
		assert_true(answers_settled(&answers, BEGIN_US));
		expect(&answers, BEGIN_US, rows[i].order);
	}
}

static void ipv6_goes_at_once(void **state)
{
	struct answers answers = {0};

	(void)state;
	add(&answers, AF_INET6, "2001:db8::1", BEGIN_US);
	expect(&answers, BEGIN_US, "2001:db8::1");
	/* Who wants all waits on for the other family. */
	assert_false(answers_settled(&answers, BEGIN_US));
	assert_int_equal(answers.settled_us, BEGIN_US + DELAY_US);
	add(&answers, AF_INET, "192.0.2.1", BEGIN_US + 1000);
	expect(&answers, BEGIN_US + 1000, "192.0.2.1");
	assert_true(answers_settled(&answers, BEGIN_US + DELAY_US));
}

static void ipv4_waits(void **state)
{
	struct answers answers = {0};

	(void)state;
	add(&answers, AF_INET, "192.0.2.1 192.0.2.2", BEGIN_US);
	expect(&answers, BEGIN_US, "");
	assert_int_equal(answers.settled_us, BEGIN_US + DELAY_US);
	expect(&answers, BEGIN_US + DELAY_US - 1, "");
	assert_false(answers_settled(&answers, BEGIN_US + DELAY_US - 1));
	assert_true(answers_settled(&answers, BEGIN_US + DELAY_US));
	expect(&answers, BEGIN_US + DELAY_US, "192.0.2.1 192.0.2.2");
}

/* Any IPv6 answer ends the wait of IPv4, an empty one too; and both are used when both are there. */
static void ipv4_waits_for_an_answer_only(void **state)
{
	struct answers answers = {0};

	(void)state;
	add(&answers, AF_INET, "192.0.2.1 192.0.2.2", BEGIN_US);
	add(&answers, AF_INET6, "", BEGIN_US + 1);
	expect(&answers, BEGIN_US + 1, "192.0.2.1 192.0.2.2");
	answers = (struct answers){0};
	add(&answers, AF_INET, "192.0.2.1 192.0.2.2", BEGIN_US);
	add(&answers, AF_INET6, "2001:db8::1", BEGIN_US + 1);
	expect(&answers, BEGIN_US + 1, "2001:db8::1 192.0.2.1 192.0.2.2");
}

/* What was taken stays taken; what was not is used if the whole answer has it, in its order. */
static void whole_answer_rules(void **state)
{
	struct address address;
	struct answers answers = {0};

	(void)state;
	add(&answers, AF_INET6, "2001:db8::1 2001:db8::2", BEGIN_US);
	assert_true(answers_take(&answers, BEGIN_US, &address));
	add(&answers, AF_UNSPEC, "192.0.2.1 2001:db8::3 2001:db8::1 192.0.2.2", BEGIN_US + 1);
	expect(&answers, BEGIN_US + 1, "192.0.2.1 2001:db8::3 192.0.2.2");
	/* When it fails, what is there is better than nothing. */
	answers = (struct answers){0};
	add(&answers, AF_INET, "192.0.2.1", BEGIN_US);
	add(&answers, AF_UNSPEC, "", BEGIN_US + 1);
	expect(&answers, BEGIN_US + 1, "192.0.2.1");
}

static void doubles_and_floods(void **state)
{
	char flood[16 * MOST] = "";
	struct answers answers;

	(void)state;
	for (int i = 0; i < 1000; i++)
		snprintf(flood + strlen(flood), 16, "10.0.%d.%d ", i / 250, i % 250 + 1);
	/* One family leaves room for the other. */
	strcat(flood, "2001:db8::1 10.0.0.1 2001:db8::1");
	answers = (struct answers){0};
	add(&answers, AF_UNSPEC, flood, BEGIN_US);
	assert_int_equal(answers.count[0], 1);
	assert_int_equal(answers.count[1], ANSWERS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_take_turns),
		cmocka_unit_test(ipv6_goes_at_once),
		cmocka_unit_test(ipv4_waits),
		cmocka_unit_test(ipv4_waits_for_an_answer_only),
		cmocka_unit_test(whole_answer_rules),
		cmocka_unit_test(doubles_and_floods),
	};

	return suite_run_offline("answers", tests, suite_length(tests));
}
