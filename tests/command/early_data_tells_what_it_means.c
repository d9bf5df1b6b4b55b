/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The help of "tlsfo connect" says what a user promises by --early-data, and what comes of it. */
#include "command/run.h"

#include "support/suite.h"

static void the_help_says_what_safe_means(void **state)
{
	static const char *const parts[] = {
		"--early-data ",
		"16384 bytes",
		"Safe to be processed twice means: ",
		"a second time\ndoes no harm",
		"can send it again",
		"RFC 8446 section 8",
		"is safe; ordering, paying, posting or deleting is not.",
	};
	struct outcome outcome;

	(void)state;
	run_command(&outcome, "", RUN_ARGS("connect", "--help"));
	assert_int_equal(outcome.status, 0);
	for (size_t i = 0; i < suite_length(parts); i++)
		assert_contains(outcome.out, parts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_help_says_what_safe_means),
	};

	return suite_run_offline("early_data_tells_what_it_means", tests, suite_length(tests));
}
