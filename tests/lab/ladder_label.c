/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ladder.h"

#include <stdarg.h>
#include <string.h>

/* Text that grows and stops growing when it is full. */
struct text {
	char *start;
	size_t used;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text->start + text->used, text->size - text->used, format, arguments);
	va_end(arguments);
	if (length > 0)
		text->used += (size_t)length;
	if (text->used >= text->size)
		text->used = text->size - 1;
}

static void add_separator(struct text *text)
{
	if (text->used)
		add(text, ", ");
}

static void add_flags(struct text *text, const struct lab_packet *packet)
{
	if (packet->flags & PACKET_SYN)
		add(text, packet->flags & PACKET_ACK ? "SYN-ACK" : "SYN");
	if (packet->flags & PACKET_FIN) {
		add_separator(text);
		add(text, "FIN");
	}
	if (packet->flags & PACKET_RST) {
		add_separator(text);
		add(text, "RST");
	}
	if (!text->used && !packet->payload_length)
		add(text, "ACK");
}

static void add_fastopen(struct text *text, const struct lab_packet *packet)
{
	if (!packet->fastopen_kind)
		return;
	if (packet->cookie_length)
		add(text, ", cookie %u", packet->cookie_length);
	else
		add(text, ", asks for a cookie");
}

/* What the SYN-ACK says about data in the SYN, where there was some. */
static void add_acknowledged(struct text *text, const struct trace_entry *entry,
	const struct ladder_connection *connection)
{
	uint32_t acknowledged = entry->packet.ack - entry->isn - 1;

	if (!connection || !connection->syn_payload)
		return;
	if (acknowledged)
		add(text, ", acknowledges %u", acknowledged);
	else
		add(text, ", acknowledges no data");
}

/* Data in a SYN begins one after the sequence number of the segment. */
static uint32_t data_seq(const struct lab_packet *packet)
{
	return packet->seq + (packet->flags & PACKET_SYN ? 1 : 0);
}

static bool says_the_same(const struct lab_packet *packet, const struct lab_packet *before)
{
	if (packet->seq == before->seq && before->flags & packet->flags & (PACKET_SYN | PACKET_FIN))
		return true;
	return packet->payload_length && data_seq(packet) == data_seq(before) &&
	       before->payload_length >= packet->payload_length;
}

/* True if the same side sent the same bytes, or the same SYN or FIN, before. */
static bool was_sent_before(const struct trace *trace, const struct lab_packet *packet)
{
	size_t i;

	for (i = 0; i < packet->index; i++) {
		const struct lab_packet *before = &trace->entries[i]->packet;

		if (before->connection == packet->connection && before->from == packet->from &&
			before->protocol == IPPROTO_TCP && !before->injected_by &&
			says_the_same(packet, before))
			return true;
	}
	return false;
}

/* The part of a record that lies in a segment. */
static void add_record(
	struct text *text, const struct lab_record *record, uint64_t from, uint64_t to)
{
	uint64_t end = record->offset + record->length;
	size_t inside;

	add_separator(text);
	if (record->offset < from) {
		inside = (size_t)((end < to ? end : to) - from);
		add(text, "…%s %zu", record->name, inside);
		return;
	}
	inside = (size_t)((end < to ? end : to) - record->offset);
	if (inside == record->length)
		add(text, "%s %zu", record->name, inside);
	else
		add(text, "%s %zu of %zu", record->name, inside, record->length);
}

/* Several whole records of one name are one item. Returns how many records it took. */
static size_t add_run(
	struct text *text, const struct lab_record *record, size_t left, uint64_t from, uint64_t to)
{
	size_t length = 0;
	size_t run = 0;

	while (run < left && record[run].offset >= from && record[run].name == record->name &&
		record[run].offset + record[run].length <= to)
		length += record[run++].length;
	if (run < 2) {
		add_record(text, record, from, to);
		return 1;
	}
	add_separator(text);
	add(text, "%zu× %s %zu", run, record->name, length);
	return run;
}

static void add_payload(struct text *text, const struct lab_packet *packet, int64_t offset,
	const struct ladder_connection *connection, struct ladder_row *row)
{
	const struct lab_record *list = connection->records.records[packet->from];
	size_t count = connection->records.count[packet->from];
	uint64_t from = (uint64_t)offset;
	uint64_t to = from + packet->payload_length;
	bool named = false;
	size_t i = 0;

	while (i < count && list[i].offset < to) {
		if (list[i].offset + list[i].length <= from) {
			i++;
			continue;
		}
		named = true;
		if (!text->used && list[i].offset < from && list[i].offset + list[i].length >= to)
			row->more_of = list[i].name;
		row->early_data = row->early_data || strcmp(list[i].name, "early data") == 0;
		row->response = row->response ||
				(packet->from == LAB_SERVER && i == connection->records.response &&
					list[i].offset >= from);
		i += add_run(text, &list[i], count - i, from, to);
	}
	if (!named) {
		add_separator(text);
		add(text, "data %zu", packet->payload_length);
	}
}

static void label_other(struct text *text, const struct lab_packet *packet)
{
	switch (packet->protocol) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		add(text, "%s%s", packet->protocol == IPPROTO_ICMP ? "ICMP" : "ICMPv6",
			packet->connection >= 0 ? " error" : "");
		return;
	case IPPROTO_UDP:
		add(text, "UDP");
		return;
	default:
		add(text, "protocol %u", packet->protocol);
	}
}

void ladder_label(const struct trace *trace, const struct trace_entry *entry,
	const struct ladder_connection *connection, struct ladder_row *row)
{
	const struct lab_packet *packet = &entry->packet;
	struct text text = {row->label, 0, sizeof(row->label)};
	int64_t offset;

	if (packet->protocol != IPPROTO_TCP) {
		label_other(&text, packet);
		return;
	}

	add_flags(&text, packet);
	add_fastopen(&text, packet);
	if ((packet->flags & (PACKET_SYN | PACKET_ACK)) == (PACKET_SYN | PACKET_ACK))
		add_acknowledged(&text, entry, connection);

	offset = trace_stream_offset(trace, entry);
	if (connection && offset >= 0) {
		add_payload(&text, packet, offset, connection, row);
	} else if (packet->payload_length) {
		add_separator(&text);
		add(&text, "data %zu", packet->payload_length);
	}
	if (was_sent_before(trace, packet)) {
		add(&text, ", again");
		row->more_of = NULL;
	}
}

void ladder_label_merged(struct ladder_row *row)
{
	struct text text = {row->label, 0, sizeof(row->label)};

	if (row->more_of)
		add(&text, "…%s %zu in %zu packets", row->more_of, row->payload_length,
			row->packets);
	else
		add(&text, "%zu× ACK", row->packets);
}

static void add_moment(
	struct text *text, const struct ladder_model *model, const char *what, int64_t ns)
{
	if (ns < 0)
		return;

	add_separator(text);
	add(text, "%s after %.1f ms", what, (double)ns / 1e6);
	if (model->rtt_ns)
		add(text, " = %.2f round trips", (double)ns / (double)model->rtt_ns);
}

void ladder_summary(const struct ladder_model *model, const struct ladder_connection *connection,
	char *ret_text, size_t size)
{
	struct text text = {ret_text, 0, size};

	if (connection->syn_payload && connection->syn_acked >= 0)
		add(&text, "%zu bytes in the SYN, %zd acknowledged", connection->syn_payload,
			connection->syn_acked);
	else if (connection->syn_payload)
		add(&text, "%zu bytes in the SYN, no answer", connection->syn_payload);
	else
		add(&text, "no data in the SYN");
	if (connection->response_ns >= 0)
		add_moment(&text, model, "response", connection->response_ns);
	else
		add_moment(&text, model, "first server byte", connection->first_byte_ns);
}
