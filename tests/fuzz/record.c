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
	unsigned char *again = malloc(size);
	struct record made;
	struct writer writer;

	if (again == NULL)
		return;
	promise(record_of_ticket(&peer, &record->ticket, &made));
	promise(record_ticket_size(&made) == size);
	writer_init(&writer, again, size);
	record_write(&writer, &made);
	promise(!writer.failed);
	promise(writer.len == size && memcmp(again, data, size) == 0);
	free(again);
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
