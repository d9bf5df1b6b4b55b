/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include <tlsfo/error.h>

#include "base/text.h"
#include "store_table.h"

/* A host's name, each byte of which may take six in JSON, and the rest of an object. */
#define OBJECT_SIZE ((size_t)8 * 1024)

/* Copies of what tlsfo_store_list() shows. */
struct list {
	struct tlsfo_store_entry *entries;
	size_t count;
	size_t room;
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

/* False when there is no memory. */
static bool keep(const char *value, const char **ret_copy)
{
	*ret_copy = value ? strdup(value) : NULL;
	return !value || *ret_copy;
}

static int add(const struct tlsfo_store_entry *entry, void *userdata)
{
	struct list *list = userdata;

	if (!make_room(list))
		return GNUTLS_E_MEMORY_ERROR;
	struct tlsfo_store_entry *copy = &list->entries[list->count++];
	*copy = *entry;
	bool kept = keep(entry->host, &copy->host);
	kept = keep(entry->verified, &copy->verified) && kept;
	kept = keep(entry->alpn, &copy->alpn) && kept;
	kept = keep(entry->address, &copy->address) && kept;
	return kept ? 0 : GNUTLS_E_MEMORY_ERROR;
}

/* Tickets first, then by host and port, the newest first. */
static int compare(const void *a, const void *b)
{
	const struct tlsfo_store_entry *one = a;
	const struct tlsfo_store_entry *other = b;
	bool one_ticket = one->kind == TLSFO_STORE_TICKET;
	bool other_ticket = other->kind == TLSFO_STORE_TICKET;
	int order = other_ticket - one_ticket;

	if (order == 0)
		order = strcmp(one->host, other->host);
	if (order == 0)
		order = (one->port > other->port) - (one->port < other->port);
	if (order == 0)
		order = (one->received < other->received) - (one->received > other->received);
	return order;
}

static void add_ticket(struct json *json, const struct tlsfo_store_entry *entry)
{
	json_add_string(json, "tls", store_version_name(entry->tls_version));
	json_add_string(json, "alpn", entry->alpn);
	json_add_number(json, "early_data_bytes", entry->max_early_data);
	json_add_string(json, "verified", entry->verified);
}

static void add_path(struct json *json, const struct tlsfo_store_entry *entry)
{
	json_add_string(json, "address", entry->address);
	json_add_ms(json, "rtt_ms", entry->kind == TLSFO_STORE_HOST ? entry->rtt_us : -1);
	json_add_number(json, "failures", entry->failures);
	json_add_number(json, "different", entry->different);
	json_add_number(json, "until", entry->until);
	json_add_bool(json, "probing", entry->probing);
}

static void print_object(const struct tlsfo_store_entry *entry)
{
	char object[OBJECT_SIZE] = "";
	struct text text;
	struct json json = {.text = &text};

	text_init(&text, object, sizeof(object));
	json_open(&json, NULL, '{');
	json_add_string(&json, "kind", store_kind_name(entry->kind));
	json_add_string(&json, "host", entry->host);
	json_add_number(&json, "port", entry->port);
	if (entry->kind == TLSFO_STORE_TICKET)
		add_ticket(&json, entry);
	else
		add_path(&json, entry);
	json_add_number(&json, "received", entry->received);
	json_add_number(&json, "expires", entry->expires);
	json_close(&json, '}');
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

enum command_status store_list(struct tlsfo_store *store, const char *path, bool json)
{
	struct list list = {0};
	int ret = store ? tlsfo_store_list(store, add, &list) : 0;
	int error = errno;

	/* What could be read is shown in any case. */
	if (ret == 0 || ret == TLSFO_E_SYSTEM) {
		if (list.count > 0)
			qsort(list.entries, list.count, sizeof(*list.entries), compare);
		if (json)
			print_json(&list);
		else if (!store_table(list.entries, list.count))
			ret = GNUTLS_E_MEMORY_ERROR;
	}
	list_free(&list);
	if (ret != 0)
		complain("store: %s: not everything could be read: %s", path,
			ret == TLSFO_E_SYSTEM ? strerror(error) : tlsfo_strerror(ret));
	return say("") != STATUS_DONE || ret != 0 ? STATUS_LOCAL : STATUS_DONE;
}
