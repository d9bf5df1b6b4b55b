/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

/*
 * What is kept: tickets, and what is remembered of paths. A record has its kind, its version, and its fields in
 * network byte order with their lengths. Whatever the bytes are, reading them ends with a whole record or with
 * none. The key of a record tells what it is about. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/macros.h"
#include "store/name.h"
#include "store/path_policy.h"
#include "store/ticket.h"

/* Numbers that stay. A reader passes over kinds and versions that it does not know. */
enum record_kind {
	RECORD_TICKET = 1,
	RECORD_PATH = 2,    /* how fast open failed at a destination, an address and a port */
	RECORD_NETWORK = 3, /* how it failed from a local network */
	RECORD_HOST = 4,    /* who answered last for a host and a port, and how */
};

#define RECORD_KEY_SIZE	  32 /* of the store's key */
#define RECORD_NAME_MAX	  255
#define PEER_DIGEST_SIZE  32
#define RECORD_TICKET_MAX (1024 + TICKET_ALPN_MAX + TICKET_BLOB_MAX)
#define PATH_RECORD_MAX	  512
#define PATH_TEXT_SIZE	  72

/* Everything that must match for a ticket to be used again. */
struct peer {
	const char *host; /* as asked for */
	uint16_t port;
	const char *servername; /* sent as SNI; NULL: none */
	const char *verified;	/* the name verified; NULL: nothing is verified */
	const char *const *alpn;
	size_t alpn_count;
	const char *priority;			  /* the caller's; NULL: GnuTLS's default */
	unsigned char trust[PEER_DIGEST_SIZE];	  /* of the trusted CAs; zeros: the system's */
	unsigned char identity[PEER_DIGEST_SIZE]; /* of the client certificate; zeros: none */
	unsigned char policy[PEER_DIGEST_SIZE];	  /* of the system's TLS policy; zeros: none */
	const char *tls_library; /* run-time version; its session data is private to it */
};

/* A ticket's record: the ticket, and what a list tells of its peer. */
struct record_ticket {
	char host[RECORD_NAME_MAX + 1];
	uint16_t port;
	bool is_verified;
	char verified[RECORD_NAME_MAX + 1];
	struct ticket ticket; /* its blob is a view of what was read */
};

/* An address, or a network of /24 or /64. All zeros: none. */
struct path_address {
	unsigned char family; /* 4, 6; 0: none */
	unsigned char bytes[16];
	uint32_t scope;
	uint16_t port;
};

struct path_record {
	enum record_kind kind;		/* RECORD_PATH, RECORD_NETWORK or RECORD_HOST */
	char host[RECORD_NAME_MAX + 1]; /* that was connected to; a network has none */
	struct path_address address; /* a host's is the one that answered, with the host's port */
	int64_t written;	     /* Unix seconds */
	int64_t expires;	     /* Unix seconds */
	struct path_network failing; /* a destination has ->state only; a host's is of early data */
	int64_t rtt_us;		     /* of a host; -1: unknown */
	int64_t think_us; /* that its server took to its first byte; 0: not known to be slow */
};

/* Can this ticket of this peer be written at all? */
bool record_ticket_fits(const struct peer *peer, const struct ticket *ticket);

/* Bytes that record_ticket_write() needs, at most. */
size_t record_ticket_size(const struct peer *peer, const struct ticket *ticket);

/* Writes what fits; the writer fails when the room is too small. A path record takes PATH_RECORD_MAX bytes at
 * most. */
void record_ticket_write(
	struct writer *writer, const struct peer *peer, const struct ticket *ticket);
void path_record_write(struct writer *writer, const struct path_record *record);

/* False when the bytes are no whole record of this kind and a version that is known. What is in @ret_ticket then has
 * no meaning. */
must_check bool record_ticket_read(struct bytes record, struct record_ticket *ret_ticket);
must_check bool path_record_read(struct bytes bytes, struct path_record *ret_record);

/* The key of what a record is about, made with the store's key @key. A destination and a network are told by their
 * address, a host by its name and port. */
void peer_key_make(const unsigned char key[static RECORD_KEY_SIZE], const struct peer *peer,
	struct name_key *ret_key);
void path_key_make(const unsigned char key[static RECORD_KEY_SIZE],
	const struct path_record *record, struct name_key *ret_key);

/* "192.0.2.1", "fe80::1%2"; a network's "192.0.2.0/24". */
void path_record_print(const struct path_record *record, char ret_text[static PATH_TEXT_SIZE]);

/* Is it what a program calls @host, at @port or, with 0, at any? Addresses and networks may be given in text. */
bool path_record_is_of(const struct path_record *record, const char *host, unsigned int port);

#endif
