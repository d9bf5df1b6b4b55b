/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A flow is opened by a SYN alone, and a SYN with a new sequence number opens another. */

#include "flow.h"
#include "pure_test.h"

#include <errno.h>

static long track(struct flow_table *table, uint16_t port, uint8_t flags, uint32_t seq, bool server)
{
	struct made_tcp made = {.version = 4,
		.client_port = port,
		.flags = flags,
		.seq = seq,
		.from_server = server};
	uint8_t bytes[MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);

	return flow_track(table, &info, !server);
}

static void only_a_syn_opens_a_flow(void **state)
{
	struct flow_table table = FLOW_TABLE_EMPTY;

	(void)state;
	assert_int_equal(track(&table, 1, PACKET_ACK, 5, false), -ENOENT);
	assert_int_equal(track(&table, 1, PACKET_SYN, 5, true), -ENOENT);
	assert_int_equal(track(&table, 1, PACKET_SYN, 5, false), 0);
	assert_int_equal(track(&table, 1, PACKET_ACK, 6, false), 0);
	assert_int_equal(track(&table, 1, PACKET_SYN | PACKET_ACK, 9, true), 0);
	flow_table_clear(&table);
}

static void syn_sent_again_is_the_same_flow(void **state)
{
	struct flow_table table = FLOW_TABLE_EMPTY;

	(void)state;
	assert_int_equal(track(&table, 1, PACKET_SYN, 5, false), 0);
	assert_int_equal(track(&table, 1, PACKET_SYN, 5, false), 0);
	assert_int_equal(table.used, 1);
	flow_table_clear(&table);
}

static void new_sequence_number_is_a_new_flow(void **state)
{
	struct flow_table table = FLOW_TABLE_EMPTY;

	(void)state;
	assert_int_equal(track(&table, 1, PACKET_SYN, 5, false), 0);
	assert_int_equal(track(&table, 1, PACKET_SYN, 6, false), 1);
	assert_int_equal(track(&table, 1, PACKET_ACK, 7, false), 1);
	assert_int_equal(table.flows[0].isn, 5);
	flow_table_clear(&table);
}

static void many_flows_are_all_found(void **state)
{
	struct flow_table table = FLOW_TABLE_EMPTY;
	uint16_t i;

	(void)state;
	for (i = 1; i <= 5000; i++)
		assert_int_equal(track(&table, i, PACKET_SYN, i, false), i - 1);
	for (i = 1; i <= 5000; i++)
		assert_int_equal(track(&table, i, PACKET_ACK, i + 1U, false), i - 1);
	assert_int_equal(track(&table, 5001, PACKET_ACK, 1, false), -ENOENT);
	flow_table_clear(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_syn_opens_a_flow),
		cmocka_unit_test(syn_sent_again_is_the_same_flow),
		cmocka_unit_test(new_sequence_number_is_a_new_flow),
		cmocka_unit_test(many_flows_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
