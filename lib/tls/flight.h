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

/* Zeros are an empty flight whose memory is allocated as it grows. */
struct flight {
	unsigned char *data;
	size_t len;
	size_t size; /* room at data */
	bool fixed;  /* the memory is the caller's and does not grow */
};

/* Wipes and releases. A flight that was wiped is empty and may be used again. */
void flight_wipe(struct flight *flight);

/* Appends the bytes of @iov. False: no memory, and nothing was appended. */
must_check bool flight_append(struct flight *flight, const struct iovec *iov, size_t iovcnt);

/* The sum of the lengths. */
size_t iovec_length(const struct iovec *iov, size_t iovcnt);

#endif
