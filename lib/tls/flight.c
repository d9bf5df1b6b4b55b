/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/flight.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* Thousands of flights may be kept at once, and most of them are a ClientHello alone. So the first
 * allocation is hardly larger than what comes first; the next ones double. */
#define STEP 64

void flight_wipe(struct flight *flight)
{
	wipe(flight->data, flight->len);
	flight->len = 0;
	if (flight->fixed)
		return;
	free(flight->data);
	flight->data = NULL;
	flight->size = 0;
}

size_t iovec_length(const struct iovec *iov, size_t iovcnt)
{
	size_t len = 0;

	for (size_t i = 0; i < iovcnt; i++)
		len += iov[i].iov_len;
	return len;
}

/* Not realloc: the old copy is to be wiped. */
static bool grow(struct flight *flight, size_t more)
{
	if (flight->fixed || more > SIZE_MAX / 2 - flight->len)
		return false;
	size_t needed = flight->len + more;
	size_t size = needed > 2 * flight->size ? needed + STEP - needed % STEP : 2 * flight->size;
	unsigned char *data = malloc(size);
	if (data == NULL)
		return false;
	if (flight->len > 0)
		memcpy(data, flight->data, flight->len);
	wipe_free(flight->data, flight->len);
	flight->data = data;
	flight->size = size;
	return true;
}

bool flight_append(struct flight *flight, const struct iovec *iov, size_t iovcnt)
{
	size_t more = iovec_length(iov, iovcnt);

	if (more > flight->size - flight->len && !grow(flight, more))
		return false;
	for (size_t i = 0; i < iovcnt; i++) {
		if (iov[i].iov_len == 0)
			continue;
		memcpy(flight->data + flight->len, iov[i].iov_base, iov[i].iov_len);
		flight->len += iov[i].iov_len;
	}
	return true;
}
