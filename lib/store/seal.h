/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

/*
 * How a record lies on the disk: ChaCha20-Poly1305 (RFC 8439), under a key of its own that is derived
 * from the store's key and a random salt in the file, so that no key and nonce come together twice,
 * whoever writes and however often. The file's name is associated data: under another name the same
 * bytes do not open. Pure.
 *
 *	byte 0         format, 1
 *	bytes 1-24     salt
 *	...            the record, encrypted
 *	last 16 bytes  tag
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/macros.h"

#define SEAL_KEY_SIZE  32
#define SEAL_SALT_SIZE 24
#define SEAL_HEAD      (1 + SEAL_SALT_SIZE)
#define SEAL_OVERHEAD  (SEAL_HEAD + 16)

/*
 * Seals in place: @sealed holds @len bytes of record from SEAL_HEAD on, and has room for
 * SEAL_OVERHEAD bytes besides them. @salt is random, and used once.
 */
void seal_close(const unsigned char key[static SEAL_KEY_SIZE], const char *name,
	const unsigned char salt[static SEAL_SALT_SIZE], unsigned char *sealed, size_t len);

/*
 * Opens @len sealed bytes in place; the record is a view of them and secret. False when they are
 * not what was sealed with this key under this name; nothing of the record is left in them then.
 */
must_check bool seal_open(const unsigned char key[static SEAL_KEY_SIZE], const char *name,
	unsigned char *sealed, size_t len, struct bytes *ret_record);

/* A record in memory of its own, with room for the seal around it; secret. */
struct content {
	unsigned char *data; /* from malloc; NULL: empty */
	size_t size;
	struct bytes record; /* a view of it: of all the room, until it is known what is in it */
};

/* Room for @size bytes of record. False: no memory. */
must_check bool content_new(size_t size, struct content *ret_content);

/* Wipes it, gives its memory back and makes it empty; an empty one may be cleared again. */
void content_clear(struct content *content);

#endif
