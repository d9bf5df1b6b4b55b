/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ladder.h"

#include <errno.h>
#include <string.h>

/*
 * A line is built in cells, one character a cell, so that columns line up whatever the length of
 * the characters in UTF-8. None of the characters used is wide.
 *
 *       ms    RTT    client                                               server      ms
 *      0.0   0.00 #1  │─── SYN, cookie 8, ClientHello 415 ──────────────────────▶│    25.1
 */
enum {
	WIDTH = 100,
	CONNECTION_AT = 16,
	CLIENT_AT = 19,
	SERVER_AT = 91,
	MIDDLE = (CLIENT_AT + SERVER_AT) / 2,
	LABEL_MOST = SERVER_AT - CLIENT_AT - 7,
};

enum {
	LINE = 0x2500,	     /* ─ */
	EARLY_LINE = 0x2550, /* ═ */
	LANE = 0x2502,	     /* │ */
	TO_RIGHT = 0x25b6,   /* ▶ */
	TO_LEFT = 0x25c0,    /* ◀ */
	CROSS = 0x2717,	     /* ✗ */
	BOX = 0x25c6,	     /* ◆ */
	ELLIPSIS = 0x2026,   /* … */
	TIMES = 0xd7,	     /* × */
};

struct canvas {
	uint32_t cells[WIDTH];
};

static void canvas_clear(struct canvas *canvas)
{
	size_t i;

	for (i = 0; i < WIDTH; i++)
		canvas->cells[i] = ' ';
}

static void fill(struct canvas *canvas, size_t from, size_t to, uint32_t character)
{
	for (; from < to && from < WIDTH; from++)
		canvas->cells[from] = character;
}

/* One character of well-formed UTF-8 of up to three bytes; labels hold nothing longer. */
static uint32_t next_character(const char **text)
{
	const unsigned char *at = (const unsigned char *)*text;
	uint32_t value = at[0];

	if (at[0] < 0x80) {
		*text += 1;
	} else if (at[0] < 0xe0) {
		value = (at[0] & 0x1fU) << 6 | (at[1] & 0x3fU);
		*text += 2;
	} else {
		value = (at[0] & 0x0fU) << 12 | (at[1] & 0x3fU) << 6 | (at[2] & 0x3fU);
		*text += 3;
	}
	return value;
}

static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++) {
		if (((unsigned char)*text & 0xc0) != 0x80)
			width++;
	}
	return width;
}

/* Writes at most `most` characters, the last of them an ellipsis if there were more. */
static void put(struct canvas *canvas, size_t at, const char *text, size_t most)
{
	size_t width = text_width(text);
	size_t i;

	for (i = 0; *text && i < most && at + i < WIDTH; i++)
		canvas->cells[at + i] = next_character(&text);
	if (width > most && i > 0)
		canvas->cells[at + i - 1] = ELLIPSIS;
}

static void put_right(struct canvas *canvas, size_t end, const char *text)
{
	put(canvas, end - text_width(text), text, WIDTH);
}

static uint32_t to_ascii(uint32_t character)
{
	switch (character) {
	case LINE:
		return '-';
	case EARLY_LINE:
		return '=';
	case LANE:
		return '|';
	case TO_RIGHT:
		return '>';
	case TO_LEFT:
		return '<';
	case CROSS:
		return 'X';
	case BOX:
		return 'o';
	case ELLIPSIS:
		return '~';
	case TIMES:
		return 'x';
	default:
		return character < 0x80 ? character : '?';
	}
}

static void print_character(FILE *file, uint32_t character)
{
	if (character < 0x80) {
		fputc((int)character, file);
	} else if (character < 0x800) {
		fputc((int)(0xc0 | character >> 6), file);
		fputc((int)(0x80 | (character & 0x3f)), file);
	} else {
		fputc((int)(0xe0 | character >> 12), file);
		fputc((int)(0x80 | (character >> 6 & 0x3f)), file);
		fputc((int)(0x80 | (character & 0x3f)), file);
	}
}

static void print(const struct canvas *canvas, FILE *file, bool ascii)
{
	size_t end = WIDTH;
	size_t i;

	while (end > 0 && canvas->cells[end - 1] == ' ')
		end--;
	for (i = 0; i < end; i++)
		print_character(file, ascii ? to_ascii(canvas->cells[i]) : canvas->cells[i]);
	fputc('\n', file);
}

static void put_times(
	struct canvas *canvas, const struct ladder_model *model, const struct ladder_row *row)
{
	bool from_client = row->from == LAB_CLIENT;
	bool arrived = row->fate == LAB_ARRIVED;
	int64_t client_ns = from_client ? row->sent_ns : row->arrived_ns;
	int64_t server_ns = from_client ? row->arrived_ns : row->sent_ns;
	bool at_client = from_client ? !row->injected_by : arrived;
	bool at_server = from_client ? arrived : !row->injected_by;
	char text[32];

	if (at_client) {
		snprintf(text, sizeof(text), "%.1f", (double)client_ns / 1e6);
		put_right(canvas, 8, text);
	}
	if (at_client && model->rtt_ns) {
		snprintf(text, sizeof(text), "%.2f", (double)client_ns / (double)model->rtt_ns);
		put_right(canvas, 15, text);
	}
	if (at_server) {
		snprintf(text, sizeof(text), "%.1f", (double)server_ns / 1e6);
		put_right(canvas, WIDTH - 1, text);
	}
}

/* Where the arrow of a packet starts and ends, and where its label stands on it. */
struct arrow {
	size_t tail;
	size_t head;
	size_t label;
	size_t width;
};

/* "SYN, ClientHello 415" and which box had a hand in it. */
static void write_label(const struct ladder_row *row, char *text, size_t size)
{
	const char *by = row->altered_by ? row->altered_by : row->injected_by;

	if (by)
		snprintf(text, size, " %s (%s) ", row->label, by);
	else
		snprintf(text, size, " %s ", row->label);
}

/* The label stands near the sender, or beyond the box that sent it; the rest gives way to it. */
static struct arrow arrow_to_server(const struct ladder_row *row, size_t width)
{
	struct arrow arrow = {CLIENT_AT + 1, SERVER_AT - 1, CLIENT_AT + 4, width};

	if (row->injected_by) {
		arrow.label = SERVER_AT - 3 - width;
		arrow.tail = arrow.label - 2 < MIDDLE ? arrow.label - 2 : MIDDLE;
	} else if (row->fate == LAB_DROPPED) {
		arrow.head = arrow.label + width + 2;
		arrow.head = arrow.head > MIDDLE ? arrow.head : MIDDLE;
	}
	return arrow;
}

static struct arrow arrow_to_client(const struct ladder_row *row, size_t width)
{
	struct arrow arrow = {SERVER_AT - 1, CLIENT_AT + 1, SERVER_AT - 3 - width, width};

	if (row->injected_by) {
		arrow.label = CLIENT_AT + 4;
		arrow.tail = arrow.label + width + 2;
		arrow.tail = arrow.tail > MIDDLE ? arrow.tail : MIDDLE;
	} else if (row->fate == LAB_DROPPED) {
		arrow.head = arrow.label - 3 < MIDDLE ? arrow.label - 3 : MIDDLE;
	}
	return arrow;
}

/* The name of what dropped the packet follows the cross, on the side where nothing arrives. */
static void put_cross(struct canvas *canvas, const struct ladder_row *row, size_t head)
{
	const char *by = row->dropped_by ? row->dropped_by : "";
	size_t width = text_width(by);

	canvas->cells[head] = CROSS;
	if (row->injected_by)
		return;
	if (row->from == LAB_CLIENT)
		put(canvas, head + 2, by, width);
	else
		put(canvas, head - 1 - width, by, width);
}

static void put_arrow(struct canvas *canvas, const struct ladder_row *row)
{
	bool to_server = row->from == LAB_CLIENT;
	bool dropped = row->fate == LAB_DROPPED;
	char text[LADDER_LABEL + 64];
	size_t most = LABEL_MOST;
	struct arrow arrow;
	size_t width;

	write_label(row, text, sizeof(text));
	if (dropped && row->dropped_by)
		most -= text_width(row->dropped_by) + 2;
	width = text_width(text) < most ? text_width(text) : most;
	arrow = to_server ? arrow_to_server(row, width) : arrow_to_client(row, width);

	fill(canvas, to_server ? arrow.tail : arrow.head, (to_server ? arrow.head : arrow.tail) + 1,
		row->early_data ? EARLY_LINE : LINE);
	if (row->injected_by)
		canvas->cells[arrow.tail] = BOX;
	if (dropped)
		put_cross(canvas, row, arrow.head);
	else
		canvas->cells[arrow.head] = to_server ? TO_RIGHT : TO_LEFT;
	put(canvas, arrow.label, text, arrow.width);
}

static void print_row(
	const struct ladder_model *model, const struct ladder_row *row, FILE *file, bool ascii)
{
	struct canvas canvas;
	char number[16];

	canvas_clear(&canvas);
	put_times(&canvas, model, row);
	if (model->connection_count > 1 && row->connection >= 0) {
		snprintf(number, sizeof(number), "#%d", row->connection + 1);
		put(&canvas, CONNECTION_AT, number, CLIENT_AT - CONNECTION_AT);
	}
	canvas.cells[CLIENT_AT] = LANE;
	canvas.cells[SERVER_AT] = LANE;
	put_arrow(&canvas, row);
	print(&canvas, file, ascii);
}

static void print_heading(const struct ladder_model *model, FILE *file, bool ascii)
{
	struct canvas canvas;
	size_t i;

	for (i = 0; i < model->connection_count; i++) {
		const struct ladder_connection *connection = &model->connections[i];

		fprintf(file, "#%zu  %s to %s\n", i + 1, connection->client, connection->server);
	}
	fprintf(file, "    round trip %g ms%s\n\n", (double)model->rtt_ns / 1e6,
		ascii ? "; === carries early data" : "; ═══ carries early data");
	canvas_clear(&canvas);
	put_right(&canvas, 8, "ms");
	put_right(&canvas, 15, "RTT");
	put(&canvas, CLIENT_AT - 1, "client", WIDTH);
	put(&canvas, SERVER_AT - 4, "server", WIDTH);
	put_right(&canvas, WIDTH - 1, "ms");
	print(&canvas, file, ascii);
}

int ladder_draw_text(const struct ladder_model *model, FILE *file, bool ascii)
{
	char text[256];
	size_t i;

	print_heading(model, file, ascii);
	for (i = 0; i < model->row_count; i++)
		print_row(model, &model->rows[i], file, ascii);
	fputc('\n', file);
	for (i = 0; i < model->connection_count; i++) {
		ladder_summary(model, &model->connections[i], text, sizeof(text));
		fprintf(file, "#%zu  %s\n", i + 1, text);
	}
	return ferror(file) ? -EIO : 0;
}
