/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Three different destinations in a row at which fast open failed pause it on the local network,
 * and a fourth, at which it never failed, is connected to plainly. One connection probes when time
 * is up.
 */

#include "memory.h"

enum { SERVERS = 4 };

static struct tlsfo_report visit(struct memory_test *test, int server)
{
	if (test->path->open)
		path_end(test->path);
	test->path->port = (uint16_t)(PATH_PORT + server);
	return memory_visit(test);
}

static void fact(struct memory_test *test)
{
	struct tlsfo_report report;

	for (int i = 1; i < SERVERS; i++)
		path_start_server(test->path, (uint16_t)(PATH_PORT + i));
	memory_fetch_cookie(test);
	int box = path_add_box(test->path, "drop-syn-data");
	for (int i = 0; i < 3; i++) {
		report = visit(test, i);
		memory_expect_fallback(&report, TLSFO_REASON_SYN_RETRANSMITTED);
		assert_int_equal(memory_entries(test, TLSFO_STORE_NETWORK).count, 1);
		assert_int_equal(memory_entries(test, TLSFO_STORE_NETWORK).failures, i == 2);
	}
	assert_string_equal(memory_entries(test, TLSFO_STORE_NETWORK).address,
		test->path->way.family == AF_INET ? "192.0.2.0/24" : "2001:db8::/64");
	report = visit(test, 3);
	memory_expect_plain(test, &report);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 3);

	memory_pass(3601);
	path_end(test->path);
	assert_int_equal(lab_switch_box(test->path->lab, box, false), 0);
	report = visit(test, 3);
	memory_expect_fast_open(&report);
	path_end(test->path);
	assert_int_equal(memory_entries(test, TLSFO_STORE_NETWORK).count, 0);
}

int main(void)
{
	return memory_run("three destinations pause the network", fact, PATH_RACED);
}
