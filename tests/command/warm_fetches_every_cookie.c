/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "tlsfo warm" fetches the cookie of every address of a name, not only of the one that it connects to. */
#include "command/probing.h"

static void warm(struct probing *probing, const char *host)
{
	run_command(&probing->outcome, "must not be read",
		RUN_ARGS("warm", "--cafile", CERTS_DIR "/ca.pem", host, PROBING_PORT));
	assert_int_equal(probing->outcome.status, 0);
	assert_string_equal(probing->outcome.err, "");
}

/* The hello rides in the first SYN there. */
static void expect_cookie(struct probing *probing, const char *host)
{
	char path[64];
	json_t *report;

	run_path(path);
	run_command(&probing->outcome, "",
		RUN_ARGS("connect", "--cafile", CERTS_DIR "/ca.pem", "--report-file", path, host,
			PROBING_PORT));
	report = run_json_file(path);
	assert_string_equal(run_json_string(report, "fast_open"), "acknowledged");
	json_decref(report);
	run_remove(path);
}

static void both_families_have_one(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, NULL);
	warm(probing, "server.test");
	assert_contains(probing->outcome.out, ": cookies known for 2 of 2 addresses, ");
	expect_cookie(probing, "server4.test");
	expect_cookie(probing, "server6.test");
}

static void a_dead_address_has_none(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, NULL);
	warm(probing, "dead6.test");
	assert_contains(probing->outcome.out, ": cookies known for 1 of 2 addresses, ");
	expect_cookie(probing, "server4.test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_families_have_one),
		cmocka_unit_test(a_dead_address_has_none),
	};

	program_need("nginx");
	return probing_run("warm_fetches_every_cookie", tests, suite_length(tests));
}
