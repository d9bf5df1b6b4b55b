/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/hello.h"

#include <string.h>

#include <gnutls/crypto.h>

#define RECORD_HEADER	 5
#define HANDSHAKE_HEADER 4
#define RANDOM		 32

static size_t number(const unsigned char *at, size_t width)
{
	size_t value = 0;

	while (width-- > 0)
		value = value << 8 | *at++;
	return value;
}

/* Steps over a vector with a length of @width bytes. False: it is not all there. */
static bool step(const unsigned char *body, size_t len, size_t *at, size_t width)
{
	if (*at + width > len)
		return false;
	*at += width + number(body + *at, width);
	return *at <= len;
}

const unsigned char *hello_extension(
	const unsigned char *body, size_t len, unsigned int type, size_t *ret_len)
{
	size_t at = 2 + RANDOM;

	/* The session's number, cipher suites, compression; then the list of extensions. */
	if (!step(body, len, &at, 1) || !step(body, len, &at, 2) || !step(body, len, &at, 1))
		return NULL;
	for (at += 2; at + 4 <= len; at += 4 + number(body + at + 2, 2)) {
		size_t size = number(body + at + 2, 2);

		if (at + 4 + size > len)
			return NULL;
		if (number(body + at, 2) != type)
			continue;
		*ret_len = size;
		return body + at + 4;
	}
	return NULL;
}

bool hello_ticket(
	const unsigned char *body, size_t len, unsigned char ret_ticket[HELLO_TICKET_SIZE])
{
	size_t size = 0;
	const unsigned char *psk = hello_extension(body, len, HELLO_PRE_SHARED_KEY, &size);

	memset(ret_ticket, 0, HELLO_TICKET_SIZE);
	if (psk == NULL || size < 4 || number(psk + 2, 2) > size - 4)
		return false;
	return gnutls_hash_fast(GNUTLS_DIG_SHA256, psk + 4, number(psk + 2, 2), ret_ticket) == 0;
}

unsigned int hello_group(const unsigned char *body, size_t len)
{
	size_t size = 0;
	const unsigned char *shares = hello_extension(body, len, HELLO_KEY_SHARE, &size);

	return shares != NULL && size >= 4 ? (unsigned int)number(shares + 2, 2) : 0;
}

const unsigned char *hello_in_flight(
	const unsigned char *flight, size_t len, size_t *ret_len, size_t *ret_record)
{
	const size_t headers = RECORD_HEADER + HANDSHAKE_HEADER;

	if (len < headers || flight[0] != 22 || flight[RECORD_HEADER] != 1)
		return NULL;
	*ret_record = RECORD_HEADER + number(flight + 3, 2);
	*ret_len = number(flight + RECORD_HEADER + 1, 3);
	return headers + *ret_len == *ret_record && *ret_record <= len ? flight + headers : NULL;
}
