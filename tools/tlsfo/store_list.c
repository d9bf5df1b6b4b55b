/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/gnutls.h>

#include <tlsfo/error.h>

#include "base/text.h"

#define COLUMNS 8
/* A host's name, each byte of which may take six in JSON, and the rest of an object. */
#define OBJECT_SIZE ((size_t)8 * 1024)

/* Copies of what tlsfo_store_list() shows. */
struct list {
	struct tlsfo_store_entry *entries;
	size_t count;
	size_t room;
};

/* One line of the table. */
struct row {
	char cells[COLUMNS][256];
};

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free((void *)(uintptr_t)list->entries[i].host);
		free((void *)(uintptr_t)list->entries[i].verified);
		free((void *)(uintptr_t)list->entries[i].alpn);
		free((void *)(uintptr_t)list->entries[i].address);
	}
	free(list->entries);
}

static bool make_room(struct list *list)
{
	size_t room = list->room > 0 ? 2 * list->room : 64;
	struct tlsfo_store_entry *entries = NULL;

	if (list->count < list->room)
		return true;
	entries = reallocarray(list->entries, room, sizeof(*entries));
	if (!entries)
		return false;
	list->entries = entries;
	list->room = room;
	return true;
}

static int add(const struct tlsfo_store_entry *entry, void *userdata)
{
	struct list *list = userdata;
	struct tlsfo_store_entry copy = *entry;

	if (!make_room(list))
		return GNUTLS_E_MEMORY_ERROR;
	copy.host = strdup(entry->host ? entry->host : "");
	copy.address = entry->address ? strdup(entry->address) : NULL;
	copy.verified = entry->verified ? strdup(entry->verified) : NULL;
	copy.alpn = entry->alpn ? strdup(entry->alpn) : NULL;
	list->entries[list->count++] = copy;
	bool whole = copy.host && (copy.verified || !entry->verified) &&
		     (copy.alpn || !entry->alpn) && (copy.address || !entry->address);
	return whole ? 0 : GNUTLS_E_MEMORY_ERROR;
}

/* Tickets first, then the path memory; by host and port, the newest first. */
static int compare(const void *a, const void *b)
{
	const struct tlsfo_store_entry *one = a;
	const struct tlsfo_store_entry *other = b;
	int order = (one->kind != TLSFO_STORE_TICKET) - (other->kind != TLSFO_STORE_TICKET);

	if (order == 0)
		order = strcmp(one->host, other->host);
	if (order == 0)
		order = (one->port > other->port) - (one->port < other->port);
	if (order == 0)
		order = (one->received < other->received) - (one->received > other->received);
	return order;
}

static const char *version_name(unsigned int version)
{
	return version == 0x0304 ? "TLS1.3" : version == 0x0303 ? "TLS1.2" : "unknown";
}

static void print_string(struct text *text, const char *key, const char *value)
{
	text_add(text, "\"%s\":", key);
	if (value)
		text_add_json(text, value);
	else
		text_add(text, "null");
	text_add(text, ",");
}

static const char *kind_name(enum tlsfo_store_kind kind)
{
	static const char *const names[] = {
		[TLSFO_STORE_TICKET] = "ticket",
		[TLSFO_STORE_HOST] = "host",
		[TLSFO_STORE_PATH] = "path",
		[TLSFO_STORE_NETWORK] = "network",
	};

	return (unsigned int)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

static void add_ticket(struct text *text, const struct tlsfo_store_entry *entry)
{
	print_string(text, "tls", version_name(entry->tls_version));
	print_string(text, "alpn", entry->alpn);
	text_add(text, "\"early_data_bytes\":%lu,", (unsigned long)entry->max_early_data);
	print_string(text, "verified", entry->verified);
}

static void add_path(struct text *text, const struct tlsfo_store_entry *entry)
{
	print_string(text, "address", entry->address);
	if (entry->kind == TLSFO_STORE_HOST && entry->rtt_us >= 0)
		text_add(text, "\"rtt_ms\":%lld.%03d,", (long long)(entry->rtt_us / 1000),
			(int)(entry->rtt_us % 1000));
	if (entry->kind == TLSFO_STORE_HOST)
		return;
	text_add(text, "\"failures\":%u,\"probing\":%s,", entry->failures,
		entry->probing ? "true" : "false");
	if (entry->until > 0)
		text_add(text, "\"paused_until\":%lld,", (long long)entry->until);
	else
		text_add(text, "\"paused_until\":null,");
}

static void print_object(const struct tlsfo_store_entry *entry)
{
	char object[OBJECT_SIZE] = "";
	struct text text;

	text_init(&text, object, sizeof(object));
	text_add(&text, "{");
	print_string(&text, "kind", kind_name(entry->kind));
	print_string(&text, "host", entry->host[0] != '\0' ? entry->host : NULL);
	text_add(&text, "\"port\":%u,", entry->port);
	if (entry->kind == TLSFO_STORE_TICKET)
		add_ticket(&text, entry);
	else
		add_path(&text, entry);
	text_add(&text, "\"received\":%lld,\"expires\":%lld}", (long long)entry->received,
		(long long)entry->expires);
	(void)fputs(object, stdout);
}

static void print_json(const struct list *list)
{
	(void)putchar('[');
	for (size_t i = 0; i < list->count; i++) {
		(void)fputs(i > 0 ? ",\n " : "", stdout);
		print_object(&list->entries[i]);
	}
	(void)fputs("]\n", stdout);
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

/* Names came from elsewhere: what could steer a terminal is not shown. */
static void printable(const char *value, char *ret_text, size_t size)
{
	(void)snprintf(ret_text, size, "%s", value);
	for (char *at = ret_text; *at != '\0'; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
			*at = '?';
}

static void fill_row(struct row *row, const struct tlsfo_store_entry *entry, int64_t now)
{
	const size_t size = sizeof(row->cells[0]);

	printable(entry->host, row->cells[0], size);
	(void)snprintf(row->cells[1], size, "%u", entry->port);
	(void)snprintf(row->cells[2], size, "%s", version_name(entry->tls_version));
	printable(entry->alpn ? entry->alpn : "-", row->cells[3], size);
	(void)snprintf(row->cells[4], size, "%lu", (unsigned long)entry->max_early_data);
	duration(now - entry->received, row->cells[5], size);
	duration(entry->expires - now, row->cells[6], size);
	printable(entry->verified ? entry->verified : "-", row->cells[7], size);
}

/* What a person wants to know of the memory of a path. */
static void fill_path(struct row *row, const struct tlsfo_store_entry *entry, int64_t now)
{
	const size_t size = sizeof(row->cells[0]);
	char left[32];

	(void)snprintf(row->cells[0], size, "%s", kind_name(entry->kind));
	printable(entry->host[0] != '\0' ? entry->host : "-", row->cells[1], size);
	(void)snprintf(row->cells[2], size, entry->port > 0 ? "%u" : "-", entry->port);
	printable(entry->address ? entry->address : "-", row->cells[3], size);
	duration(entry->until - now, left, sizeof(left));
	if (entry->kind == TLSFO_STORE_HOST)
		(void)snprintf(row->cells[4], size, "answered last");
	else if (entry->probing)
		(void)snprintf(row->cells[4], size, "being probed");
	else if (entry->until > now)
		(void)snprintf(row->cells[4], size, "paused for %s", left);
	else
		(void)snprintf(row->cells[4], size, "to be probed");
	(void)snprintf(
		row->cells[5], size, entry->kind == TLSFO_STORE_HOST ? "-" : "%u", entry->failures);
	if (entry->kind == TLSFO_STORE_HOST && entry->rtt_us >= 0)
		(void)snprintf(row->cells[6], size, "%.1f ms", (double)entry->rtt_us / 1000);
	else
		(void)snprintf(row->cells[6], size, "-");
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

/* The tickets, or the memory of paths, if there are any. Returns false when there is no memory. */
static bool print_table(const struct tlsfo_store_entry *entries, size_t count)
{
	static const struct row tickets = {
		{"HOST", "PORT", "TLS", "ALPN", "EARLY-DATA", "AGE", "EXPIRES-IN", "VERIFIED"}};
	static const struct row paths = {
		{"MEMORY", "HOST", "PORT", "ADDRESS", "FAST-OPEN", "FAILURES", "RTT", "AGE"}};
	struct row *rows = calloc(count + 1, sizeof(*rows));
	int64_t now = (int64_t)time(NULL);

	if (!rows)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (entries[i].kind == TLSFO_STORE_TICKET)
			fill_row(&rows[i + 1], &entries[i], now);
		else
			fill_path(&rows[i + 1], &entries[i], now);
	}
	rows[0] = count > 0 && entries[0].kind == TLSFO_STORE_TICKET ? tickets : paths;
	if (count > 0)
		print_rows(rows, count + 1);
	free(rows);
	return true;
}

/* One table, an empty line and the other, as far as there is something in them. */
static bool print_tables(const struct list *list)
{
	size_t tickets = 0;

	while (tickets < list->count && list->entries[tickets].kind == TLSFO_STORE_TICKET)
		tickets++;
	if (!print_table(list->entries, tickets))
		return false;
	if (tickets > 0 && tickets < list->count)
		(void)putchar('\n');
	return tickets == list->count ||
	       print_table(list->entries + tickets, list->count - tickets);
}

enum command_status store_list(struct tlsfo_store *store, bool json)
{
	struct list list = {0};
	int ret = store ? tlsfo_store_list(store, add, &list) : 0;

	if (ret == 0 && list.count > 0)
		qsort(list.entries, list.count, sizeof(*list.entries), compare);
	if (ret == 0 && json)
		print_json(&list);
	else if (ret == 0 && !print_tables(&list))
		ret = GNUTLS_E_MEMORY_ERROR;
	list_free(&list);
	if (ret == 0)
		return say("");
	complain("the store cannot be read: %s", tlsfo_strerror(ret));
	return STATUS_LOCAL;
}
