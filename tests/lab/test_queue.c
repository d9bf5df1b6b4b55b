/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Packets leave the queue in the order of their times, and none before its time. */

#include "pure_test.h"
#include "queue.h"

#include <stdlib.h>

static void push(struct queue *queue, uint64_t due_ns, uint64_t id)
{
	struct queue_packet *packet = queue_packet_new(1);

	assert_non_null(packet);
	packet->due_ns = due_ns;
	packet->trace_id = id;
	assert_int_equal(queue_push(queue, packet), 0);
}

static uint64_t pop(struct queue *queue, uint64_t now_ns)
{
	struct queue_packet *packet = queue_pop(queue, now_ns);
	uint64_t id = packet ? packet->trace_id : UINT64_MAX;

	free(packet);
	return id;
}

static void nothing_comes_before_it_is_due(void **state)
{
	struct queue queue = QUEUE_EMPTY;

	(void)state;
	assert_int_equal(queue_next_ns(&queue), UINT64_MAX);
	assert_null(queue_pop(&queue, UINT64_MAX));
	push(&queue, 10, 1);
	assert_int_equal(queue_next_ns(&queue), 10);
	assert_null(queue_pop(&queue, 9));
	assert_int_equal(pop(&queue, 10), 1);
	assert_int_equal(queue_next_ns(&queue), UINT64_MAX);
	queue_clear(&queue);
}

static void equal_times_keep_their_order(void **state)
{
	struct queue queue = QUEUE_EMPTY;
	uint64_t i;

	(void)state;
	for (i = 0; i < 500; i++)
		push(&queue, 7, i);
	for (i = 0; i < 500; i++)
		assert_int_equal(pop(&queue, 7), i);
	queue_clear(&queue);
}

static void packets_come_in_order_of_time(void **state)
{
	struct queue queue = QUEUE_EMPTY;
	uint64_t last = 0;
	uint64_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		push(&queue, i * 7919 % 1009, i * 7919 % 1009);
	for (i = 0; i < 700; i++) {
		uint64_t id = pop(&queue, 2000);

		assert_true(id >= last);
		last = id;
	}
	queue_clear(&queue);
	assert_null(queue_pop(&queue, UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_comes_before_it_is_due),
		cmocka_unit_test(equal_times_keep_their_order),
		cmocka_unit_test(packets_come_in_order_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
