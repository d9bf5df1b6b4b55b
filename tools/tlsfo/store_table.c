/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define COLUMNS 8

/* One line of a table. */
struct row {
	char cells[COLUMNS][256];
};

typedef void (*fill_fn)(struct row *row, const struct tlsfo_store_entry *entry, int64_t now);

const char *store_version_name(unsigned int version)
{
	return version == 0x0304 ? "TLS1.3" : version == 0x0303 ? "TLS1.2" : "unknown";
}

const char *store_kind_name(enum tlsfo_store_kind kind)
{
	switch (kind) {
	case TLSFO_STORE_TICKET:
		return "ticket";
	case TLSFO_STORE_HOST:
		return "host";
	case TLSFO_STORE_PATH:
		return "path";
	case TLSFO_STORE_NETWORK:
		return "network";
	default:
		return "unknown";
	}
}

/* Rounded, in the largest unit that leaves two of it. */
static void duration(int64_t seconds, char *ret_text, size_t size)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;

	/* Clocks are set. */
	if (seconds < 0)
		seconds = 0;
	while (units[i].seconds > 1 && seconds < 2 * units[i].seconds)
		i++;
	(void)snprintf(ret_text, size, "%lld%c",
		(long long)((seconds + units[i].seconds / 2) / units[i].seconds), units[i].unit);
}

/* A cell has no blank in it either, because scripts tell the columns by them. */
static void printable(const char *value, char *ret_text, size_t size)
{
	(void)snprintf(ret_text, size, "%s", value);
	text_make_printable(ret_text);
	for (char *at = ret_text; *at != '\0'; at++)
		if (*at == ' ')
			*at = '?';
}

static void fill_ticket(struct row *row, const struct tlsfo_store_entry *entry, int64_t now)
{
	const size_t size = sizeof(row->cells[0]);

	printable(entry->host, row->cells[0], size);
	(void)snprintf(row->cells[1], size, "%u", entry->port);
	(void)snprintf(row->cells[2], size, "%s", store_version_name(entry->tls_version));
	printable(entry->alpn ? entry->alpn : "-", row->cells[3], size);
	(void)snprintf(row->cells[4], size, "%lu", (unsigned long)entry->max_early_data);
	duration(now - entry->received, row->cells[5], size);
	duration(entry->expires - now, row->cells[6], size);
	printable(entry->verified ? entry->verified : "-", row->cells[7], size);
}

/* What became of fast open there, or of early data to a host, and when it is tried again. */
static void describe(
	const struct tlsfo_store_entry *entry, int64_t now, char *ret_text, size_t size)
{
	if (entry->until == 0)
		(void)snprintf(ret_text, size, entry->kind == TLSFO_STORE_HOST ? "-" : "no");
	else if (entry->until > now)
		duration(entry->until - now, ret_text, size);
	else
		(void)snprintf(ret_text, size, entry->probing ? "probing" : "over");
}

static void fill_path(struct row *row, const struct tlsfo_store_entry *entry, int64_t now)
{
	const size_t size = sizeof(row->cells[0]);

	printable(entry->host, row->cells[0], size);
	(void)snprintf(row->cells[1], size, "%u", entry->port);
	(void)snprintf(row->cells[2], size, "%s", store_kind_name(entry->kind));
	printable(entry->address ? entry->address : "-", row->cells[3], size);
	(void)snprintf(row->cells[4], size, "-");
	if (entry->kind == TLSFO_STORE_HOST && entry->rtt_us >= 0)
		(void)snprintf(row->cells[4], size, "%.1fms", (double)entry->rtt_us / 1000);
	(void)snprintf(row->cells[5], size, "%u", entry->failures);
	describe(entry, now, row->cells[6], size);
	duration(now - entry->received, row->cells[7], size);
}

static void print_row(const struct row *row, const size_t *widths)
{
	for (size_t i = 0; i + 1 < COLUMNS; i++)
		(void)printf("%-*s  ", (int)widths[i], row->cells[i]);
	(void)printf("%s\n", row->cells[COLUMNS - 1]);
}

static void print_rows(const struct row *rows, size_t count)
{
	size_t widths[COLUMNS] = {0};

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < COLUMNS; k++)
			if (strlen(rows[i].cells[k]) > widths[k])
				widths[k] = strlen(rows[i].cells[k]);
	for (size_t i = 0; i < count; i++)
		print_row(&rows[i], widths);
}

/* Returns false when there is no memory. */
static bool print_table(
	const struct row *head, fill_fn fill, const struct tlsfo_store_entry *entries, size_t count)
{
	struct row *rows = calloc(count + 1, sizeof(*rows));
	int64_t now = (int64_t)time(NULL);

	if (!rows)
		return false;
	rows[0] = *head;
	for (size_t i = 0; i < count; i++)
		fill(&rows[i + 1], &entries[i], now);
	print_rows(rows, count + 1);
	free(rows);
	return true;
}

bool store_table(const struct tlsfo_store_entry *entries, size_t count)
{
	static const struct row ticket_head = {
		{"HOST", "PORT", "TLS", "ALPN", "EARLY-DATA", "AGE", "EXPIRES-IN", "VERIFIED"}};
	static const struct row path_head = {
		{"HOST", "PORT", "KIND", "ADDRESS", "RTT", "FAILURES", "PAUSED-FOR", "AGE"}};
	size_t tickets = 0;

	while (tickets < count && entries[tickets].kind == TLSFO_STORE_TICKET)
		tickets++;
	if (tickets > 0 && !print_table(&ticket_head, fill_ticket, entries, tickets))
		return false;
	if (tickets > 0 && tickets < count)
		(void)putchar('\n');
	return tickets == count ||
	       print_table(&path_head, fill_path, entries + tickets, count - tickets);
}
