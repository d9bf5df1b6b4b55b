/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/ticket.h"

#include "base/wipe.h"

void ticket_clear(struct ticket *ticket)
{
	wipe_free(ticket->blob, ticket->blob_len);
	*ticket = (struct ticket){0};
}
