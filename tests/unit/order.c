/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* resolve/order: RFC 6724 §6 and RFC 8305 §4. */

#include "resolve/order.h"
#include "support/suite.h"

#define MOST 8

struct pair {
	const char *address;
	const char *source; /* NULL: no route */
};

static size_t fill(struct candidate list[MOST], const struct pair *pairs)
{
	size_t count = 0;

	for (; count < MOST && pairs[count].address != NULL; count++) {
		list[count] = (struct candidate){0};
		assert_true(address_parse(pairs[count].address, &list[count].address));
		if (pairs[count].source != NULL)
			assert_true(address_parse(pairs[count].source, &list[count].source));
	}
	return count;
}

static void expect(const struct candidate *list, size_t count, const char *expected)
{
	char all[512] = "";
	char text[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		address_print(&list[i].address, text, sizeof(text));
		strcat(all, i > 0 ? " " : "");
		strcat(all, text);
	}
	assert_string_equal(all, expected);
}

/* The better of two is first whichever came first. */
static void better(const struct pair *first, const struct pair *second)
{
	struct candidate list[MOST];
	char expected[2 * ADDRESS_TEXT_SIZE];
	const struct pair forth[3] = {*first, *second};
	const struct pair back[3] = {*second, *first};

	snprintf(expected, sizeof(expected), "%s %s", first->address, second->address);
	order_by_preference(list, fill(list, forth));
	expect(list, 2, expected);
	order_by_preference(list, fill(list, back));
	expect(list, 2, expected);
}

static void rules(void **state)
{
	/* Those of RFC 6724 §10.2 among them. */
	static const struct pair pairs[][2] = {
		/* Rule 1: avoid unusable destinations. */
		{{"192.0.2.1", "192.0.2.9"}, {"2001:db8::1", NULL}},
		{{"2001:db8::1", "2001:db8::9"}, {"::1", NULL}},
		/* Rule 2: prefer matching scope. */
		{{"2001:db8:1::1", "2001:db8:1::2"}, {"198.51.100.121", "169.254.13.78"}},
		{{"198.51.100.121", "198.51.100.117"}, {"2001:db8:1::1", "fe80::1"}},
		/* Rule 5: prefer matching label. */
		{{"2002:c633:6401::1", "2002:c633:6401::2"},
			{"2001:db8:1::1", "2002:c633:6401::2"}},
		/* Rule 6: prefer higher precedence. */
		{{"2001:db8:1::1", "2001:db8:1::2"}, {"10.1.2.3", "10.1.2.4"}},
		{{"2001:db8:1::1", "2001:db8:1::2"}, {"2002:c633:6401::1", "2002:c633:6401::2"}},
		{{"::1", "::1"}, {"127.0.0.1", "127.0.0.1"}},
		{{"192.0.2.1", "192.0.2.9"}, {"2002:c000:201::1", "2002:c000:201::9"}},
		{{"192.0.2.1", "192.0.2.9"}, {"2001::1", "2001::9"}},
		{{"192.0.2.1", "192.0.2.9"}, {"fd00::1", "fd00::9"}},
		{{"2001:db8::1", NULL}, {"192.0.2.1", NULL}},
		/* Rule 8: prefer smaller scope. */
		{{"fe80::1", "fe80::2"}, {"2001:db8:1::1", "2001:db8:1::2"}},
		{{"ff02::1", "fe80::2"}, {"ff05::1", "fec0::2"}},
		/* Rule 9: use longest matching prefix. */
		{{"2001:db8:1::1", "2001:db8:1::2"}, {"2001:db8:3ffe::1", "2001:db8:1::2"}},
	};

	(void)state;
	for (size_t i = 0; i < suite_length(pairs); i++)
		better(&pairs[i][0], &pairs[i][1]);
}

/* Rule 10: otherwise, leave the order unchanged. */
static void equals_keep_their_order(void **state)
{
	static const struct pair pairs[][MOST] = {
		/* Rule 9 is not for IPv4, where it would undo what name servers rotate. */
		{{"192.0.2.200", "192.0.2.1"}, {"192.0.2.2", "192.0.2.1"},
			{"203.0.113.1", "192.0.2.1"}},
		/* The interface's half of an address says nothing of distance. */
		{{"2001:db8::ffff", "2001:db8::1"}, {"2001:db8::2", "2001:db8::1"},
			{"2001:db8::8000:0:0:1", "2001:db8::1"}},
		{{"192.0.2.3", NULL}, {"192.0.2.1", NULL}, {"192.0.2.2", NULL}},
	};
	struct candidate list[MOST];

	(void)state;
	for (size_t i = 0; i < suite_length(pairs); i++) {
		char expected[256];

		order_by_preference(list, fill(list, pairs[i]));
		snprintf(expected, sizeof(expected), "%s %s %s", pairs[i][0].address,
			pairs[i][1].address, pairs[i][2].address);
		expect(list, 3, expected);
	}
}

static void interleaved(const struct pair *pairs, int last_family, const char *expected)
{
	struct candidate list[MOST];
	size_t count = fill(list, pairs);

	order_interleave(list, count, last_family);
	expect(list, count, expected);
}

static void families_take_turns(void **state)
{
	static const struct pair usable[MOST] = {
		{"2001:db8::1", "2001:db8::9"},
		{"2001:db8::2", "2001:db8::9"},
		{"2001:db8::3", "2001:db8::9"},
		{"192.0.2.1", "192.0.2.9"},
		{"192.0.2.2", "192.0.2.9"},
	};
	static const struct pair half[MOST] = {
		{"192.0.2.1", "192.0.2.9"},
		{"192.0.2.2", "192.0.2.9"},
		{"2001:db8::1", NULL},
		{"2001:db8::2", NULL},
		{"198.51.100.1", NULL},
	};

	(void)state;
	interleaved(usable, 0, "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 2001:db8::3");
	interleaved(usable, AF_INET, "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 2001:db8::3");
	interleaved(usable, AF_INET6, "192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2 2001:db8::3");
	/* What no route leads to does not come between. */
	interleaved(half, 0, "192.0.2.1 192.0.2.2 2001:db8::1 198.51.100.1 2001:db8::2");
	interleaved(&usable[MOST - 1], 0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(equals_keep_their_order),
		cmocka_unit_test(families_take_turns),
	};

	return suite_run_offline("order", tests, suite_length(tests));
}
