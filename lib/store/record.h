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
#include "store/entry.h"
#include "store/seal.h"

/* Numbers that stay. A reader passes over kinds and versions that it does not know. */
enum record_kind {
	RECORD_TICKET = 1,
	RECORD_PATH = 2,    /* how fast open failed at a destination, an address and a port */
	RECORD_NETWORK = 3, /* how it failed from a local network */
	RECORD_HOST = 4,    /* who answered last for a host and a port, and how */
};

#define TICKET_ALPN_MAX	  255
#define TICKET_BLOB_MAX	  65536
#define TICKET_LIFE_MAX	  (7 * 24 * 3600) /* seconds, RFC 8446 §4.6.1 */
#define RECORD_NAME_MAX	  255
#define PEER_DIGEST_SIZE  32
#define RECORD_TICKET_MAX (1024 + TICKET_ALPN_MAX + TICKET_BLOB_MAX)
#define RECORD_PATH_MAX	  512 /* bytes of a path's record */
#define RECORD_TEXT_SIZE  72

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

struct ticket {
	uint16_t tls_version;	 /* 0x0303 or 0x0304 */
	uint16_t group;		 /* the server's, IANA number; 0: unknown */
	uint32_t max_early_data; /* bytes; 0: none allowed */
	int64_t received;	 /* Unix seconds */
	int64_t expires;	 /* Unix seconds */
	int64_t full_handshake;	 /* that it goes back to, over however many resumptions; Unix s */
	unsigned char alpn[TICKET_ALPN_MAX];
	size_t alpn_len;     /* the protocol chosen; 0: none */
	unsigned char *blob; /* the TLS library's session data, from malloc; secret */
	size_t blob_len;
};

/* An address, or a network of /24 or /64. All zeros: none. */
struct path_address {
	unsigned char family; /* 4, 6; 0: none */
	unsigned char bytes[16];
	uint32_t scope;
	uint16_t port;
};

/* Different destinations in a row that pause a network. */
#define PATH_DIFFERENT 3

struct path_state {
	uint32_t failures; /* that made a pause; 0: none did */
	int64_t failed;	   /* when the last was */
	int64_t until;	   /* the end of the pause */
	int64_t probing;   /* since when a probe is under way, or 0 */
};

#define PATH_ID_SIZE 16

struct path_network {
	struct path_state state;
	unsigned char count; /* of the destinations that failed in a row, before the pause */
	unsigned char failed[PATH_DIFFERENT][PATH_ID_SIZE];
};

struct record {
	enum record_kind kind;
	char host[RECORD_NAME_MAX + 1]; /* that was connected to; a network has none */
	struct path_address address;	/* of a host: that answered; of a ticket: the port alone */
	int64_t written;		/* Unix seconds; of a ticket: when it was received */
	int64_t expires;		/* Unix seconds */
	/* Of a ticket: */
	bool is_verified;
	char verified[RECORD_NAME_MAX + 1];
	struct ticket ticket;
	/* Of a path: */
	struct path_network failing; /* a destination has ->state only; a host's is of early data */
	int64_t rtt_us;		     /* of a host; -1: unknown */
	int64_t think_us; /* that its server took to its first byte; 0: not known to be slow */
};

/* Wipes and frees the blob and makes the ticket empty; an empty one may be cleared again. */
void ticket_clear(struct ticket *ticket);

/* Makes the record of a ticket, whose blob is a view. False: this ticket of this peer cannot be kept. */
must_check bool record_of_ticket(
	const struct peer *peer, const struct ticket *ticket, struct record *ret_record);

/* The blob is a view. False when the bytes are no whole record of a kind and version that are known. The output then
 * has no meaning. */
must_check bool record_read(struct bytes bytes, struct record *ret_record);

/* Writes a record into content of its own. False: no memory. */
must_check bool record_pack(const struct record *record, struct content *ret_content);

/* Reads the record in a content, which is empty afterwards. The blob of a ticket is in memory of its own. */
must_check bool record_unpack(struct content *content, struct record *ret_record);

/* The key of what a record is about, made with the store's key @key. A destination and a network are told by their
 * address, a host by its name and port. */
struct entry_key peer_key(const unsigned char key[static SEAL_KEY_SIZE], const struct peer *peer);
struct entry_key record_key(
	const unsigned char key[static SEAL_KEY_SIZE], const struct record *record);

/* "192.0.2.1", "fe80::1%2"; a network's "192.0.2.0/24". */
void record_print(const struct record *record, char ret_text[static RECORD_TEXT_SIZE]);

/* Is it what a program calls @host, at @port or, with 0, at any? Addresses and networks may be given in text. */
bool record_is_of(const struct record *record, const char *host, unsigned int port);

#endif
