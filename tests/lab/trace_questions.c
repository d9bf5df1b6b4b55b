/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "trace.h"

#include <errno.h>

static bool belongs(const struct lab_packet *packet, int connection)
{
	return connection == LAB_ALL || packet->connection == connection;
}

static bool is_client_syn(const struct lab_packet *packet)
{
	return packet->from == LAB_CLIENT && !packet->injected_by &&
	       (packet->flags & (PACKET_SYN | PACKET_ACK | PACKET_RST)) == PACKET_SYN;
}

const struct trace_entry *trace_syn(const struct trace *trace, size_t i)
{
	size_t at;

	for (at = 0; at < trace->used; at++) {
		if (is_client_syn(&trace->entries[at]->packet) && i-- == 0)
			return trace->entries[at];
	}
	return NULL;
}

bool trace_has_connection(const struct trace *trace, int connection)
{
	if (connection == LAB_ALL)
		return trace->flows.used > 0;
	return connection >= 0 && (size_t)connection < trace->flows.used;
}

uint64_t trace_start_ns(const struct trace *trace, int connection)
{
	size_t i;

	for (i = 0; i < trace->used; i++) {
		const struct lab_packet *packet = &trace->entries[i]->packet;

		if (belongs(packet, connection) && is_client_syn(packet))
			return packet->sent_ns;
	}
	return 0;
}

ssize_t trace_syn_acked(const struct trace *trace, int connection)
{
	size_t i;

	if (connection == LAB_ALL || !trace_has_connection(trace, connection))
		return -ENOENT;

	for (i = 0; i < trace->used; i++) {
		const struct trace_entry *entry = trace->entries[i];
		const struct lab_packet *packet = &entry->packet;

		if (packet->connection == connection && packet->from == LAB_SERVER &&
			packet->fate == LAB_ARRIVED &&
			(packet->flags & (PACKET_SYN | PACKET_ACK)) == (PACKET_SYN | PACKET_ACK))
			return (ssize_t)(packet->ack - entry->isn - 1);
	}
	return -EAGAIN;
}

const struct trace_entry *trace_first_server_byte(const struct trace *trace, int connection)
{
	const struct trace_entry *first = NULL;
	size_t i;

	for (i = 0; i < trace->used; i++) {
		const struct trace_entry *entry = trace->entries[i];

		if (!belongs(&entry->packet, connection) || entry->packet.from != LAB_SERVER ||
			entry->packet.fate != LAB_ARRIVED || !entry->packet.payload_arrived)
			continue;
		if (!first || entry->packet.arrived_ns < first->packet.arrived_ns)
			first = entry;
	}
	return first;
}
