/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_TLS_RECORDS_H
#define TLSFO_LAB_TLS_RECORDS_H

/*
 * The TLS records in one direction of a connection, read from the bytes of its TCP stream. Pure:
 * nothing is decrypted, nothing but the outside of each record and plain handshake messages is
 * read.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Record types (RFC 8446 section 5.1). */
enum tls_type {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION_DATA = 23,
};

/* Handshake messages (RFC 8446 section 4, RFC 5246 section 7.4) that are told apart here. */
enum tls_message {
	TLS_UNKNOWN_MESSAGE = 0, /* encrypted, or not a handshake record */
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_NEW_SESSION_TICKET = 4,
	TLS_CERTIFICATE = 11,
	TLS_SERVER_KEY_EXCHANGE = 12,
	TLS_CERTIFICATE_REQUEST = 13,
	TLS_SERVER_HELLO_DONE = 14,
	TLS_CERTIFICATE_VERIFY = 15,
	TLS_CLIENT_KEY_EXCHANGE = 16,
	TLS_FINISHED = 20,
	TLS_CERTIFICATE_STATUS = 22,
	TLS_HELLO_RETRY_REQUEST = 256, /* a ServerHello with the random of RFC 8446 4.1.3 */
};

struct tls_record {
	uint64_t offset;      /* of the record header in the stream */
	size_t length;	      /* with the five bytes of header */
	uint8_t type;	      /* enum tls_type */
	uint16_t message;     /* enum tls_message of the first message inside */
	bool tls13;	      /* ServerHello: supported_versions says 0x0304 */
	bool takes_ticket;    /* ServerHello: pre_shared_key */
	bool has_ticket;      /* ClientHello: pre_shared_key or a non-empty session_ticket */
	bool asks_early_data; /* ClientHello: early_data */
};

/*
 * Reads the records from the start of a stream of `length` bytes. A last record may be cut short;
 * its length is what its header says. Reading ends at the first bytes that are no TLS record
 * header.
 *
 * Writes up to `room` records and returns how many there are in all; `records` may be NULL with
 * room 0, to count.
 */
size_t tls_read_records(
	const uint8_t *stream, size_t length, struct tls_record *ret_records, size_t room);

/* "ClientHello", "application data", … of the record; a constant string. */
const char *tls_record_name(const struct tls_record *record);

#endif
