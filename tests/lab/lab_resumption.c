/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What became of the session and of the early data that a client brought. */

#include "lab.h"
#include "tls_records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The caller frees the list. Returns 0, −ENOENT, −ENOMEM. */
static int records_of(struct lab *lab, int connection, enum lab_side from,
	struct lab_record **ret_list, size_t *ret_count)
{
	ssize_t count = lab_trace_records(lab, connection, from, NULL, 0);
	struct lab_record *list;
	ssize_t found;

	if (count < 0)
		return (int)count;
	list = calloc((size_t)count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	found = lab_trace_records(lab, connection, from, list, (size_t)count);
	if (found < 0) {
		free(list);
		return (int)found;
	}
	*ret_list = list;
	*ret_count = found < count ? (size_t)found : (size_t)count;
	return 0;
}

/* The first record of the type, or NULL. */
static const struct lab_record *first_of(const struct lab_record *list, size_t count, int type)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (list[i].type == type)
			return &list[i];
	}
	return NULL;
}

static const struct lab_record *server_hello(const struct lab_record *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (list[i].message == TLS_SERVER_HELLO)
			return &list[i];
	}
	return NULL;
}

/*
 * TLS 1.3 says it in the ServerHello. In TLS 1.2 a server that resumes changes to the old keys with
 * its first flight, and one that does not waits for the client to change first.
 */
static int judge(const struct lab_record *hello, const struct lab_record *server_changes,
	const struct lab_record *client_changes)
{
	if (!hello)
		return -EAGAIN;
	if (hello->tls13)
		return hello->takes_ticket;
	if (!server_changes && !client_changes)
		return -EAGAIN;
	return server_changes &&
	       (!client_changes || server_changes->sent_ns < client_changes->sent_ns);
}

int lab_trace_resumed(struct lab *lab, int connection)
{
	struct lab_record *client = NULL;
	struct lab_record *server = NULL;
	size_t clients = 0;
	size_t servers = 0;
	int result = records_of(lab, connection, LAB_CLIENT, &client, &clients);

	if (result == 0)
		result = records_of(lab, connection, LAB_SERVER, &server, &servers);
	if (result == 0)
		result = judge(server_hello(server, servers),
			first_of(server, servers, TLS_CHANGE_CIPHER_SPEC),
			first_of(client, clients, TLS_CHANGE_CIPHER_SPEC));
	free(client);
	free(server);
	return result;
}

/* Bytes of a record that are among the first @length of the stream. */
static size_t overlap(const struct lab_record *record, size_t length)
{
	if (record->offset >= length)
		return 0;
	length -= (size_t)record->offset;
	return length < record->length ? length : record->length;
}

static size_t syn_length(struct lab *lab, int connection)
{
	struct lab_packet syn;
	size_t i;

	for (i = 0; lab_trace_syn(lab, i, &syn) == 0; i++) {
		if (syn.connection == connection)
			return syn.payload_length;
	}
	return 0;
}

int lab_trace_early_data(struct lab *lab, int connection, struct lab_early_data *ret_early)
{
	struct lab_early_data early = {.sent = 0};
	struct lab_record *list = NULL;
	size_t count = 0;
	size_t syn;
	size_t i;
	int result = records_of(lab, connection, LAB_CLIENT, &list, &count);

	if (result < 0)
		return result;
	syn = syn_length(lab, connection);
	for (i = 0; i < count; i++) {
		if (strcmp(list[i].name, "early data") == 0) {
			early.sent += list[i].length;
			early.in_syn += overlap(&list[i], syn);
		}
		early.accepted = early.accepted || strcmp(list[i].name, "EndOfEarlyData") == 0;
	}
	free(list);
	*ret_early = early;
	return 0;
}
