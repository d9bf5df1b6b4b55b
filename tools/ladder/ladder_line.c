/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ladder_line.h"

#include <math.h>
#include <string.h>

/*
 * A line is built in cells, each the UTF-8 of one character, so that columns line up however many bytes
 * a character takes. None of the characters used is wide, or longer than three bytes.
 */
enum { CELL = 4, LABEL_ROOM = 256, MS_END = 8, ROUND_TRIPS_END = 15 };

#define LINE	   "─"
#define EARLY_LINE "═"
#define LANE	   "│"
#define TO_RIGHT   "▶"
#define TO_LEFT	   "◀"
#define CROSS	   "✗"
#define BOX	   "◆"
#define ELLIPSIS   "…"

struct canvas {
	char cells[LADDER_WIDTH][CELL];
};

static void set(struct canvas *canvas, size_t at, const char *character)
{
	(void)snprintf(canvas->cells[at], CELL, "%s", character);
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

	for (i = 0; *text && i < most && at + i < LADDER_WIDTH; i++) {
		unsigned char first = (unsigned char)*text;
		size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : 3;

		(void)snprintf(canvas->cells[at + i], CELL, "%.*s", (int)bytes, text);
		text += bytes;
	}
	if (width > most && i > 0)
		set(canvas, at + i - 1, ELLIPSIS);
}

static void put_right(struct canvas *canvas, size_t end, const char *text)
{
	put(canvas, end - text_width(text), text, LADDER_WIDTH);
}

static const char *to_ascii(const char *cell)
{
	static const char *const pairs[][2] = {{LINE, "-"}, {EARLY_LINE, "="}, {LANE, "|"},
		{TO_RIGHT, ">"}, {TO_LEFT, "<"}, {CROSS, "X"}, {BOX, "o"}, {ELLIPSIS, "~"},
		{"×", "x"}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (strcmp(pairs[i][0], cell) == 0)
			return pairs[i][1];
	}
	return (unsigned char)cell[0] < 0x80 ? cell : "?";
}

static void print(FILE *file, const struct canvas *canvas, bool ascii)
{
	size_t end = LADDER_WIDTH;

	while (end > 0 && canvas->cells[end - 1][0] == '\0')
		end--;
	for (size_t i = 0; i < end; i++) {
		const char *cell = canvas->cells[i][0] != '\0' ? canvas->cells[i] : " ";

		(void)fputs(ascii ? to_ascii(cell) : cell, file);
	}
	(void)fputc('\n', file);
}

void ladder_print_heading(FILE *file, const struct ladder_frame *frame)
{
	struct canvas canvas = {0};

	put_right(&canvas, MS_END, "ms");
	if (frame->round_trips)
		put_right(&canvas, ROUND_TRIPS_END, "RTT");
	put(&canvas, frame->client_at, "client", LADDER_WIDTH);
	put(&canvas, frame->server_at - 4, "server", LADDER_WIDTH);
	if (frame->server_time)
		put_right(&canvas, LADDER_WIDTH - 1, "ms");
	print(file, &canvas, frame->ascii);
}

static void put_times(
	struct canvas *canvas, const struct ladder_frame *frame, const struct ladder_line *line)
{
	char text[32];

	if (!isnan(line->client_ms)) {
		(void)snprintf(text, sizeof(text), "%.1f", line->client_ms);
		put_right(canvas, MS_END, text);
	}
	if (frame->round_trips && !isnan(line->client_round_trips)) {
		(void)snprintf(text, sizeof(text), "%.2f", line->client_round_trips);
		put_right(canvas, ROUND_TRIPS_END, text);
	}
	if (frame->server_time && !isnan(line->server_ms)) {
		(void)snprintf(text, sizeof(text), "%.1f", line->server_ms);
		put_right(canvas, LADDER_WIDTH - 1, text);
	}
}

/* Where the arrow of a packet starts and ends, and where its label stands on it. */
struct arrow {
	size_t tail;
	size_t head;
	size_t label;
};

/* The label stands near the sender, or beyond the middle where the packet began; the rest gives way to it. */
static struct arrow place_arrow(
	const struct ladder_frame *frame, const struct ladder_line *line, size_t width)
{
	bool from_middle =
		line->way == LADDER_FROM_THE_MIDDLE || line->way == LADDER_LOST_FROM_THE_MIDDLE;
	size_t middle = (frame->client_at + frame->server_at) / 2;
	size_t left = frame->client_at + 4;
	size_t right = frame->server_at - 3 - width;
	size_t beyond_left = left + width + 2 > middle ? left + width + 2 : middle;
	struct arrow arrow = {frame->client_at + 1, frame->server_at - 1, left};

	if (line->to_server && from_middle)
		arrow = (struct arrow){
			right - 2 < middle ? right - 2 : middle, frame->server_at - 1, right};
	else if (line->to_server && line->way == LADDER_LOST)
		arrow.head = beyond_left;
	else if (!line->to_server)
		arrow = (struct arrow){frame->server_at - 1, frame->client_at + 1, right};
	if (!line->to_server && from_middle)
		arrow = (struct arrow){beyond_left, frame->client_at + 1, left};
	else if (!line->to_server && line->way == LADDER_LOST)
		arrow.head = right - 3 < middle ? right - 3 : middle;
	return arrow;
}

/* The name of what lost the packet follows the cross, on the side where nothing arrives. */
static void put_head(struct canvas *canvas, const struct ladder_line *line, size_t head)
{
	const char *by = line->by ? line->by : "";
	size_t width = text_width(by);

	if (line->way == LADDER_WHOLE || line->way == LADDER_FROM_THE_MIDDLE) {
		set(canvas, head, line->to_server ? TO_RIGHT : TO_LEFT);
		return;
	}
	set(canvas, head, CROSS);
	if (line->way == LADDER_LOST)
		put(canvas, line->to_server ? head + 2 : head - 1 - width, by, width);
}

static void put_arrow(
	struct canvas *canvas, const struct ladder_frame *frame, const struct ladder_line *line)
{
	size_t most = frame->server_at - frame->client_at - 7;
	char text[LABEL_ROOM];

	(void)snprintf(text, sizeof(text), " %s ", line->label);
	if (line->by)
		most -= text_width(line->by) + 2;

	size_t width = text_width(text) < most ? text_width(text) : most;
	struct arrow arrow = place_arrow(frame, line, width);
	size_t from = line->to_server ? arrow.tail : arrow.head;
	size_t to = line->to_server ? arrow.head : arrow.tail;

	for (; from <= to; from++)
		set(canvas, from, line->early_data ? EARLY_LINE : LINE);
	if (line->way == LADDER_FROM_THE_MIDDLE || line->way == LADDER_LOST_FROM_THE_MIDDLE)
		set(canvas, arrow.tail, BOX);
	put_head(canvas, line, arrow.head);
	put(canvas, arrow.label, text, width);
}

void ladder_print_line(FILE *file, const struct ladder_frame *frame, const struct ladder_line *line)
{
	struct canvas canvas = {0};
	char number[16];

	put_times(&canvas, frame, line);
	if (line->number > 0) {
		(void)snprintf(number, sizeof(number), "#%u", line->number);
		put(&canvas, LADDER_NUMBER_AT, number, frame->client_at - LADDER_NUMBER_AT);
	}
	set(&canvas, frame->client_at, LANE);
	set(&canvas, frame->server_at, LANE);
	put_arrow(&canvas, frame, line);
	print(file, &canvas, frame->ascii);
}
