/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that strips the data from the SYN: the SYN-ACK covers the SYN alone, the kernel sends the
 * hello again at once, and no time is lost against a plain connect.
 */

#include "path.h"

static void fact(struct path *path)
{
	path_add_box(path, "strip-syn-data");
	path_fetch_cookie(path);
	path_visit_well(path);

	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, NULL);
	struct lab_packet syn = path_expect_syn(path, 0, PATH_COOKIE, NULL);
	assert_string_equal(syn.altered_by, "strip-syn-data");
	assert_int_equal(syn.payload_arrived, 0);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), 0);
	path_expect_first_byte(path, 2);
	path_expect_kernel(path, false, KERNEL_FAIL_DATA_NOT_ACKED);
	path_expect_report(path, TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED,
		TLSFO_REASON_DATA_NOT_ACKNOWLEDGED, hello, hello);
}

int main(void)
{
	return path_run("stripped SYN data is resent at once", fact, PATH_EVERY_WAY);
}
