/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ladder.h"

#include "ladder_line.h"

#include <errno.h>
#include <math.h>

static struct ladder_line line_of(
	const struct ladder_model *model, const struct ladder_row *row, const char *label)
{
	bool from_client = row->from == LAB_CLIENT;
	bool dropped = row->fate == LAB_DROPPED;
	bool arrived = row->fate == LAB_ARRIVED;
	int64_t client_ns = from_client ? row->sent_ns : row->arrived_ns;
	int64_t server_ns = from_client ? row->arrived_ns : row->sent_ns;
	bool at_client = from_client ? !row->injected_by : arrived;
	bool at_server = from_client ? arrived : !row->injected_by;
	bool numbered = model->connection_count > 1 && row->connection >= 0;
	struct ladder_line line = {
		.to_server = from_client,
		.early_data = row->early_data,
		.way = dropped ? LADDER_LOST : LADDER_WHOLE,
		.label = label,
		.by = dropped ? row->dropped_by : NULL,
		.number = numbered ? (unsigned int)row->connection + 1 : 0,
		.client_ms = at_client ? (double)client_ns / 1e6 : NAN,
		.client_round_trips = at_client ? (double)client_ns / (double)model->rtt_ns : NAN,
		.server_ms = at_server ? (double)server_ns / 1e6 : NAN,
	};

	if (row->injected_by)
		line.way = dropped ? LADDER_LOST_FROM_THE_MIDDLE : LADDER_FROM_THE_MIDDLE;
	return line;
}

/* "SYN, ClientHello 415" and which box had a hand in it. */
static void print_row(const struct ladder_model *model, const struct ladder_row *row, FILE *file,
	const struct ladder_frame *frame)
{
	const char *by = row->altered_by ? row->altered_by : row->injected_by;
	char label[LADDER_LABEL + 64];

	snprintf(label, sizeof(label), by ? "%s (%s)" : "%s", row->label, by);

	struct ladder_line line = line_of(model, row, label);

	ladder_print_line(file, frame, &line);
}

int ladder_draw_text(const struct ladder_model *model, FILE *file, bool ascii)
{
	const struct ladder_frame frame = {
		.client_at = 19,
		.server_at = 91,
		.server_time = true,
		.round_trips = model->rtt_ns > 0,
		.ascii = ascii,
	};
	char text[256];
	size_t i;

	for (i = 0; i < model->connection_count; i++) {
		const struct ladder_connection *connection = &model->connections[i];

		fprintf(file, "#%zu  %s to %s\n", i + 1, connection->client, connection->server);
	}
	fprintf(file, "    round trip %g ms%s\n\n", (double)model->rtt_ns / 1e6,
		ascii ? "; === carries early data" : "; ═══ carries early data");
	ladder_print_heading(file, &frame);
	for (i = 0; i < model->row_count; i++)
		print_row(model, &model->rows[i], file, &frame);
	fputc('\n', file);
	for (i = 0; i < model->connection_count; i++) {
		ladder_summary(model, &model->connections[i], text, sizeof(text));
		fprintf(file, "#%zu  %s\n", i + 1, text);
	}
	return ferror(file) ? -EIO : 0;
}
