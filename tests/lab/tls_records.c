/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls_records.h"

#include <string.h>

enum {
	RECORD_HEADER = 5,
	MESSAGE_HEADER = 4,
	RANDOM = 32,
	/* RFC 8446 section 5.2, and the 2048 of RFC 5246 section 6.2.3. */
	RECORD_MAX = 16384 + 2048,
	EXTENSION_SESSION_TICKET = 35,
	EXTENSION_PRE_SHARED_KEY = 41,
	EXTENSION_EARLY_DATA = 42,
	EXTENSION_SUPPORTED_VERSIONS = 43,
};

/* SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3). */
static const uint8_t retry_random[RANDOM] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe,
	0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/* Bytes still to be read; a read past the end makes it empty and every later read 0. */
struct cursor {
	const uint8_t *at;
	size_t left;
};

static void skip(struct cursor *cursor, size_t count)
{
	if (count > cursor->left)
		count = cursor->left;
	cursor->at += count;
	cursor->left -= count;
}

static size_t take(struct cursor *cursor, size_t count)
{
	size_t value = 0;
	size_t i;

	if (count > cursor->left) {
		cursor->left = 0;
		return 0;
	}
	for (i = 0; i < count; i++)
		value = value << 8 | cursor->at[i];
	skip(cursor, count);
	return value;
}

static void note_extension(
	struct tls_record *record, size_t type, const uint8_t *body, size_t length)
{
	bool client = record->message == TLS_CLIENT_HELLO;

	if (client && type == EXTENSION_PRE_SHARED_KEY)
		record->has_ticket = true;
	if (client && type == EXTENSION_SESSION_TICKET && length > 0)
		record->has_ticket = true;
	if (client && type == EXTENSION_EARLY_DATA)
		record->asks_early_data = true;
	if (!client && type == EXTENSION_PRE_SHARED_KEY)
		record->takes_ticket = true;
	if (!client && type == EXTENSION_SUPPORTED_VERSIONS && length == 2)
		record->tls13 = body[0] == 3 && body[1] == 4;
}

static void read_extensions(struct tls_record *record, struct cursor body)
{
	struct cursor list = {.at = NULL};

	list.left = take(&body, 2);
	if (list.left > body.left)
		list.left = body.left;
	list.at = body.at;
	while (list.left >= 4) {
		size_t type = take(&list, 2);
		size_t length = take(&list, 2);

		if (length > list.left)
			return;
		note_extension(record, type, list.at, length);
		skip(&list, length);
	}
}

static void read_hello(struct tls_record *record, struct cursor body)
{
	skip(&body, MESSAGE_HEADER + 2);
	if (record->message == TLS_SERVER_HELLO && body.left >= RANDOM &&
		memcmp(body.at, retry_random, RANDOM) == 0)
		record->message = TLS_HELLO_RETRY_REQUEST;
	skip(&body, RANDOM);
	skip(&body, take(&body, 1));
	if (record->message == TLS_CLIENT_HELLO) {
		skip(&body, take(&body, 2));
		skip(&body, take(&body, 1));
	} else {
		skip(&body, 3);
	}
	read_extensions(record, body);
}

/* True if the record holds exactly one ClientHello or ServerHello, by type and length. */
static bool is_plain_hello(struct cursor body, size_t record_body)
{
	size_t type = take(&body, 1);

	return (type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO) &&
	       take(&body, 3) == record_body - MESSAGE_HEADER;
}

/*
 * After ChangeCipherSpec a TLS 1.2 handshake record is encrypted, and is the Finished. In TLS 1.3
 * only the second hello after a HelloRetryRequest may follow ChangeCipherSpec as a handshake
 * record.
 */
static void read_message(struct tls_record *record, struct cursor body, bool after_change)
{
	size_t record_body = record->length - RECORD_HEADER;

	if (record->type != TLS_HANDSHAKE || body.left < 1)
		return;

	record->message = body.at[0];
	if (after_change && !is_plain_hello(body, record_body))
		record->message = TLS_FINISHED;
	if (record->message == TLS_CLIENT_HELLO || record->message == TLS_SERVER_HELLO)
		read_hello(record, body);
}

static bool is_header(const uint8_t *header, size_t length)
{
	return header[0] >= TLS_CHANGE_CIPHER_SPEC && header[0] <= TLS_APPLICATION_DATA &&
	       header[1] == 3 && header[2] <= 4 && length > 0 && length <= RECORD_MAX;
}

size_t tls_read_records(
	const uint8_t *stream, size_t length, struct tls_record *ret_records, size_t room)
{
	bool after_change = false;
	size_t count = 0;
	size_t at = 0;

	while (at < length && length - at >= RECORD_HEADER) {
		const uint8_t *header = stream + at;
		size_t body = (size_t)header[3] << 8 | header[4];
		struct tls_record record = {.offset = at, .type = header[0]};
		struct cursor cursor = {.at = header + RECORD_HEADER, .left = body};

		if (!is_header(header, body))
			break;

		if (body > length - at - RECORD_HEADER)
			cursor.left = length - at - RECORD_HEADER;
		record.length = RECORD_HEADER + body;
		read_message(&record, cursor, after_change);
		after_change = after_change || record.type == TLS_CHANGE_CIPHER_SPEC;
		if (count < room)
			ret_records[count] = record;
		count++;
		at += record.length;
	}
	return count;
}

static const char *message_name(uint16_t message)
{
	switch (message) {
	case TLS_CLIENT_HELLO:
		return "ClientHello";
	case TLS_SERVER_HELLO:
		return "ServerHello";
	case TLS_NEW_SESSION_TICKET:
		return "NewSessionTicket";
	case TLS_CERTIFICATE:
		return "Certificate";
	case TLS_SERVER_KEY_EXCHANGE:
		return "ServerKeyExchange";
	case TLS_CERTIFICATE_REQUEST:
		return "CertificateRequest";
	case TLS_SERVER_HELLO_DONE:
		return "ServerHelloDone";
	case TLS_CERTIFICATE_VERIFY:
		return "CertificateVerify";
	case TLS_CLIENT_KEY_EXCHANGE:
		return "ClientKeyExchange";
	case TLS_FINISHED:
		return "Finished";
	case TLS_CERTIFICATE_STATUS:
		return "CertificateStatus";
	case TLS_HELLO_RETRY_REQUEST:
		return "HelloRetryRequest";
	default:
		return "handshake";
	}
}

const char *tls_record_name(const struct tls_record *record)
{
	switch (record->type) {
	case TLS_CHANGE_CIPHER_SPEC:
		return "ChangeCipherSpec";
	case TLS_ALERT:
		return "alert";
	case TLS_HANDSHAKE:
		return message_name(record->message);
	default:
		return "application data";
	}
}
