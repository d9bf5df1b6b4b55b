/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ladder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Time runs down the picture. It is drawn to scale as far as that can be read: packets that left or
 * arrived together get room for their labels below each other, and long silences are cut short.
 * Every moment of every packet is a point; the height of all others lies between two points.
 */
enum {
	WIDTH = 900,
	CLIENT_X = 150,
	SERVER_X = 750,
	MIDDLE_X = (CLIENT_X + SERVER_X) / 2,
	HEADING = 64,	  /* above the first line about a connection */
	LINE_HEIGHT = 20, /* of which there are two for each connection */
	TOP_SPACE = 56,	  /* between the last such line and the first packet */
	TIME_HEIGHT = 12,
	BOTTOM_SPACE = 40,
	ROUND_TRIP_HEIGHT = 150,
	SILENCE_MOST = 190,
	LABEL_HEIGHT = 24, /* between packets that leave, or arrive, at one side */
	COLOURS = 5,
};

struct point {
	int64_t ns;
	double y;
	bool at_client; /* on the client's lane, else on the server's */
	bool leaves;
	bool taken; /* by the packet it belongs to */
};

struct drawing {
	const struct ladder_model *model;
	FILE *file;
	struct point *points;
	size_t count;
	double top;
	double bottom;
};

static int compare(const void *left, const void *right)
{
	const struct point *a = left;
	const struct point *b = right;

	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	if (a->leaves != b->leaves)
		return a->leaves ? 1 : -1;
	return 0;
}

static void add_point(struct drawing *drawing, int64_t ns, bool at_client, bool leaves)
{
	drawing->points[drawing->count++] =
		(struct point){.ns = ns, .at_client = at_client, .leaves = leaves};
}

/* What a box drops never reaches the other lane, what it sends has left none. */
static void add_row_points(struct drawing *drawing, const struct ladder_row *row)
{
	bool from_client = row->from == LAB_CLIENT;

	if (!row->injected_by)
		add_point(drawing, row->sent_ns, from_client, true);
	if (row->fate != LAB_DROPPED)
		add_point(drawing, row->arrived_ns, !from_client, false);
}

static double scaled(const struct drawing *drawing, int64_t ns)
{
	double rtt_ns = drawing->model->rtt_ns ? (double)drawing->model->rtt_ns : 1e6;
	double height = (double)ns / rtt_ns * ROUND_TRIP_HEIGHT;

	return height < SILENCE_MOST ? height : SILENCE_MOST;
}

static void place_points(struct drawing *drawing)
{
	double last[2][2];
	double y = drawing->top;
	int64_t before_ns = drawing->count ? drawing->points[0].ns : 0;
	size_t i;

	last[0][0] = last[0][1] = last[1][0] = last[1][1] = drawing->top - LABEL_HEIGHT;
	for (i = 0; i < drawing->count; i++) {
		struct point *point = &drawing->points[i];
		double *same = &last[point->at_client][point->leaves];

		y += scaled(drawing, point->ns - before_ns);
		before_ns = point->ns;
		if (y < *same + LABEL_HEIGHT)
			y = *same + LABEL_HEIGHT;
		*same = y;
		point->y = y;
	}
	drawing->bottom = y;
}

/* The height of a packet's own point: the first of that moment, lane and kind not taken yet. */
static double take_point(struct drawing *drawing, int64_t ns, bool at_client, bool leaves)
{
	size_t i;

	for (i = 0; i < drawing->count; i++) {
		struct point *point = &drawing->points[i];

		if (point->taken || point->ns != ns || point->at_client != at_client ||
			point->leaves != leaves)
			continue;
		point->taken = true;
		return point->y;
	}
	return drawing->top;
}

/*
 * True if nothing happens between the point and the one before for longer than is drawn to scale.
 */
static bool is_silence(const struct drawing *drawing, size_t i)
{
	return scaled(drawing, drawing->points[i].ns - drawing->points[i - 1].ns) >= SILENCE_MOST;
}

/* The height of any moment; 0 for one in a silence. */
static double height_of(const struct drawing *drawing, int64_t ns)
{
	const struct point *points = drawing->points;
	double share;
	size_t i;

	for (i = 1; i < drawing->count; i++) {
		if (points[i].ns < ns || points[i].ns == points[i - 1].ns)
			continue;
		if (is_silence(drawing, i))
			return 0;
		share = (double)(ns - points[i - 1].ns) / (double)(points[i].ns - points[i - 1].ns);
		return points[i - 1].y + share * (points[i].y - points[i - 1].y);
	}
	return drawing->bottom;
}

static void print_silences(const struct drawing *drawing)
{
	const struct point *points = drawing->points;
	size_t i;

	for (i = 1; i < drawing->count; i++) {
		if (!is_silence(drawing, i))
			continue;
		fprintf(drawing->file,
			"<text class=\"dim time\" x=\"%d\" y=\"%.1f\" text-anchor=\"middle\">"
			"nothing for %.0f ms</text>\n",
			MIDDLE_X, (points[i - 1].y + points[i].y) / 2 + 4,
			(double)(points[i].ns - points[i - 1].ns) / 1e6);
	}
}

static void print_escaped(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", file);
		else if (*text == '>')
			fputs("&gt;", file);
		else if (*text == '&')
			fputs("&amp;", file);
		else
			fputc(*text, file);
	}
}

static void print_head(const struct drawing *drawing)
{
	int height = (int)drawing->bottom + BOTTOM_SPACE;

	fprintf(drawing->file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"height=\"%d\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" "
		"font-size=\"13\">\n"
		"<title>Packets between client and server</title>\n"
		"<style>\n"
		".paper{fill:#fff} text{fill:#1f2933} .dim{fill:#7b8794} .lane{stroke:#1f2933}\n"
		".grid{stroke:#e4e7eb} .label{paint-order:stroke;stroke:#fff;stroke-width:5px;"
		"stroke-linejoin:round}\n"
		".time{font-size:11px;font-variant-numeric:tabular-nums}\n"
		".c0{stroke:#1f77b4;fill:#1f77b4} .c1{stroke:#d9730d;fill:#d9730d}\n"
		".c2{stroke:#2b8a3e;fill:#2b8a3e} .c3{stroke:#8e44ad;fill:#8e44ad}\n"
		".c4{stroke:#5f6c7b;fill:#5f6c7b}\n"
		".lost{stroke:#c92a2a;fill:#c92a2a} tspan.bad{fill:#c92a2a}\n"
		"line{stroke-width:1.6} .early{stroke-width:4} .grid,.lane{stroke-width:1}\n"
		"@media (prefers-color-scheme:dark){.paper{fill:#161b22} text{fill:#e6edf3} "
		".lane{stroke:#e6edf3} .grid{stroke:#30363d} .label{stroke:#161b22}}\n"
		"</style>\n"
		"<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n",
		WIDTH, height, WIDTH, height, WIDTH, height);
}

static void print_connections(const struct drawing *drawing)
{
	const struct ladder_model *model = drawing->model;
	char text[256];
	size_t i;

	fprintf(drawing->file,
		"<text x=\"24\" y=\"34\" font-size=\"17\" font-weight=\"600\">"
		"Round trip %g ms</text>\n",
		(double)model->rtt_ns / 1e6);
	for (i = 0; i < model->connection_count; i++) {
		const struct ladder_connection *connection = &model->connections[i];

		ladder_summary(model, connection, text, sizeof(text));
		fprintf(drawing->file,
			"<text x=\"24\" y=\"%zu\"><tspan class=\"c%zu\" style=\"stroke:none;"
			"font-weight:600\">#%zu"
			"</tspan> %s to %s</text>\n",
			HEADING + i * 2 * LINE_HEIGHT, i % COLOURS, i + 1, connection->client,
			connection->server);
		fprintf(drawing->file, "<text x=\"46\" y=\"%zu\">%s</text>\n",
			HEADING + (i * 2 + 1) * LINE_HEIGHT, text);
	}
}

static void print_lanes(const struct drawing *drawing)
{
	double top = drawing->top - 14;

	fprintf(drawing->file,
		"<text x=\"%d\" y=\"%.1f\" text-anchor=\"middle\" "
		"font-weight=\"600\">client</text>\n"
		"<text x=\"%d\" y=\"%.1f\" text-anchor=\"middle\" "
		"font-weight=\"600\">server</text>\n"
		"<line class=\"lane\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n"
		"<line class=\"lane\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n",
		CLIENT_X, top - 8, SERVER_X, top - 8, CLIENT_X, top, CLIENT_X, drawing->bottom + 14,
		SERVER_X, top, SERVER_X, drawing->bottom + 14);
}

/* A line each round trip, as long as packets are near; none in a silence, which is not to scale. */
static void print_grid(const struct drawing *drawing)
{
	int64_t rtt_ns = (int64_t)drawing->model->rtt_ns;
	double before = drawing->top - ROUND_TRIP_HEIGHT;
	int64_t last_ns = drawing->count ? drawing->points[drawing->count - 1].ns : 0;
	int64_t i;

	for (i = 0; rtt_ns && i * rtt_ns <= last_ns; i++) {
		double y = height_of(drawing, i * rtt_ns);

		if (i == 0)
			y = drawing->top;
		if (y - before < LABEL_HEIGHT)
			continue;
		before = y;
		fprintf(drawing->file,
			"<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n"
			"<text class=\"dim time\" x=\"%d\" y=\"%.1f\">%lld RTT</text>\n",
			CLIENT_X, y, SERVER_X, y, CLIENT_X - 126, y + 4, (long long)i);
	}
}

/* The times of a lane, as far as they do not cover each other; points are in the order of time. */
static void print_times(const struct drawing *drawing, bool at_client)
{
	double before = 0;
	size_t i;

	for (i = 0; i < drawing->count; i++) {
		const struct point *point = &drawing->points[i];

		if (point->at_client != at_client || point->y - before < TIME_HEIGHT)
			continue;
		before = point->y;
		fprintf(drawing->file,
			"<text class=\"dim time\" x=\"%d\" y=\"%.1f\" text-anchor=\"%s\">%.1f"
			"</text>\n",
			at_client ? CLIENT_X - 10 : SERVER_X + 10, point->y + 4,
			at_client ? "end" : "start", (double)point->ns / 1e6);
	}
}

struct line {
	double x1;
	double y1;
	double x2;
	double y2;
};

/* A head that points along the line, drawn as a triangle of its own: no marker, no id. */
static void print_head_of_arrow(
	const struct drawing *drawing, const struct line *line, const char *style)
{
	double direction = line->x2 > line->x1 ? 1 : -1;
	double slope = (line->y2 - line->y1) / (line->x2 - line->x1);
	double back = line->x2 - direction * 11;
	double middle = line->y2 - direction * 11 * slope;

	fprintf(drawing->file, "<polygon class=\"%s\" points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>\n",
		style, line->x2, line->y2, back + 4.5 * slope, middle - 4.5, back - 4.5 * slope,
		middle + 4.5);
}

static void print_cross(const struct drawing *drawing, const struct line *line)
{
	fprintf(drawing->file,
		"<path class=\"lost\" stroke-width=\"2.5\" d=\"M%.1f %.1fl12 12m0 -12l-12 12\"/>\n",
		line->x2 - 6, line->y2 - 6);
}

static void print_label(
	const struct drawing *drawing, const struct ladder_row *row, const struct line *line)
{
	double slope = (line->y2 - line->y1) / (line->x2 - line->x1);
	double share = row->from == LAB_CLIENT ? 26.0 : -26.0;
	const char *by = row->dropped_by   ? row->dropped_by
			 : row->altered_by ? row->altered_by
					   : row->injected_by;
	double x = line->x1 + share;

	fprintf(drawing->file, "<text class=\"label\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>",
		x, line->y1 + slope * share - 1, row->from == LAB_CLIENT ? "start" : "end",
		row->response ? " font-weight=\"700\"" : "");
	print_escaped(drawing->file, row->label);
	if (by)
		fprintf(drawing->file, "<tspan class=\"%s\">&#160;(%s%s)</tspan>",
			row->dropped_by ? "bad" : "dim", row->dropped_by ? "lost: " : "", by);
	fputs("</text>\n", drawing->file);
}

static struct line place_line(struct drawing *drawing, const struct ladder_row *row)
{
	bool from_client = row->from == LAB_CLIENT;
	bool dropped = row->fate == LAB_DROPPED;
	struct line line = {
		.x1 = from_client ? CLIENT_X : SERVER_X,
		.x2 = from_client ? SERVER_X : CLIENT_X,
	};

	if (row->injected_by)
		line.x1 = MIDDLE_X;
	if (dropped)
		line.x2 = row->injected_by ? MIDDLE_X + (from_client ? 60 : -60) : MIDDLE_X;

	line.y1 = row->injected_by ? 0 : take_point(drawing, row->sent_ns, from_client, true);
	line.y2 = dropped ? line.y1 + ROUND_TRIP_HEIGHT / 4.0
			  : take_point(drawing, row->arrived_ns, !from_client, false);
	if (row->injected_by)
		line.y1 = dropped ? drawing->bottom : line.y2 - ROUND_TRIP_HEIGHT / 4.0;
	return line;
}

static void print_line(
	const struct drawing *drawing, const struct ladder_row *row, const struct line *line)
{
	char style[32];

	snprintf(style, sizeof(style), "c%d",
		row->connection >= 0 ? row->connection % COLOURS : COLOURS - 1);
	fprintf(drawing->file,
		"<line class=\"%s%s\"%s x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", style,
		row->early_data ? " early" : "",
		row->injected_by ? " stroke-dasharray=\"5 3\"" : "", line->x1, line->y1, line->x2,
		line->y2);
	if (row->fate == LAB_DROPPED)
		print_cross(drawing, line);
	else
		print_head_of_arrow(drawing, line, style);
}

/* All lines lie under all labels. */
static int print_rows(struct drawing *drawing)
{
	const struct ladder_model *model = drawing->model;
	struct line *lines = calloc(model->row_count + 1, sizeof(*lines));
	size_t i;

	if (!lines)
		return -ENOMEM;

	for (i = 0; i < model->row_count; i++) {
		lines[i] = place_line(drawing, &model->rows[i]);
		print_line(drawing, &model->rows[i], &lines[i]);
	}
	print_times(drawing, true);
	print_times(drawing, false);
	for (i = 0; i < model->row_count; i++)
		print_label(drawing, &model->rows[i], &lines[i]);
	free(lines);
	return 0;
}

int ladder_draw_svg(const struct ladder_model *model, FILE *file)
{
	struct drawing drawing = {.model = model, .file = file};
	size_t i;
	int result;

	drawing.top = HEADING + (double)(model->connection_count * 2 * LINE_HEIGHT) + TOP_SPACE;
	drawing.points = calloc(model->row_count * 2 + 1, sizeof(*drawing.points));
	if (!drawing.points)
		return -ENOMEM;

	for (i = 0; i < model->row_count; i++)
		add_row_points(&drawing, &model->rows[i]);
	qsort(drawing.points, drawing.count, sizeof(*drawing.points), compare);
	place_points(&drawing);
	print_head(&drawing);
	print_grid(&drawing);
	print_lanes(&drawing);
	print_silences(&drawing);
	print_connections(&drawing);
	result = print_rows(&drawing);
	fputs("</svg>\n", file);
	free(drawing.points);
	return result == 0 && ferror(file) ? -EIO : result;
}
