/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* store/record: any bytes are no record, or one whose fields are in bounds and that is written again as
 * the same bytes. */

#include <string.h>

#include "fuzz/target.h"
#include "store/record.h"

static void check_bounds(const struct record_ticket *record)
{
	const struct ticket *ticket = &record->ticket;

	promise(strlen(record->host) <= RECORD_NAME_MAX);
	promise(strlen(record->verified) <= RECORD_NAME_MAX);
	promise(ticket->alpn_len <= TICKET_ALPN_MAX);
	promise(ticket->blob_len > 0 && ticket->blob_len <= TICKET_BLOB_MAX);
	promise(ticket->received >= 0 && ticket->expires >= 0 && ticket->full_handshake >= 0);
}

static void check_again(const struct record_ticket *record, const uint8_t *data, size_t size)
{
	const struct peer peer = {
		.host = record->host,
		.port = record->port,
		.verified = record->is_verified ? record->verified : NULL,
	};
	size_t room = record_ticket_size(&peer, &record->ticket);
	unsigned char *again = malloc(room);
	struct writer writer;

	if (again == NULL)
		return;
	promise(record_ticket_fits(&peer, &record->ticket));
	writer_init(&writer, again, room);
	record_ticket_write(&writer, &peer, &record->ticket);
	promise(!writer.failed);
	promise(writer.len == size && memcmp(again, data, size) == 0);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_ticket record;

	if (record_ticket_read(bytes_of(data, size), &record)) {
		check_bounds(&record);
		check_again(&record, data, size);
	}
	return 0;
}
