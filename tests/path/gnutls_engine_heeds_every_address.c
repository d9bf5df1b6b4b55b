/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GnuTLS's engine cannot connect plainly. Where one of the addresses is among those that the path memory is
 * against, even if it is not the first, the socket engine serves.
 */

#include "memory.h"

static void fact(struct memory_test *test)
{
	struct path *path = test->path;
	int box = path_add_box(path, "drop-syn-option");

	path->host = "server4.test";
	struct tlsfo_report report = memory_visit(test);
	memory_expect_fallback(&report, TLSFO_REASON_SYN_RETRANSMITTED);
	assert_int_equal(report.engine, TLSFO_ENGINE_GNUTLS);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 1);

	/* IPv6 comes first there, and is not known to fail. */
	assert_int_equal(lab_switch_box(path->lab, box, false), 0);
	path->host = "server.test";
	report = memory_visit(test);
	assert_string_equal(report.attempts[0].address, LAB_SERVER_IPV6);
	assert_int_equal(report.engine, TLSFO_ENGINE_SOCKET);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	path->way.family = AF_INET6;
	path_expect_syns(path, 1, 1);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, NULL);
}

int main(void)
{
	return memory_run("GnuTLS's engine heeds every address", fact, PATH_GNUTLS_CLIENT);
}
