/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The trace puts connections made by hand together again: streams whose records span segments, come
 * out of order or twice, and the first byte of a response, in TLS 1.3 and 1.2.
 */

#include "recording.h"

#include <errno.h>
#include <string.h>

static void syn_data_and_what_was_acknowledged(void **state)
{
	struct recording recording = recording_start();

	(void)state;
	assert_int_equal(trace_syn_acked(&recording.trace, 0), -ENOENT);
	recording_syn(&recording, "hello", 5);
	assert_int_equal(trace_syn_acked(&recording.trace, 0), -EAGAIN);
	recording_synack(&recording, 5);
	assert_int_equal(trace_syn_acked(&recording.trace, 0), 5);
	assert_int_equal(trace_syn(&recording.trace, 0)->packet.payload_length, 5);
	assert_null(trace_syn(&recording.trace, 1));
	assert_int_equal(trace_start_ns(&recording.trace, LAB_ALL), 100);
	trace_clear(&recording.trace);
}

static void records_span_segments_in_any_order(void **state)
{
	struct recording recording = recording_start();
	struct trace_records records;
	uint8_t bytes[600];
	size_t length = put_record(bytes, TLS_HANDSHAKE, 300);

	(void)state;
	length += put_record(bytes + length, TLS_APPLICATION_DATA, 200);
	recording_syn(&recording, bytes, 100);
	recording_synack(&recording, 100);
	recording_data(&recording, LAB_CLIENT, 350, bytes + 350, length - 350, NULL);
	recording_data(&recording, LAB_CLIENT, 100, bytes + 100, 250, "loss");
	recording_data(&recording, LAB_CLIENT, 50, bytes + 50, 300, NULL);

	assert_int_equal(trace_read_records(&recording.trace, 0, TRACE_NO_RESPONSE, &records), 0);
	assert_int_equal(records.count[LAB_CLIENT], 2);
	assert_int_equal(records.records[LAB_CLIENT][0].packet, 0);
	assert_int_equal(records.records[LAB_CLIENT][1].offset, 305);
	/* Its first byte left in the lost packet and arrived in the one after. */
	assert_int_equal(records.records[LAB_CLIENT][1].packet, 3);
	assert_int_equal(records.records[LAB_CLIENT][1].arrived_ns, 104 + HALF_NS);
	assert_int_equal(trace_stream_offset(&recording.trace, recording.trace.entries[2]), 350);
	trace_records_clear(&records);
	trace_clear(&recording.trace);
}

static void missing_bytes_end_the_stream(void **state)
{
	struct recording recording = recording_start();
	struct stream stream;

	(void)state;
	recording_syn(&recording, NULL, 0);
	recording_data(&recording, LAB_CLIENT, 0, "abc", 3, NULL);
	recording_data(&recording, LAB_CLIENT, 4, "efg", 3, NULL);
	assert_int_equal(stream_read(&recording.trace, 0, LAB_CLIENT, &stream), 0);
	assert_int_equal(stream.length, 3);
	assert_int_equal(stream.segment_count, 2);
	stream_clear(&stream);
	trace_clear(&recording.trace);
}

/* Handshake of TLS 1.3, a ticket and the response, all of type 23 on the wire. */
static void response_of_tls13_is_known_by_length(void **state)
{
	struct recording recording = recording_start();
	struct trace_records records;
	uint8_t bytes[1000];
	size_t client;
	size_t server;
	size_t length;

	(void)state;
	recording_syn(&recording, NULL, 0);
	recording_synack(&recording, 0);
	client = put_record(bytes, TLS_HANDSHAKE, 200);
	recording_data(&recording, LAB_CLIENT, 0, bytes, client, NULL);
	server = put_server_hello(bytes);
	server += put_record(bytes + server, TLS_APPLICATION_DATA, 600);
	recording_data(&recording, LAB_SERVER, 0, bytes, server, NULL);
	recording.now = 200;
	length = put_record(bytes, TLS_APPLICATION_DATA, 53);
	recording_data(&recording, LAB_CLIENT, (uint32_t)client, bytes, length, NULL);
	recording.now = 300;
	length = put_record(bytes, TLS_APPLICATION_DATA, 100);
	recording_data(&recording, LAB_SERVER, (uint32_t)server, bytes, length, NULL);
	length = put_record(bytes, TLS_APPLICATION_DATA, 400);
	recording_data(&recording, LAB_SERVER, (uint32_t)server + 105, bytes, length, NULL);

	assert_int_equal(trace_read_records(&recording.trace, 0, 300, &records), 0);
	assert_true(records.tls13);
	assert_int_equal(records.count[LAB_SERVER], 4);
	assert_string_equal(records.records[LAB_CLIENT][1].name, "Finished");
	assert_string_equal(records.records[LAB_SERVER][1].name, "encrypted handshake");
	assert_string_equal(records.records[LAB_SERVER][2].name, "encrypted data");
	/* The handshake's 605 bytes came before the client had said anything. */
	assert_int_equal(records.response, 3);
	assert_string_equal(records.records[LAB_SERVER][3].name, "response");
	trace_records_clear(&records);

	assert_int_equal(trace_read_records(&recording.trace, 0, 406, &records), 0);
	assert_int_equal(records.response, records.count[LAB_SERVER]);
	trace_records_clear(&records);
	trace_clear(&recording.trace);
}

static void early_data_is_what_came_before_any_answer(void **state)
{
	struct recording recording = recording_start();
	struct trace_records records;
	uint8_t bytes[1000];
	size_t length = put_early_hello(bytes);
	size_t server;

	(void)state;
	length += put_record(bytes + length, TLS_APPLICATION_DATA, 60);
	recording_syn(&recording, bytes, length);
	recording.now = 150;
	recording_synack(&recording, (uint32_t)length);
	server = put_server_hello(bytes);
	server += put_record(bytes + server, TLS_APPLICATION_DATA, 500);
	server += put_record(bytes + server, TLS_APPLICATION_DATA, 19);
	recording_data(&recording, LAB_SERVER, 0, bytes, server, NULL);
	recording.now = 200;
	server = put_record(bytes, TLS_APPLICATION_DATA, 21);
	server += put_record(bytes + server, TLS_APPLICATION_DATA, 53);
	recording_data(&recording, LAB_CLIENT, (uint32_t)length, bytes, server, NULL);

	assert_int_equal(trace_read_records(&recording.trace, 0, 500, &records), 0);
	assert_int_equal(records.count[LAB_CLIENT], 4);
	assert_string_equal(records.records[LAB_CLIENT][1].name, "early data");
	assert_string_equal(records.records[LAB_CLIENT][2].name, "EndOfEarlyData");
	assert_string_equal(records.records[LAB_CLIENT][3].name, "Finished");
	/* The answer to early data may come before the client's Finished. */
	assert_int_equal(records.response, 1);
	assert_string_equal(records.records[LAB_SERVER][2].name, "encrypted data");
	trace_records_clear(&records);
	trace_clear(&recording.trace);
}

/* GnuTLS's own fast open sends early data behind the SYN, where the answer may be there already. */
static void early_data_is_what_came_before_its_end(void **state)
{
	struct recording recording = recording_start();
	struct trace_records records;
	uint8_t bytes[1000];
	size_t length = put_early_hello(bytes);
	size_t server;

	(void)state;
	recording_syn(&recording, bytes, length);
	recording_synack(&recording, (uint32_t)length);
	server = put_server_hello(bytes);
	recording_data(&recording, LAB_SERVER, 0, bytes, server, NULL);
	recording.now += 2 * HALF_NS;
	server = put_record(bytes, TLS_APPLICATION_DATA, 60);
	server += put_record(bytes + server, TLS_APPLICATION_DATA, 21);
	server += put_record(bytes + server, TLS_APPLICATION_DATA, 53);
	recording_data(&recording, LAB_CLIENT, (uint32_t)length, bytes, server, NULL);

	assert_int_equal(trace_read_records(&recording.trace, 0, 500, &records), 0);
	assert_int_equal(records.count[LAB_CLIENT], 4);
	assert_string_equal(records.records[LAB_CLIENT][1].name, "early data");
	assert_string_equal(records.records[LAB_CLIENT][2].name, "EndOfEarlyData");
	assert_string_equal(records.records[LAB_CLIENT][3].name, "Finished");
	trace_records_clear(&records);
	trace_clear(&recording.trace);
}

static void response_of_tls12_needs_no_length(void **state)
{
	struct recording recording = recording_start();
	struct trace_records records;
	uint8_t bytes[200];
	size_t length;

	(void)state;
	recording_syn(&recording, NULL, 0);
	recording_synack(&recording, 0);
	length = put_record(bytes, TLS_HANDSHAKE, 80);
	recording_data(&recording, LAB_SERVER, 0, bytes, length, NULL);
	length = put_record(bytes, TLS_APPLICATION_DATA, 10);
	recording_data(&recording, LAB_CLIENT, 0, bytes, length, NULL);
	recording.now = 200;
	recording_data(&recording, LAB_SERVER, 85, bytes, length, NULL);
	assert_int_equal(trace_read_records(&recording.trace, 0, 0, &records), 0);
	assert_false(records.tls13);
	assert_int_equal(records.response, 1);
	assert_int_equal(records.records[LAB_SERVER][1].arrived_ns, 200 + HALF_NS);
	trace_records_clear(&records);
	trace_clear(&recording.trace);
}

static void first_server_byte_must_have_arrived(void **state)
{
	struct recording recording = recording_start();

	(void)state;
	recording_syn(&recording, NULL, 0);
	recording_synack(&recording, 0);
	recording_data(&recording, LAB_SERVER, 0, "lost", 4, "loss");
	assert_null(trace_first_server_byte(&recording.trace, 0));
	recording_data(&recording, LAB_SERVER, 0, "lost", 4, NULL);
	assert_int_equal(trace_first_server_byte(&recording.trace, 0)->packet.index, 3);
	assert_null(trace_first_server_byte(&recording.trace, 1));
	assert_non_null(trace_first_server_byte(&recording.trace, LAB_ALL));
	trace_clear(&recording.trace);
}

static void reset_forgets_packets_on_the_way(void **state)
{
	struct recording recording = recording_start();
	struct made_tcp made = {.version = 4, .flags = PACKET_SYN};
	uint8_t bytes[MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);
	uint64_t old = trace_sent(&recording.trace, LAB_CLIENT, 1, bytes, &info, NULL);
	uint64_t id;

	(void)state;
	trace_reset(&recording.trace);
	assert_int_equal(recording.trace.used, 0);
	id = trace_sent(&recording.trace, LAB_CLIENT, 2, bytes, &info, NULL);
	trace_dropped(&recording.trace, old, "loss");
	assert_int_equal(recording.trace.entries[0]->packet.fate, LAB_ON_THE_WAY);
	trace_arrived(&recording.trace, id, 3);
	assert_int_equal(recording.trace.entries[0]->packet.fate, LAB_ARRIVED);
	trace_arrived(&recording.trace, TRACE_NONE, 3);
	trace_clear(&recording.trace);
}

static void full_trace_keeps_headers(void **state)
{
	struct trace trace;
	static const char payload[1000];
	struct made_tcp made = {.version = 4,
		.flags = PACKET_SYN,
		.payload = payload,
		.payload_length = sizeof(payload)};
	uint8_t bytes[MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);

	(void)state;
	trace_init(&trace, 1500);
	trace_sent(&trace, LAB_CLIENT, 1, bytes, &info, NULL);
	trace_sent(&trace, LAB_CLIENT, 2, bytes, &info, NULL);
	assert_int_equal(trace.entries[0]->kept, 1040);
	assert_int_equal(trace.entries[1]->kept, 128);
	assert_int_equal(trace.entries[1]->packet.payload_length, 1000);
	assert_int_equal(trace.entries[1]->packet.payload_kept, 88);
	trace_clear(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syn_data_and_what_was_acknowledged),
		cmocka_unit_test(records_span_segments_in_any_order),
		cmocka_unit_test(missing_bytes_end_the_stream),
		cmocka_unit_test(response_of_tls13_is_known_by_length),
		cmocka_unit_test(early_data_is_what_came_before_any_answer),
		cmocka_unit_test(early_data_is_what_came_before_its_end),
		cmocka_unit_test(response_of_tls12_needs_no_length),
		cmocka_unit_test(first_server_byte_must_have_arrived),
		cmocka_unit_test(reset_forgets_packets_on_the_way),
		cmocka_unit_test(full_trace_keeps_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
