/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_PEER_H
#define STORE_PEER_H

/*
 * Everything that must match for a ticket to be used again, and its key: HMAC-SHA256 under the
 * store's key, so that nobody reads or guesses a host name off the names in the directory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_DIGEST_SIZE 32

struct peer {
	const char *host; /* as asked for */
	uint16_t port;
	const char *servername; /* sent as SNI; NULL: none */
	const char *verified;	/* the name verified; NULL: nothing is verified */
	const char *const *alpn;
	size_t alpn_count;
	const char *priority;			  /* the caller's; NULL: GnuTLS's default */
	unsigned char trust[PEER_DIGEST_SIZE];	  /* of the content of the trusted CAs; zeros: the
						      system's */
	unsigned char identity[PEER_DIGEST_SIZE]; /* of the client certificate; zeros: none */
	unsigned char policy[PEER_DIGEST_SIZE]; /* of the system-wide policy for TLS; zeros: none */
	const char *tls_library;		/* run-time version; its blobs are private to it */
};

struct peer_key {
	unsigned char bytes[PEER_DIGEST_SIZE];
};

/* @key is the store's, 32 bytes. Fields are told apart by their lengths. */
void peer_key_make(
	const unsigned char key[static 32], const struct peer *peer, struct peer_key *ret_key);

#endif
