/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The first visit learns that fast open fails on a path; the next ones connect plainly and lose no time, in this
 * process and in others. Each row is a fact of its own.
 */

#include "memory.h"

static const struct row {
	const char *fact;
	const char *box;
	bool cookie; /* is fetched before; without it the question for one fails */
	enum tlsfo_reason reason;
} rows[] = {
	{"the second visit to a path that drops SYN data is plain", "drop-syn-data", true,
		TLSFO_REASON_SYN_RETRANSMITTED},
	{"the second visit to a path that drops the option is plain", "drop-syn-option", false,
		TLSFO_REASON_SYN_RETRANSMITTED},
	{"the second visit to a path that goes silent is plain", "fake-ack-syn-data", true,
		TLSFO_REASON_SILENT},
	/* The server's answer to the plain attempt tells that this is not the server's doing. */
	{"the second visit to a path that resets after the SYN is plain", "rst-after-syn", true,
		TLSFO_REASON_RESET_LATER},
	/* The plain attempt that follows succeeds, so that this is the path's doing. */
	{"the second visit to a path that resets SYN data is plain", "rst-syn-data", true,
		TLSFO_REASON_RESET},
};

static const struct row *row;

/* A port that refuses every SYN is no path that resets. */
static void expect_refused_port_forgotten(struct memory_test *test)
{
	struct path *path = test->path;

	path_end(path);
	path->port = 4;
	path_visit(path);
	assert_int_equal(path->ret, TLSFO_E_NOT_CONNECTED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 1);
	assert_int_equal(memory_entries(test, TLSFO_STORE_HOST).count, 1);
}

static void fact(struct memory_test *test)
{
	if (row->cookie)
		memory_fetch_cookie(test);
	path_add_box(test->path, row->box);
	struct tlsfo_report report = memory_visit(test);

	memory_expect_fallback(&report, row->reason);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 1);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
	report = memory_visit(test);
	memory_expect_plain(test, &report);
	report = memory_visit_elsewhere(test);
	memory_expect_plain(test, &report);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
	if (row->reason == TLSFO_REASON_RESET)
		expect_refused_port_forgotten(test);
}

int main(void)
{
	int failed = 0;

	for (row = rows; row < rows + suite_length(rows); row++)
		failed |= memory_run(row->fact, fact, PATH_RACED);
	return failed;
}
