/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Links with the least MTU that IPv6 allows, and a hello that is larger: what the SYN holds rides,
 * the rest follows, and the report says how much of it rode.
 */

#include "path.h"

enum { MTU = 1280, GROWTH = 2000 };

/* What did not fit the SYN follows it without a gap. */
static void expect_rest(const struct path *path, const struct lab_packet *syn, size_t hello)
{
	struct lab_packet packet;
	size_t end = syn->payload_length;

	for (size_t i = syn->index + 1; lab_trace_packet(path->lab, i, &packet) == 0; i++) {
		if (packet.from != LAB_CLIENT || packet.payload_length == 0)
			continue;
		if (end < hello)
			assert_int_equal(packet.seq, syn->seq + 1 + (uint32_t)end);
		end += packet.payload_length;
	}
	assert_true(end > hello);
}

static void fact(struct path *path)
{
	path_fetch_cookie(path);
	path_visit_well(path);

	path_expect_syns(path, 1, 1);
	struct lab_packet syn = path_expect_syn(path, 0, PATH_COOKIE, NULL);
	size_t hello = path_hello_length(path, 0);
	assert_true(hello > GROWTH);
	assert_true(syn.payload_length > MTU / 2 && syn.payload_length < MTU);
	expect_rest(path, &syn, hello);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), syn.payload_length);
	path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	path_expect_report(
		path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, syn.payload_length, hello);
}

int main(void)
{
	path_grow_hellos(GROWTH);
	return path_run_mtu(
		"a hello larger than MTU 1280 rides in part", fact, PATH_EVERY_WAY, MTU);
}
