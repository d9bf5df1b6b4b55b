/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/record.h"

#include <string.h>

#define TICKET_VERSION 1

/* Kind, version and the fields of fixed size, the lengths of the others. */
#define TICKET_FIXED 64

static bool name_fits(const char *name)
{
	return name == NULL || strlen(name) <= RECORD_NAME_MAX;
}

bool record_ticket_fits(const struct peer *peer, const struct ticket *ticket)
{
	return peer->host != NULL && name_fits(peer->host) && name_fits(peer->verified) &&
	       ticket->alpn_len <= TICKET_ALPN_MAX && ticket->blob != NULL &&
	       ticket->blob_len > 0 && ticket->blob_len <= TICKET_BLOB_MAX &&
	       ticket->received >= 0 && ticket->expires >= 0 && ticket->full_handshake >= 0;
}

size_t record_ticket_size(const struct ticket *ticket)
{
	return TICKET_FIXED + 2 * (size_t)RECORD_NAME_MAX + ticket->alpn_len + ticket->blob_len;
}

void record_ticket_write(
	struct writer *writer, const struct peer *peer, const struct ticket *ticket)
{
	const char *verified = peer->verified != NULL ? peer->verified : "";

	writer_number(writer, RECORD_TICKET, 1);
	writer_number(writer, TICKET_VERSION, 1);
	writer_vector(writer, peer->host, strlen(peer->host), 1);
	writer_number(writer, peer->port, 2);
	writer_number(writer, peer->verified != NULL, 1);
	writer_vector(writer, verified, strlen(verified), 1);
	writer_number(writer, ticket->tls_version, 2);
	writer_number(writer, ticket->group, 2);
	writer_number(writer, ticket->max_early_data, 4);
	writer_number(writer, (uint64_t)ticket->received, 8);
	writer_number(writer, (uint64_t)ticket->expires, 8);
	writer_number(writer, (uint64_t)ticket->full_handshake, 8);
	writer_vector(writer, ticket->alpn, ticket->alpn_len, 1);
	writer_vector(writer, ticket->blob, ticket->blob_len, 4);
}

/* A vector of at most 255 bytes as a string; a NUL inside makes the record a bad one. */
static void read_name(struct bytes *record, char ret_name[static RECORD_NAME_MAX + 1])
{
	struct bytes name = bytes_vector(record, 1);

	if (name.len > 0 && memchr(name.at, '\0', name.len) != NULL)
		record->failed = true;
	if (name.len > 0)
		memcpy(ret_name, name.at, name.len);
	ret_name[name.len] = '\0';
}

static void read_flag(struct bytes *record, bool *ret_flag)
{
	uint64_t flag = bytes_number(record, 1);

	if (flag > 1)
		record->failed = true;
	*ret_flag = flag == 1;
}

static void read_time(struct bytes *record, int64_t *ret_time)
{
	uint64_t time = bytes_number(record, 8);

	if (time > INT64_MAX)
		record->failed = true;
	*ret_time = (int64_t)(time & INT64_MAX);
}

static void read_ticket(struct bytes *record, struct ticket *ret_ticket)
{
	ret_ticket->tls_version = (uint16_t)bytes_number(record, 2);
	ret_ticket->group = (uint16_t)bytes_number(record, 2);
	ret_ticket->max_early_data = (uint32_t)bytes_number(record, 4);
	read_time(record, &ret_ticket->received);
	read_time(record, &ret_ticket->expires);
	read_time(record, &ret_ticket->full_handshake);

	struct bytes alpn = bytes_vector(record, 1);
	struct bytes blob = bytes_vector(record, 4);

	if (alpn.len > 0)
		memcpy(ret_ticket->alpn, alpn.at, alpn.len);
	ret_ticket->alpn_len = alpn.len;
	/* A view; struct ticket is for those who may write, too. */
	ret_ticket->blob = (unsigned char *)(uintptr_t)blob.at;
	ret_ticket->blob_len = blob.len;
	if (blob.len == 0 || blob.len > TICKET_BLOB_MAX)
		record->failed = true;
}

bool record_ticket_read(struct bytes record, struct record_ticket *ret_ticket)
{
	struct record_ticket ticket = {0};

	if (bytes_number(&record, 1) != RECORD_TICKET || bytes_number(&record, 1) != TICKET_VERSION)
		return false;
	read_name(&record, ticket.host);
	ticket.port = (uint16_t)bytes_number(&record, 2);
	read_flag(&record, &ticket.is_verified);
	read_name(&record, ticket.verified);
	if (!ticket.is_verified && ticket.verified[0] != '\0')
		return false;
	read_ticket(&record, &ticket.ticket);
	if (record.failed || record.len > 0)
		return false;
	*ret_ticket = ticket;
	return true;
}
