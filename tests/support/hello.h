/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_HELLO_H
#define SUPPORT_HELLO_H

/* What a ClientHello says (RFC 8446 §4.1.2), read without tlsfo. Bodies come without the four bytes
 * of the handshake's header. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HELLO_SERVER_NAME = 0,
	HELLO_PRE_SHARED_KEY = 41,
	HELLO_EARLY_DATA = 42,
	HELLO_KEY_SHARE = 51
};

/* SHA-256 of a ticket: its identity in what tests record. */
#define HELLO_TICKET_SIZE 32

/* The body of an extension, or NULL. */
const unsigned char *hello_extension(
	const unsigned char *body, size_t len, unsigned int type, size_t *ret_len);

/* The identity of the first ticket that is offered; false and zeros when there is none. */
bool hello_ticket(
	const unsigned char *body, size_t len, unsigned char ret_ticket[HELLO_TICKET_SIZE]);

/* The group of the first key share (IANA number), or 0. */
unsigned int hello_group(const unsigned char *body, size_t len);

/* The body of a ClientHello at the beginning of a flight, or NULL; @ret_record is the length of its
 * record with header. */
const unsigned char *hello_in_flight(
	const unsigned char *flight, size_t len, size_t *ret_len, size_t *ret_record);

#endif
