/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/flight.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

/* Thousands of flights may be kept at once, and most of them are a ClientHello alone. So the first
 * allocation is hardly larger than what comes first; the next ones double. */
#define STEP 64

void flight_init_fixed(struct flight *flight, void *mem, size_t size)
{
	*flight = (struct flight){.data = mem, .size = size, .fixed = true};
}

void flight_wipe(struct flight *flight)
{
	if (flight->len > 0)
		gnutls_memset(flight->data, 0, flight->len);
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

bool flight_may_hold(const struct flight *flight, size_t more)
{
	return !flight->fixed || more <= flight->size - flight->len;
}

static bool grow(struct flight *flight, size_t more)
{
	if (more <= flight->size - flight->len)
		return true;
	if (flight->fixed || more > SIZE_MAX / 2 - flight->len)
		return false;
	size_t needed = flight->len + more;
	size_t size = needed > 2 * flight->size ? needed + STEP - needed % STEP : 2 * flight->size;
	/* Not realloc: the old copy is to be wiped. */
	unsigned char *data = malloc(size);
	if (data == NULL)
		return false;
	if (flight->len > 0) {
		memcpy(data, flight->data, flight->len);
		gnutls_memset(flight->data, 0, flight->len);
	}
	free(flight->data);
	flight->data = data;
	flight->size = size;
	return true;
}

bool flight_append(struct flight *flight, const struct iovec *iov, size_t iovcnt, size_t skip)
{
	size_t total = iovec_length(iov, iovcnt);

	if (skip >= total)
		return true;
	if (!grow(flight, total - skip))
		return false;
	for (size_t i = 0; i < iovcnt; i++) {
		size_t drop = skip < iov[i].iov_len ? skip : iov[i].iov_len;
		size_t take = iov[i].iov_len - drop;

		skip -= drop;
		if (take == 0)
			continue;
		memcpy(flight->data + flight->len, (const unsigned char *)iov[i].iov_base + drop,
			take);
		flight->len += take;
	}
	return true;
}

struct iovec flight_rest(const struct flight *flight, size_t from)
{
	return (struct iovec){
		.iov_base = flight->data + from,
		.iov_len = flight->len - from,
	};
}
