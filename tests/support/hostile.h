/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_HOSTILE_H
#define SUPPORT_HOSTILE_H

/*
 * A malicious server. It makes a proper handshake, and then does the one thing that its behaviour is
 * named after, to every client that connects. "Endless" is: until the client goes away.
 *
 * Records of TLS 1.3 that GnuTLS would not make are sealed here, under the keys of the session.
 */

#include <gnutls/crypto.h>

#include "support/peer.h"

/* Records of any content, in place of GnuTLS's. After the first the session must send nothing more. */
struct hostile_records {
	int fd;
	gnutls_aead_cipher_hd_t cipher;
	unsigned char iv[12];
	size_t tag; /* its length */
	uint64_t sequence;
};

/* In the child. */
void hostile_records_begin(struct hostile_records *records, struct peer_conn *conn);

/* Sends one record with this inner type (RFC 8446 §5.2), with @padding zeros. False: the client is gone. */
bool hostile_record_send(struct hostile_records *records, unsigned int type, const void *content,
	size_t len, size_t padding);

/* A NewSessionTicket that lives for an hour. Returns its length. */
#define HOSTILE_TICKET_MAX 64
size_t hostile_ticket_make(unsigned char *ret_message, unsigned int number);

/* The name of a behaviour by its number, NULL behind the last. */
const char *hostile_name(size_t number);

/* Starts a server over IPv4 with the behaviour of this name. */
void hostile_start(struct peer *peer, const char *behaviour);

/* The version of TLS that the behaviour is in, as a priority string. */
const char *hostile_priority(const char *behaviour);

#endif
