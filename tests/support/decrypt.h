/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_DECRYPT_H
#define SUPPORT_DECRYPT_H

/* TLS 1.3 records opened with nettle, without GnuTLS and tlsfo, under a secret of the key log (NSS
 * format, "CLIENT_EARLY_TRAFFIC_SECRET"). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECRYPT_SECRET_MAX 48
#define DECRYPT_EARLY	   "CLIENT_EARLY_TRAFFIC_SECRET"

struct decrypt_secret {
	unsigned char bytes[DECRYPT_SECRET_MAX];
	size_t len;  /* 48: AES-256-GCM; 32: one of the others */
	bool chacha; /* ChaCha20-Poly1305, otherwise AES-128-GCM */
};

/* Finds the last secret by this label in a key log. False: it is not there. */
bool decrypt_find_secret(const char *path, const char *label, struct decrypt_secret *ret_secret);

/* The first record of a type (RFC 8446 §5.1) in a flight, or NULL; its length with header. */
const unsigned char *decrypt_find_record(
	const unsigned char *flight, size_t len, unsigned int type, size_t *ret_len);

/*
 * Opens the @sequence-th record under a secret (RFC 8446 §5.2, §5.3, §7.3). Returns the length of what
 * was in it, and its inner type; -1 when it is not authentic. @ret_plain has room for @len bytes.
 */
long decrypt_record(const struct decrypt_secret *secret, uint64_t sequence,
	const unsigned char *record, size_t len, unsigned char *ret_plain, unsigned int *ret_type);

#endif
