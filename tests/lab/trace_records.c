/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Lengths of encrypted TLS 1.3 handshake records (RFC 8446 section 5.2): header 5, message header
 * 4, hash 32 or 48, content type 1, authentication tag 16. No AEAD of TLS 1.3 adds anything else.
 */
enum {
	END_OF_EARLY_DATA_LENGTH = 5 + 4 + 1 + 16,
	FINISHED_SHA256_LENGTH = 5 + 4 + 32 + 1 + 16,
	FINISHED_SHA384_LENGTH = 5 + 4 + 48 + 1 + 16,
};

void trace_records_clear(struct trace_records *records)
{
	free(records->records[LAB_CLIENT]);
	free(records->records[LAB_SERVER]);
	memset(records, 0, sizeof(*records));
}

/* When and in which packet the byte left, and when a first copy of it arrived. */
static void place(struct lab_record *record, const struct stream *stream)
{
	size_t first = SIZE_MAX;
	size_t i;

	for (i = 0; i < stream->segment_count; i++) {
		const struct lab_packet *packet = &stream->segments[i].entry->packet;
		uint64_t from = stream->segments[i].offset;

		if (from > record->offset)
			return;
		if (record->offset < from + packet->payload_length && packet->index < first) {
			first = packet->index;
			record->packet = first;
			record->sent_ns = packet->sent_ns;
		}
		if (packet->fate != LAB_ARRIVED || record->offset >= from + packet->payload_arrived)
			continue;
		if (!record->arrived_ns || packet->arrived_ns < record->arrived_ns)
			record->arrived_ns = packet->arrived_ns;
	}
}

/* What the hellos say about the whole connection. */
struct hellos {
	bool tls13;
	bool early_data;
};

static void note_hello(struct hellos *hellos, const struct tls_record *record)
{
	hellos->tls13 = hellos->tls13 || record->tls13;
	hellos->early_data = hellos->early_data || record->asks_early_data;
}

static int read_side(const struct trace *trace, int connection, enum lab_side from,
	struct hellos *hellos, struct trace_records *records)
{
	struct stream stream;
	struct tls_record *found;
	size_t count;
	size_t i;
	int result = stream_read(trace, connection, from, &stream);

	if (result < 0)
		return result;

	count = tls_read_records(stream.bytes, stream.length, NULL, 0);
	found = calloc(count + 1, sizeof(*found));
	records->records[from] = calloc(count + 1, sizeof(*records->records[from]));
	if (!found || !records->records[from]) {
		free(found);
		stream_clear(&stream);
		return -ENOMEM;
	}

	tls_read_records(stream.bytes, stream.length, found, count);
	for (i = 0; i < count; i++) {
		struct lab_record *record = &records->records[from][i];

		record->type = found[i].type;
		record->message = found[i].message;
		record->name = tls_record_name(&found[i]);
		record->tls13 = found[i].tls13;
		record->takes_ticket = found[i].takes_ticket;
		record->length = found[i].length;
		record->offset = found[i].offset;
		place(record, &stream);
		note_hello(hellos, &found[i]);
	}
	records->count[from] = count;
	free(found);
	stream_clear(&stream);
	return 0;
}

static bool is_finished(const struct lab_record *record)
{
	return record->length == FINISHED_SHA256_LENGTH || record->length == FINISHED_SHA384_LENGTH;
}

/* The place of the EndOfEarlyData, which the Finished follows at once; or the count. */
static size_t find_end_of_early_data(const struct lab_record *list, size_t count)
{
	size_t i;

	for (i = 0; i + 1 < count; i++) {
		if (list[i].type == TLS_APPLICATION_DATA &&
			list[i].length == END_OF_EARLY_DATA_LENGTH && is_finished(&list[i + 1]))
			return i;
	}
	return count;
}

/*
 * Application data that the client sent before an EndOfEarlyData, or before it had a byte from the
 * server, is early data. What follows is encrypted handshake up to the Finished, which is known by
 * its length.
 */
static void name_client_records(
	struct trace_records *records, const struct hellos *hellos, uint64_t first_server_ns)
{
	struct lab_record *list = records->records[LAB_CLIENT];
	size_t count = records->count[LAB_CLIENT];
	size_t end = find_end_of_early_data(list, count);
	bool early_data = false;
	size_t i;

	for (i = 0; i < count; i++) {
		struct lab_record *record = &list[i];
		bool before_end = i < end && end < count;
		bool before_server = !first_server_ns || record->sent_ns < first_server_ns;

		if (record->type != TLS_APPLICATION_DATA)
			continue;
		if (hellos->early_data && (before_end || (end == count && before_server))) {
			record->name = "early data";
			early_data = true;
			continue;
		}
		if (!hellos->tls13)
			return;
		if (is_finished(record)) {
			record->name = "Finished";
			return;
		}
		record->name = early_data && record->length == END_OF_EARLY_DATA_LENGTH
				       ? "EndOfEarlyData"
				       : "encrypted handshake";
	}
}

/* When the first application data, or the Finished of TLS 1.3, reached the server; 0: not yet. */
static uint64_t client_spoke_ns(const struct trace_records *records, const char *name)
{
	size_t i;

	for (i = 0; i < records->count[LAB_CLIENT]; i++) {
		const struct lab_record *record = &records->records[LAB_CLIENT][i];

		if (record->type == TLS_APPLICATION_DATA &&
			(!name || strcmp(record->name, name) == 0))
			return record->arrived_ns;
	}
	return 0;
}

/* Nothing that follows the response is handshake, even before the client's Finished (early data). */
static void set_response(struct trace_records *records, size_t response)
{
	struct lab_record *list = records->records[LAB_SERVER];
	size_t i;

	records->response = response;
	list[response].name = "response";
	for (i = response + 1; records->tls13 && i < records->count[LAB_SERVER]; i++) {
		if (list[i].type == TLS_APPLICATION_DATA)
			list[i].name = "encrypted data";
	}
}

static void find_response(struct trace_records *records, size_t min_record)
{
	uint64_t asked_ns = client_spoke_ns(records, NULL);
	size_t i;

	records->response = records->count[LAB_SERVER];
	for (i = 0; asked_ns && i < records->count[LAB_SERVER]; i++) {
		const struct lab_record *record = &records->records[LAB_SERVER][i];

		if (record->type != TLS_APPLICATION_DATA || record->length < min_record ||
			record->sent_ns < asked_ns)
			continue;

		set_response(records, i);
		return;
	}
}

/*
 * Of the server's TLS 1.3 records only the time tells handshake from what follows; tickets and
 * application data look alike.
 */
static void name_server_records(struct trace_records *records)
{
	uint64_t finished_ns = client_spoke_ns(records, "Finished");
	size_t i;

	for (i = 0; records->tls13 && i < records->count[LAB_SERVER]; i++) {
		struct lab_record *record = &records->records[LAB_SERVER][i];

		if (record->type != TLS_APPLICATION_DATA)
			continue;
		record->name = !finished_ns || record->sent_ns < finished_ns ? "encrypted handshake"
									     : "encrypted data";
	}
}

int trace_read_records(const struct trace *trace, int connection, size_t min_record,
	struct trace_records *ret_records)
{
	struct trace_records records = {{NULL, NULL}, {0, 0}, false, 0};
	struct hellos hellos = {false, false};
	const struct trace_entry *first;
	int result;

	if (connection < 0 || (size_t)connection >= trace->flows.used)
		return -ENOENT;

	result = read_side(trace, connection, LAB_CLIENT, &hellos, &records);
	if (result == 0)
		result = read_side(trace, connection, LAB_SERVER, &hellos, &records);
	if (result < 0) {
		trace_records_clear(&records);
		return result;
	}

	first = trace_first_server_byte(trace, connection);
	records.tls13 = hellos.tls13;
	name_client_records(&records, &hellos, first ? first->packet.arrived_ns : 0);
	name_server_records(&records);
	find_response(&records, min_record);
	*ret_records = records;
	return 0;
}
