/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "holdings.h"

#include <stdio.h>
#include <strings.h>

#include <tlsfo/store.h>

#include "base/text.h"

static int add_holding(const struct tlsfo_store_entry *entry, void *userdata)
{
	struct holdings *holdings = userdata;

	if (entry->kind != TLSFO_STORE_TICKET || entry->port != holdings->port ||
		strcasecmp(entry->host, holdings->host) != 0)
		return 0;
	if (holdings->tickets == 0 || entry->received > holdings->newest ||
		(entry->received == holdings->newest &&
			entry->max_early_data < holdings->early_data)) {
		holdings->newest = entry->received;
		holdings->early_data = entry->max_early_data;
	}
	holdings->tickets++;
	return 0;
}

int holdings_count(struct tlsfo_store *store, const char *host, unsigned int port,
	struct holdings *ret_holdings)
{
	size_t length = 0;
	const char *bare = host_bare(host, &length);

	*ret_holdings = (struct holdings){.port = port};
	(void)snprintf(ret_holdings->host, sizeof(ret_holdings->host), "%.*s", (int)length, bare);
	return tlsfo_store_list(store, add_holding, ret_holdings);
}
