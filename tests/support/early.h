/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_EARLY_H
#define SUPPORT_EARLY_H

/*
 * A server with tickets and early data, on GnuTLS, which treats each connection as its turn says and
 * tells the test what it saw of it: which ticket was offered, what came as early data, and all
 * bytes that the connection carried.
 *
 * A client sends a request that ends in a newline; the server answers with EARLY_ANSWER, and goes on
 * reading until the client ends.
 */

#include <stdbool.h>
#include <stdint.h>

#include "support/hello.h"
#include "support/peer.h"

#define EARLY_ANSWER "done\n"

/* What becomes of a connection. */
enum early_end {
	EARLY_SERVE = 0,
	EARLY_RESET,	  /* reset at once, nothing read */
	EARLY_CLOSE,	  /* the flight is read, and the connection closed without a word */
	EARLY_RESET_READ, /* the flight is read, then reset */
	EARLY_CUT,	  /* closed after so many bytes of the server's handshake */
	EARLY_CUT_RESET	  /* the same by a reset */
};

/* How tickets are given to a connection of TLS 1.3. */
enum early_ticket {
	EARLY_TICKET = 0,	 /* before the answer */
	EARLY_TICKET_LATE,	 /* behind the answer */
	EARLY_TICKET_AT_THE_END, /* when the client has ended its direction */
	EARLY_NO_TICKET
};

/* How one connection is treated. All zeros: served by a server that takes 16384 bytes of early data. */
struct early_turn {
	enum early_end end;
	size_t cut; /* bytes for EARLY_CUT */
	enum early_ticket ticket;
	bool other_key;		 /* the tickets of the other turns mean nothing to it */
	bool no_early_data;	 /* it takes none, and its tickets allow none */
	bool claims;		 /* it says that it takes early data, whatever it does */
	bool replayed;		 /* it resumes, but takes early data for a replay */
	uint32_t max_early_data; /* that its tickets allow; 0: 16384 */
	int lifetime;		 /* of its tickets in seconds; 0: GnuTLS's default */
	const char *priority;	 /* NULL: GnuTLS's default */
	const char *alpn;	 /* a protocol, or NULL */
};

struct early_options {
	int family;
	const char *certificate; /* NULL is "server" */
	const struct early_turn *turns;
	size_t count; /* the last turn is that of all later connections */
};

/* What the server saw of a connection. */
struct early_seen {
	unsigned char ticket[HELLO_TICKET_SIZE]; /* offered, zeros: none */
	unsigned char random[32];		 /* the client's, of its hello */
	unsigned int group;			 /* of the first key share */
	bool announced;				 /* early data */
	bool retried;				 /* it asked for another ClientHello */
	bool handshake;				 /* it came to its end */
	bool resumed;
	bool accepted;		  /* early data */
	bool ended;		  /* by close_notify */
	size_t early;		  /* bytes that came as early data */
	size_t total;		  /* bytes that came in all */
	unsigned char digest[32]; /* SHA-256 of these */
};

void early_start(struct peer *peer, const struct early_options *options);

/* What the server saw of the next connection, in the order of their acceptance: waits for its end. */
struct early_seen early_hear(struct peer *peer);

/* Ends the test unless the connection carried exactly these bytes. */
void early_expect_data(const struct early_seen *seen, const void *data, size_t len);

/* True when a ticket was offered. */
bool early_has_ticket(const struct early_seen *seen);

#endif
