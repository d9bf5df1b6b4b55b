/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SYN data is acknowledged, and then nothing comes: because the path acknowledged it itself, or because it
 * swallows what the server answers. After the grace time a plain attempt carries the same hello, and
 * the silent connection is closed as soon as that one stands.
 */

#include "path.h"

static void visit_behind(struct path *path, const char *box)
{
	int number = path_add_box(path, box);

	path_visit_well(path);
	path_expect_syns(path, 2, 2);
	struct lab_packet syn = path_expect_syn(
		path, 0, PATH_COOKIE, strcmp(box, "fake-ack-syn-data") == 0 ? box : NULL);
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	size_t hello = path_hello_length(path, 1);
	assert_int_equal(syn.payload_length, hello);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), hello);
	path_expect_loser_closed(path, 0, 1);
	/* A box in the middle of the path answers after half a round trip. */
	path_expect_pause(path, 0, 1, 250 + PATH_RTT_MS / 2.0);
	path_expect_in_time(path, 1, 250, 4.2);
	const struct path_attempt attempts[] = {
		{path_address(path), TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_LOST, 0},
		{path_address(path), TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_WON, 0},
	};
	path_expect_attempts(path, attempts, 2);
	assert_true(path_report(path).attempts[0].connected_us >= 0);
	path_expect_kernel(path, false, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SILENT, 0, hello);
	path_end(path);
	assert_int_equal(lab_switch_box(path->lab, number, false), 0);
}

static void fact(struct path *path)
{
	path_fetch_cookie(path);
	visit_behind(path, "fake-ack-syn-data");
	visit_behind(path, "swallow-server-data");
}

int main(void)
{
	return path_run("silence after acknowledged data is answered by a plain attempt", fact,
		PATH_CLIENT);
}
