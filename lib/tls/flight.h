/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_FLIGHT_H
#define TLS_FLIGHT_H

/*
 * A flight as a value: the bytes GnuTLS handed over, kept until a socket has taken them. Pure.
 * Secrets may be among them (early data), so what is dropped is wiped.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/macros.h"

struct flight {
	unsigned char *data;
	size_t len;
	size_t size; /* room at data */
	bool fixed;  /* the memory is the caller's and does not grow */
};

/* Zeros are an empty flight whose memory is allocated as it grows. This is one in the caller's memory. */
void flight_init_fixed(struct flight *flight, void *mem, size_t size);

/* Wipes and releases. A flight that was wiped is empty and may be used again. */
void flight_wipe(struct flight *flight);

/* True when @more bytes can be appended without an allocation, or may be allocated. */
bool flight_may_hold(const struct flight *flight, size_t more);

/* Appends the bytes of @iov from offset @skip on. False: no memory, and nothing was appended. */
must_check bool flight_append(
	struct flight *flight, const struct iovec *iov, size_t iovcnt, size_t skip);

/* The bytes from offset @from on. */
struct iovec flight_rest(const struct flight *flight, size_t from);

/* The sum of the lengths. */
size_t iovec_length(const struct iovec *iov, size_t iovcnt);

#endif
