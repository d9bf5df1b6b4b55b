/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPEN_KNOWLEDGE_H
#define OPEN_KNOWLEDGE_H

/*
 * The path memory as one connection uses it: it is asked before an attempt with fast open, and told one verdict
 * afterwards. On a path where nothing ever went wrong that is three looks at the store and, while address and
 * round-trip time stay what they were, nothing written.
 */

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <tlsfo/client.h>

#include "base/address.h"
#include "base/macros.h"
#include "net/attempt.h"
#include "race/verdict.h"
#include "store/path.h"

struct candidate {
	struct address address;
	/* The path memory on fast open to it: */
	bool asked : 1;	  /* the others are filled */
	bool known : 1;	  /* there is a record, which success is to clear */
	bool probing : 1; /* this connection is the probe */
	bool allowed : 1;
	bool routed : 1;	     /* the next is filled */
	struct path_address network; /* the local one */
};

/* The addresses of one host, in the order in which they are to be tried. */
struct candidates {
	struct candidate *list; /* at most RACE_ADDRESSES */
	size_t count;
};

/* One more at the end; pointers to the others are no longer good. False: no memory. */
must_check bool candidates_add(struct candidates *candidates, const struct address *address);

/* The addresses of one socket address, or of a list of getaddrinfo(3), with their ports: at most RACE_ADDRESSES, none
 * of them twice. The families of a list take turns (RFC 8305 §4). Returns 0, TLSFO_E_INVALID_ADDRESS when none of them
 * can be used, or GNUTLS_E_MEMORY_ERROR. */
must_check int candidates_add_sockaddr(
	struct candidates *candidates, const struct sockaddr *addr, socklen_t addrlen);
must_check int candidates_add_list(struct candidates *candidates, const struct addrinfo *addresses);

/* Zeros: nothing is remembered. */
struct knowledge {
	struct shelf *store;	     /* or NULL */
	const char *host;	     /* as its records name it, */
	uint16_t port;		     /* with its port */
	const struct address *local; /* to be bound to, or of no family */
	enum tlsfo_fast_open_mode mode;
	bool host_known;		  /* the next two are filled */
	struct path_address host_address; /* that answered last */
	int64_t host_rtt_us;		  /* to it, or -1 */
	int64_t think_us;  /* that its server takes to its first byte, if that is long */
	bool early_failed; /* the path to it swallowed hellos with early data */
	bool early_paused; /* and none is to be sent now */
	struct candidate
		*owed; /* fast open worked with it, if the path also carries what follows the SYN */
};

/* Reads what is known of @host and its @port. @store may be NULL. What the pointers point to must outlive it. */
void knowledge_init(struct knowledge *knowledge, struct shelf *store, const char *host,
	uint16_t port, const struct address *local, enum tlsfo_fast_open_mode mode);

/* Other connections may have learned meanwhile how long it takes. */
void knowledge_ask_again(struct knowledge *knowledge);

/* The server's first byte came over this attempt, or is still awaited, at @until_us. */
void knowledge_tell_time(
	struct knowledge *knowledge, const struct attempt *attempt, int64_t until_us);

/* The address that answered last goes before the others, from the index @first on, which were not tried. */
void knowledge_order(
	const struct knowledge *knowledge, struct candidates *candidates, size_t first);

/* Whether to try fast open with this address; asked when that is about to happen. */
bool knowledge_allows(const struct knowledge *knowledge, struct candidate *candidate);

/* What became of a connection to this address. @rtt_us: as measured, or -1. @ready: the host answered. */
void knowledge_tell(struct knowledge *knowledge, struct candidate *candidate,
	const struct path_verdict *verdict, int64_t rtt_us, bool ready);

/* Something that followed the SYN was acknowledged. */
void knowledge_tell_carried(struct knowledge *knowledge);

/* The path breaks fast open with this address. */
void knowledge_tell_failed(struct knowledge *knowledge, struct candidate *candidate);

/* Probes that have told nothing by now tell nothing. */
void knowledge_end_probes(struct knowledge *knowledge, struct candidates *candidates);

#endif
