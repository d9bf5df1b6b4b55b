/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

/*
 * Views of bytes, read and written in network byte order and never past their end. Both sides fail
 * once and stay failed, so that a caller asks only at the end. Secrets among them are overwritten.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	const unsigned char *at;
	size_t len; /* what is left */
	bool failed;
};

struct bytes bytes_of(const void *data, size_t len);

/* An unsigned number of 1 to 8 bytes; 0 once failed. */
uint64_t bytes_number(struct bytes *bytes, size_t width);

/* The next @len bytes as a view of their own; an empty, failed view when there are less. */
struct bytes bytes_take(struct bytes *bytes, size_t len);

/* A vector as TLS writes it (RFC 8446 §3.4): its length in @width bytes, then that many bytes. */
struct bytes bytes_vector(struct bytes *bytes, size_t width);

struct writer {
	unsigned char *buf;
	size_t size;
	size_t len;
	bool failed;
};

void writer_init(struct writer *writer, void *buf, size_t size);
void writer_number(struct writer *writer, uint64_t number, size_t width);
void writer_bytes(struct writer *writer, const void *data, size_t len);

/* The length in @width bytes, then the bytes; fails when the length needs more. */
void writer_vector(struct writer *writer, const void *data, size_t len, size_t width);

/* Overwrites a secret, in a way no compiler leaves out; @data may be NULL when @len is 0. */
void wipe(void *data, size_t len);

/* The same, then free(3); NULL is ignored. */
void wipe_free(void *data, size_t len);

/* Memory of zeros for a secret that lives long, on pages of its own that core dumps leave out. NULL: no memory. */
void *wipe_map(size_t len);

/* Overwrites such memory and gives it back. */
void wipe_unmap(void *data, size_t len);

#endif
