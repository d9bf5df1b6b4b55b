/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMAND_EARLY_SERVER_H
#define COMMAND_EARLY_SERVER_H

/*
 * A server that gives tickets and takes early data, each visit as it is told to. It sends back what it
 * got once the client has ended its direction, and tells the test how it got it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/peer.h"

/* The most that one visitor may send. */
#define EARLY_SERVER_ROOM 65536

/* What it does with one visitor. */
struct early_turn {
	unsigned int tickets;	 /* to give */
	uint32_t max_early_data; /* that those allow, and that is taken now; 0: none */
	const char *priority;	 /* NULL is GnuTLS's default */
};

struct early_options {
	const struct early_turn *turns; /* the last one is for all that follow */
	size_t turn_count;
	const char *alpn; /* a protocol, or NULL */
};

/* What it had of one visitor. */
struct early_heard {
	uint32_t early; /* bytes of early data */
	uint32_t later; /* and after the handshake */
	bool resumed;
};

/* @options must stay what they are until the peer is stopped, by peer_stop(). */
void early_server_start(struct peer *peer, const struct early_options *options);

/* Waits for what was had of the next visitor whose handshake succeeded. */
struct early_heard early_server_heard(struct peer *peer);

#endif
