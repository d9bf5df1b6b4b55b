/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One SYN-ACK is lost: a plain attempt follows after the attempt delay, long before the kernel sends its
 * SYN again, and wins. First without a cookie; then with data in the SYN, which the server has read.
 */

#include "path.h"

#include "box.h"

static enum box_verdict drop_one(struct box *box, struct box_packet *packet)
{
	if (packet->from != LAB_SERVER || !packet_is_synack(&packet->info))
		return BOX_PASS;
	if (box->argument == 0)
		return BOX_PASS;
	box->argument--;
	return BOX_DROP;
}

static const struct lab_box drop_one_synack = {
	.name = "drop-one-synack",
	.argument = "COUNT",
	.least = 0,
	.most = 1,
	.description = "drops the first SYN-ACK of all",
	.packet = drop_one,
};

static void visit_once(struct path *path, enum path_option option)
{
	assert_true(lab_add_own_box(path->lab, &drop_one_synack, 1) >= 0);
	path_visit_well(path);
	path_expect_syns(path, 2, 2);
	path_expect_syn(path, 0, option, NULL);
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	assert_string_equal(path_syn_ack(path, 0).dropped_by, "drop-one-synack");
	path_expect_pause(path, 0, 1, 250);
	const struct path_attempt attempts[] = {
		{path_address(path), TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_LOST, 0},
		{path_address(path), TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_WON, 0},
	};
	path_expect_attempts(path, attempts, 2);
	path_expect_kernel(path, false, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 0,
		path_hello_length(path, 1));
	path_end(path);
}

static void fact(struct path *path)
{
	visit_once(path, PATH_COOKIE_ASKED);
	lab_clear_boxes(path->lab);
	path_fetch_cookie(path);
	visit_once(path, PATH_COOKIE);
}

int main(void)
{
	return path_run("a lost SYN-ACK is answered by a plain attempt", fact, PATH_CLIENT);
}
