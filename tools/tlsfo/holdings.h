/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_HOLDINGS_H
#define TLSFO_COMMAND_HOLDINGS_H

#include <stdint.h>

#include <tlsfo/client.h>

/* What a store holds for one host and port. */
struct holdings {
	char host[TLSFO_HOST_SIZE];
	unsigned int port;
	unsigned int tickets;
	int64_t newest;
	uint32_t early_data; /* bytes that the newest ticket allows */
};

/* @host as it was connected to. Returns 0, or why the store cannot be read. */
int holdings_count(struct tlsfo_store *store, const char *host, unsigned int port,
	struct holdings *ret_holdings);

#endif
