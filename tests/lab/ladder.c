/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ladder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ladder_model_clear(struct ladder_model *model)
{
	size_t i;

	for (i = 0; i < model->connection_count; i++)
		trace_records_clear(&model->connections[i].records);
	free(model->connections);
	free(model->rows);
	memset(model, 0, sizeof(*model));
}

static void write_endpoint(const struct in6_addr *address, uint16_t port, char *text, size_t size)
{
	char name[INET6_ADDRSTRLEN];

	if (IN6_IS_ADDR_V4MAPPED(address)) {
		inet_ntop(AF_INET, &address->s6_addr[12], name, sizeof(name));
		snprintf(text, size, "%s:%u", name, port);
		return;
	}
	inet_ntop(AF_INET6, address, name, sizeof(name));
	snprintf(text, size, "[%s]:%u", name, port);
}

static size_t first_syn_payload(const struct trace *trace, int number)
{
	size_t i;

	for (i = 0; i < trace->used; i++) {
		const struct lab_packet *packet = &trace->entries[i]->packet;

		if (packet->connection == number && packet->from == LAB_CLIENT &&
			packet->flags & PACKET_SYN)
			return packet->payload_length;
	}
	return 0;
}

static int read_connection(const struct trace *trace, const struct lab_ladder *ladder, int number,
	struct ladder_connection *connection)
{
	const struct flow *flow = &trace->flows.flows[number];
	const struct trace_entry *first = trace_first_server_byte(trace, number);
	const struct lab_record *response;
	int result;

	connection->number = number;
	connection->start_ns = trace_start_ns(trace, number);
	connection->syn_payload = first_syn_payload(trace, number);
	connection->syn_acked = trace_syn_acked(trace, number);
	connection->first_byte_ns = -1;
	connection->response_ns = -1;
	write_endpoint(&flow->key.client, flow->key.client_port, connection->client,
		sizeof(connection->client));
	write_endpoint(&flow->key.server, flow->key.server_port, connection->server,
		sizeof(connection->server));
	if (first)
		connection->first_byte_ns =
			(int64_t)(first->packet.arrived_ns - connection->start_ns);

	result = trace_read_records(trace, number,
		ladder->min_record ? ladder->min_record : TRACE_NO_RESPONSE, &connection->records);
	if (result < 0 || connection->records.response == connection->records.count[LAB_SERVER])
		return result;

	response = &connection->records.records[LAB_SERVER][connection->records.response];
	if (response->arrived_ns)
		connection->response_ns = (int64_t)(response->arrived_ns - connection->start_ns);
	return 0;
}

static int read_connections(
	const struct trace *trace, const struct lab_ladder *ladder, struct ladder_model *model)
{
	bool all = ladder->connection == LAB_ALL;
	size_t count = all ? trace->flows.used : 1;
	size_t i;
	int result = 0;

	model->connections = calloc(count + 1, sizeof(*model->connections));
	if (!model->connections)
		return -ENOMEM;

	for (i = 0; i < count && result == 0; i++) {
		result = read_connection(trace, ladder, all ? (int)i : ladder->connection,
			&model->connections[model->connection_count++]);
	}
	return result;
}

static const struct ladder_connection *find_connection(
	const struct ladder_model *model, int number, int *ret_index)
{
	size_t i;

	*ret_index = -1;
	for (i = 0; i < model->connection_count; i++) {
		if (model->connections[i].number != number)
			continue;
		*ret_index = (int)i;
		return &model->connections[i];
	}
	return NULL;
}

/* A packet that did not arrive, or not yet, stands where it would have arrived. */
static struct ladder_row make_row(const struct trace *trace, const struct trace_entry *entry,
	const struct ladder_model *model)
{
	const struct lab_packet *packet = &entry->packet;
	struct ladder_row row = {
		.from = packet->from,
		.fate = packet->fate,
		.payload_length = packet->payload_length,
		.packets = 1,
		.sent_ns = (int64_t)(packet->sent_ns - model->start_ns),
		.dropped_by = packet->dropped_by,
		.altered_by = packet->altered_by,
		.injected_by = packet->injected_by,
	};
	const struct ladder_connection *connection =
		find_connection(model, packet->connection, &row.connection);

	row.arrived_ns = packet->fate == LAB_ARRIVED
				 ? (int64_t)(packet->arrived_ns - model->start_ns)
				 : row.sent_ns + (int64_t)(model->rtt_ns / 2);
	ladder_label(trace, entry, connection, &row);
	return row;
}

static int64_t seen_by_client(const struct ladder_row *row)
{
	return row->from == LAB_CLIENT ? row->sent_ns : row->arrived_ns;
}

static int compare(const void *left, const void *right)
{
	const struct ladder_row *a = left;
	const struct ladder_row *b = right;
	int64_t a_ns = seen_by_client(a);
	int64_t b_ns = seen_by_client(b);

	if (a_ns != b_ns)
		return a_ns < b_ns ? -1 : 1;
	if (a->sent_ns != b->sent_ns)
		return a->sent_ns < b->sent_ns ? -1 : 1;
	return 0;
}

/* Packets in a row that say the same: more of one record, or nothing but ACK. */
static bool can_merge(const struct ladder_row *row, const struct ladder_row *next)
{
	bool more = row->more_of && row->more_of == next->more_of;
	bool bare = !row->payload_length && strcmp(row->label, "ACK") == 0 &&
		    strcmp(next->label, "ACK") == 0;

	return (more || bare) && row->from == next->from && row->connection == next->connection &&
	       row->fate == LAB_ARRIVED && next->fate == LAB_ARRIVED && !row->altered_by &&
	       !next->altered_by && !row->injected_by && !next->injected_by;
}

/* The row of several packets has the times of the first. */
static void merge_rows(struct ladder_model *model)
{
	size_t kept = 0;
	size_t i;

	for (i = 1; i < model->row_count; i++) {
		struct ladder_row *row = &model->rows[kept];

		if (can_merge(row, &model->rows[i])) {
			row->payload_length += model->rows[i].payload_length;
			row->packets++;
		} else {
			model->rows[++kept] = model->rows[i];
		}
	}
	if (model->row_count)
		model->row_count = kept + 1;

	for (i = 0; i < model->row_count; i++) {
		if (model->rows[i].packets > 1)
			ladder_label_merged(&model->rows[i]);
	}
}

static int read_rows(
	const struct trace *trace, const struct lab_ladder *ladder, struct ladder_model *model)
{
	size_t i;

	model->rows = calloc(trace->used + 1, sizeof(*model->rows));
	if (!model->rows)
		return -ENOMEM;

	for (i = 0; i < trace->used; i++) {
		const struct trace_entry *entry = trace->entries[i];

		if (ladder->connection == LAB_ALL || entry->packet.connection == ladder->connection)
			model->rows[model->row_count++] = make_row(trace, entry, model);
	}
	qsort(model->rows, model->row_count, sizeof(*model->rows), compare);
	merge_rows(model);
	return 0;
}

int ladder_model_read(const struct trace *trace, const struct lab_ladder *ladder, uint64_t rtt_ns,
	struct ladder_model *ret_model)
{
	struct ladder_model model = {.rtt_ns = rtt_ns};
	int result;

	if (ladder->connection != LAB_ALL && !trace_has_connection(trace, ladder->connection))
		return -ENOENT;

	model.start_ns = trace_start_ns(trace, ladder->connection);
	if (!model.start_ns && trace->used)
		model.start_ns = trace->entries[0]->packet.sent_ns;
	result = read_connections(trace, ladder, &model);
	if (result == 0)
		result = read_rows(trace, ladder, &model);
	if (result < 0) {
		ladder_model_clear(&model);
		return result;
	}
	*ret_model = model;
	return 0;
}
