/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Boxes in a chain act one after the other, from the client to the server and back. */

#include "box.h"
#include "pure_test.h"

#include <errno.h>
#include <string.h>

/* Notes the order in which it is asked: its argument goes at the end of a number in base ten. */
static unsigned long asked;

static enum box_verdict note(struct box *box, struct box_packet *packet)
{
	(void)packet;
	asked = asked * 10 + box->argument;
	return BOX_PASS;
}

static enum box_verdict answer_both_ways(struct box *box, struct box_packet *packet)
{
	box_inject(box, LAB_CLIENT, packet->bytes, packet->info.length);
	box_inject(box, LAB_SERVER, packet->bytes, packet->info.length);
	return BOX_DROP;
}

static enum box_verdict answer_too_often(struct box *box, struct box_packet *packet)
{
	int i;

	for (i = 0; i < CHAIN_INJECTED + 3; i++)
		box_inject(box, LAB_CLIENT, packet->bytes, packet->info.length);
	return BOX_DROP;
}

static const struct lab_box noting = {.name = "noting", .packet = note};
static const struct lab_box answering = {.name = "answering", .packet = answer_both_ways};
static const struct lab_box chatty = {.name = "chatty", .packet = answer_too_often};

static void pass(struct chain *chain, enum lab_side from, struct chain_result *ret_result)
{
	static const uint8_t options[] = {2, 4, 0x05, 0xb4, 34, 2, 1, 1};
	struct made_tcp made = {.version = 4,
		.flags = PACKET_SYN,
		.options = options,
		.options_length = sizeof(options),
		.payload = "data",
		.payload_length = 4,
		.from_server = from == LAB_SERVER};
	static uint8_t bytes[MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);

	asked = 0;
	chain_pass(chain, from, bytes, &info, 1, ret_result);
}

static void boxes_are_passed_in_order_of_the_way(void **state)
{
	struct chain chain = {.count = 0};
	struct chain_result result;

	(void)state;
	assert_int_equal(chain_add_kind(&chain, &noting, 1), 0);
	assert_int_equal(chain_add_kind(&chain, &noting, 2), 1);
	assert_int_equal(chain_add_kind(&chain, &noting, 3), 2);
	pass(&chain, LAB_CLIENT, &result);
	assert_int_equal(asked, 123);
	pass(&chain, LAB_SERVER, &result);
	assert_int_equal(asked, 321);
	chain.boxes[1].on = false;
	pass(&chain, LAB_CLIENT, &result);
	assert_int_equal(asked, 13);
	assert_int_equal(result.count, 1);
	assert_null(result.packets[0].dropped_by);
	chain_clear(&chain);
}

static void nothing_behind_a_drop_is_asked(void **state)
{
	struct chain chain = {.count = 0};
	struct chain_result result;

	(void)state;
	chain_add_kind(&chain, &noting, 1);
	assert_int_equal(chain_add(&chain, "drop-syn-data"), 1);
	chain_add_kind(&chain, &noting, 3);
	pass(&chain, LAB_CLIENT, &result);
	assert_int_equal(asked, 1);
	assert_string_equal(result.packets[0].dropped_by, "drop-syn-data");
	chain_clear(&chain);
}

static void answer_passes_the_boxes_on_its_way(void **state)
{
	struct chain chain = {.count = 0};
	struct chain_result result;

	(void)state;
	chain_add_kind(&chain, &noting, 1);
	chain_add_kind(&chain, &answering, 0);
	chain_add_kind(&chain, &noting, 3);
	pass(&chain, LAB_CLIENT, &result);

	/* The packet passes 1; the answer to the client passes 1, the one to the server 3. */
	assert_int_equal(asked, 113);
	assert_int_equal(result.count, 3);
	assert_string_equal(result.packets[1].injected_by, "answering");
	assert_int_equal(result.packets[1].packet.from, LAB_SERVER);
	assert_int_equal(result.packets[2].packet.from, LAB_CLIENT);
	chain_clear(&chain);
}

static void answers_are_bounded(void **state)
{
	struct chain chain = {.count = 0};
	struct chain_result result;

	(void)state;
	chain_add_kind(&chain, &chatty, 0);
	pass(&chain, LAB_CLIENT, &result);
	assert_int_equal(result.count, 1 + CHAIN_INJECTED);
	chain_clear(&chain);
}

static void changes_add_up(void **state)
{
	struct chain chain = {.count = 0};
	struct chain_result result;
	const struct box_packet *packet = &result.packets[0].packet;

	(void)state;
	chain_add(&chain, "strip-option");
	chain_add(&chain, "strip-syn-data");
	chain_add(&chain, "clamp-mss=500");
	pass(&chain, LAB_CLIENT, &result);
	assert_int_equal(packet->info.fastopen_kind, 0);
	assert_int_equal(packet->info.payload_length, 0);
	assert_int_equal(packet->info.mss, 500);
	assert_true(packet_checksums_good(packet->bytes, &packet->info));
	assert_string_equal(result.packets[0].altered_by, "clamp-mss");
	chain_clear(&chain);
}

static void box_is_known_by_name_and_argument(void **state)
{
	struct chain chain = {.count = 0};

	(void)state;
	assert_int_equal(chain_add(&chain, "no-such-box"), -ENOENT);
	assert_int_equal(chain_add(&chain, ""), -ENOENT);
	assert_int_equal(chain_add(&chain, "drop-syn"), -ENOENT);
	assert_int_equal(chain_add(&chain, "drop-syn-data=1"), -EINVAL);
	assert_int_equal(chain_add(&chain, "clamp-mss"), -EINVAL);
	assert_int_equal(chain_add(&chain, "clamp-mss="), -EINVAL);
	assert_int_equal(chain_add(&chain, "clamp-mss=12"), -EINVAL);
	assert_int_equal(chain_add(&chain, "clamp-mss=-500"), -EINVAL);
	assert_int_equal(chain_add(&chain, "clamp-mss=500x"), -EINVAL);
	assert_int_equal(chain_add(&chain, "clamp-mss=99999999999999999999"), -EINVAL);
	assert_int_equal(chain.count, 0);
	assert_int_equal(chain_add(&chain, "clamp-mss=500"), 0);
	assert_int_equal(chain.boxes[0].argument, 500);
	chain_clear(&chain);
}

static void every_box_in_the_table_can_be_added(void **state)
{
	struct chain chain = {.count = 0};

	(void)state;
	for (const struct lab_box *kind = lab_boxes(); kind->name; kind++) {
		char text[64];

		snprintf(text, sizeof(text), kind->argument ? "%s=500" : "%s", kind->name);
		assert_true(chain_add(&chain, text) >= 0);
		assert_non_null(kind->description);
	}
	assert_int_equal(chain.count, LAB_BOXES_MAX - 1);
	assert_true(chain_add(&chain, "drop-syn-data") >= 0);
	assert_int_equal(chain_add(&chain, "drop-syn-data"), -ENOSPC);
	chain_clear(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boxes_are_passed_in_order_of_the_way),
		cmocka_unit_test(nothing_behind_a_drop_is_asked),
		cmocka_unit_test(answer_passes_the_boxes_on_its_way),
		cmocka_unit_test(answers_are_bounded),
		cmocka_unit_test(changes_add_up),
		cmocka_unit_test(box_is_known_by_name_and_argument),
		cmocka_unit_test(every_box_in_the_table_can_be_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
