/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server whose SYN-ACKs take their time: both visits wait for it on their one connection.
 */

#include "path.h"

#define DELAY "150"

static void fact(struct path *path)
{
	path_add_box(path, "delay-synack=" DELAY);
	path_fetch_cookie(path);
	path_visit_well(path);

	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, NULL);
	struct lab_packet syn_ack = path_syn_ack(path, 0);
	assert_true(syn_ack.arrived_ns - syn_ack.sent_ns >= 150 * 1000000ULL);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), hello);
	path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, hello, hello);
}

int main(void)
{
	return path_run("a slow SYN-ACK makes one connection", fact, PATH_TRANSPORT);
}
