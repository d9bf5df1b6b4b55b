/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* store/record: any bytes are no ticket's record, or one whose fields are in bounds and that is written again as
 * the same bytes. */

#include <string.h>

#include "fuzz/target.h"
#include "store/record.h"

static void check_bounds(const struct record *record)
{
	const struct ticket *ticket = &record->ticket;

	promise(strlen(record->host) <= RECORD_NAME_MAX);
	promise(strlen(record->verified) <= RECORD_NAME_MAX);
	promise(ticket->alpn_len <= TICKET_ALPN_MAX);
	promise(ticket->blob_len > 0 && ticket->blob_len <= TICKET_BLOB_MAX);
	promise(ticket->received >= 0 && ticket->expires >= 0 && ticket->full_handshake >= 0);
}

static void check_again(const struct record *record, const uint8_t *data, size_t size)
{
	const struct peer peer = {
		.host = record->host,
		.port = record->address.port,
		.verified = record->is_verified ? record->verified : NULL,
	};
	struct content content;
	struct record made;

	promise(record_of_ticket(&peer, &record->ticket, &made));
	if (!record_pack(&made, &content))
		return;
	promise(content.record.len == size && memcmp(content.record.at, data, size) == 0);
	promise(record_unpack(&content, &made));
	promise(made.ticket.blob_len == record->ticket.blob_len &&
		memcmp(made.ticket.blob, record->ticket.blob, made.ticket.blob_len) == 0);
	ticket_clear(&made.ticket);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record;

	if (record_read(bytes_of(data, size), &record) && record.kind == RECORD_TICKET) {
		check_bounds(&record);
		check_again(&record, data, size);
	}
	return 0;
}
