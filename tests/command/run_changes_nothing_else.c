/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Under "tlsfo run" a program that waits for the server first, writes something else than a ClientHello, or hands its
 * socket on sends a SYN without data at once. One whose first write is a ClientHello sees the socket connected.
 */

#include "command/guest.h"

#include <stdlib.h>

/* All of it arrives, and nothing twice. */
static void expect_long_hello(struct lab *lab)
{
	struct lab_record record;

	assert_true(lab_trace_syn_payload(lab, 0) < 3000);
	assert_int_equal(lab_trace_records(lab, 0, LAB_CLIENT, &record, 1), 1);
	assert_int_equal(record.length, 3000);
}

static void programs_see_a_connection(void **state)
{
	static const struct {
		const char *way;
		enum guest_syn syn;
		const char *reason;
	} rows[] = {
		{"write_hello", GUEST_HELLO, NULL},
		{"write_long_hello", GUEST_HELLO, NULL},
		{"read_at_once", GUEST_COOKIE, "the program read or waited first"},
		{"poll_for_reading", GUEST_COOKIE, "the program read or waited first"},
		{"select_for_reading", GUEST_COOKIE, "the program read or waited first"},
		{"epoll_for_both", GUEST_COOKIE, "the program read or waited first"},
		{"start_tls", GUEST_COOKIE, "the program read or waited first"},
		{"read_a_copy", GUEST_COOKIE, "the program gave the socket another descriptor"},
		{"read_a_stream", GUEST_COOKIE, "the program gave the socket another descriptor"},
		{"read_in_a_child", GUEST_COOKIE, "the program forked before its first write"},
		{"write_no_hello", GUEST_COOKIE, "the first write was no ClientHello"},
	};
	struct guest guest;

	guest_begin(&guest, *state, NULL, VISITOR " serve 0.0.0.0 " PROBING_PORT);
	const char *words[] = {VISITOR, "read_at_once", LAB_SERVER_IPV4, PROBING_PORT, NULL};

	assert_int_equal(guest_visit(&guest, words), 0);
	guest_expect_syn(&guest, 0, GUEST_COOKIE_ASKED);
	for (size_t i = 0; i < suite_length(rows); i++) {
		words[1] = rows[i].way;
		int status = guest_visit(&guest, words);

		if (status != 0)
			fail_msg("%s ends with %d", rows[i].way, status);
		guest_expect_report(&guest, "fast_open_reason", rows[i].reason);
		guest_expect_syn(&guest, 0, rows[i].syn);
		assert_int_equal(lab_trace_syns(guest.probing->lab), 1);
		if (strcmp(rows[i].way, "write_long_hello") == 0)
			expect_long_hello(guest.probing->lab);
	}
	guest_end(&guest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(programs_see_a_connection)};

	program_need("openssl");
	return probing_run("run_changes_nothing_else", tests, suite_length(tests));
}
