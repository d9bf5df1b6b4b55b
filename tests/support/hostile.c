/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/hostile.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "support/suite.h"
#include "support/way.h"

#define HEADER	   5
#define TAG_MAX	   16
#define RECORD_MAX (1 << 14)

/* RFC 8446 §5.1, §4. */
#define ALERT		 21
#define HANDSHAKE	 22
#define APPLICATION_DATA 23
#define TICKET		 4

/* ------------------------------------------------------------------------------- records -- */

static bool write_all(int fd, const void *data, size_t len)
{
	const unsigned char *at = data;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

void hostile_records_begin(struct hostile_records *records, struct peer_conn *conn)
{
	static gnutls_aead_cipher_hd_t last; /* of the connection before */
	gnutls_datum_t iv;
	gnutls_datum_t key;
	unsigned char sequence[8];
	int ret = gnutls_record_get_state(conn->session, 0, NULL, &iv, &key, sequence);

	if (ret == 0)
		ret = gnutls_aead_cipher_init(
			&records->cipher, gnutls_cipher_get(conn->session), &key);
	if (ret != 0 || iv.size != sizeof(records->iv))
		peer_fail("the keys of the records", ret);
	if (last != NULL)
		gnutls_aead_cipher_deinit(last);
	last = records->cipher;
	records->fd = conn->fd;
	records->tag = gnutls_cipher_get_tag_size(gnutls_cipher_get(conn->session));
	records->sequence = 0;
	memcpy(records->iv, iv.data, iv.size);
	for (size_t i = 0; i < sizeof(sequence); i++)
		records->sequence = records->sequence << 8 | sequence[i];
}

bool hostile_record_send(struct hostile_records *records, unsigned int type, const void *content,
	size_t len, size_t padding)
{
	static unsigned char inner[RECORD_MAX + 1];
	static unsigned char record[HEADER + RECORD_MAX + 1 + TAG_MAX];
	unsigned char nonce[12];
	size_t inner_len = len + 1 + padding;
	size_t sealed = sizeof(record) - HEADER;

	memset(inner, 0, inner_len);
	if (len > 0)
		memcpy(inner, content, len);
	inner[len] = (unsigned char)type;
	memcpy(nonce, records->iv, sizeof(nonce));
	for (size_t i = 0; i < 8; i++)
		nonce[11 - i] ^= (unsigned char)(records->sequence >> (8 * i));
	records->sequence++;
	record[0] = APPLICATION_DATA;
	record[1] = 3;
	record[2] = 3;
	record[3] = (unsigned char)((inner_len + records->tag) >> 8);
	record[4] = (unsigned char)(inner_len + records->tag);
	int ret = gnutls_aead_cipher_encrypt(records->cipher, nonce, sizeof(nonce), record, HEADER,
		records->tag, inner, inner_len, record + HEADER, &sealed);
	if (ret != 0)
		peer_fail("sealing a record", ret);
	return write_all(records->fd, record, HEADER + sealed);
}

size_t hostile_ticket_make(unsigned char *ret_message, unsigned int number)
{
	const unsigned char message[] = {
		/* clang-format off */
		TICKET, 0, 0, 22,
		0, 0, 14, 16,				/* ticket_lifetime */
		0, 0, 0, 0,				/* ticket_age_add */
		4,					/* ticket_nonce */
		(unsigned char)(number >> 24), (unsigned char)(number >> 16),
		(unsigned char)(number >> 8), (unsigned char)number,
		0, 5, 't', 'o', 'k', 'e', 'n',		/* ticket */
		0, 0					/* extensions */
		/* clang-format on */
	};

	memcpy(ret_message, message, sizeof(message));
	return sizeof(message);
}

/* ---------------------------------------------------------------------------- behaviours -- */

static void nothing_more(struct peer_conn *conn)
{
	peer_mute(conn);
}

/* As many tickets as there is room for in a record. Returns the length of all. */
static size_t fill_with_tickets(unsigned char content[RECORD_MAX])
{
	size_t len = 0;

	for (unsigned int i = 0; len + HOSTILE_TICKET_MAX < RECORD_MAX; i++)
		len += hostile_ticket_make(content + len, i);
	return len;
}

static void tickets_in_one_record(struct peer_conn *conn)
{
	struct hostile_records records;
	unsigned char content[RECORD_MAX];

	hostile_records_begin(&records, conn);
	hostile_record_send(&records, HANDSHAKE, content, fill_with_tickets(content), 0);
	peer_mute(conn);
}

static void endless_tickets(struct peer_conn *conn)
{
	struct hostile_records records;
	unsigned char content[RECORD_MAX];
	size_t len = fill_with_tickets(content);

	hostile_records_begin(&records, conn);
	while (hostile_record_send(&records, HANDSHAKE, content, len, 0))
		continue;
}

/* GnuTLS's client lets eight a second pass. */
static void endless_key_updates(struct peer_conn *conn)
{
	while (gnutls_session_key_update(conn->session, 0) >= 0)
		poll(NULL, 0, 140);
}

/* Of application data, where they are allowed (RFC 8446 §5.1). */
static void endless_empty_records(struct peer_conn *conn)
{
	struct hostile_records records;

	hostile_records_begin(&records, conn);
	while (hostile_record_send(&records, APPLICATION_DATA, NULL, 0, 0))
		continue;
}

/* A message that is announced as long as it may be, one byte a record. */
static void endless_fragments(struct peer_conn *conn)
{
	static const unsigned char header[] = {TICKET, 1, 0xff, 0xff};
	struct hostile_records records;

	hostile_records_begin(&records, conn);
	for (size_t i = 0; hostile_record_send(
		     &records, HANDSHAKE, i < sizeof(header) ? header + i : header, 1, 0);
		i++)
		continue;
}

/* GnuTLS 3.7.9 to 3.8.13 never comes back from the second record. */
static void empty_record_in_a_message(struct peer_conn *conn)
{
	static const unsigned char beginning[] = {TICKET, 0, 0, 61, 0, 0, 28, 32, 0, 0, 0, 0};
	struct hostile_records records;

	hostile_records_begin(&records, conn);
	hostile_record_send(&records, HANDSHAKE, beginning, sizeof(beginning), 0);
	hostile_record_send(&records, HANDSHAKE, NULL, 0, 0);
	peer_mute(conn);
}

/* The same with padding, which hides its length. */
static void padded_record_in_a_message(struct peer_conn *conn)
{
	static const unsigned char beginning[] = {TICKET, 0, 0, 61, 0, 0, 28, 32, 0, 0, 0, 0};
	struct hostile_records records;

	hostile_records_begin(&records, conn);
	hostile_record_send(&records, HANDSHAKE, beginning, sizeof(beginning), 100);
	hostile_record_send(&records, HANDSHAKE, NULL, 0, 5000);
	peer_mute(conn);
}

/* Each costs its receiver 4 KB that GnuTLS keeps. */
static void endless_empty_handshake_records(struct peer_conn *conn)
{
	struct hostile_records records;

	hostile_records_begin(&records, conn);
	while (hostile_record_send(&records, HANDSHAKE, NULL, 0, 0))
		continue;
}

/* An honest server may do that too: a ticket in pieces of one byte, padded, then data, with other records
 * without data between. */
static void ticket_in_pieces(struct peer_conn *conn)
{
	struct hostile_records records;
	unsigned char ticket[HOSTILE_TICKET_MAX];
	size_t len = hostile_ticket_make(ticket, 1);

	hostile_records_begin(&records, conn);
	for (size_t i = 0; i < len; i++)
		hostile_record_send(&records, HANDSHAKE, ticket + i, 1, i * 100);
	hostile_record_send(&records, APPLICATION_DATA, NULL, 0, 100);
	/* Data that begins as an empty handshake record does. */
	hostile_record_send(&records, APPLICATION_DATA, "\26\0\0\0", 4, 100);
	peer_mute(conn);
}

/* As servers in Java end a session. */
static void user_canceled(struct peer_conn *conn)
{
	peer_send(conn, "whole", 5);
	gnutls_alert_send(conn->session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

static void endless_data(struct peer_conn *conn)
{
	static const char data[RECORD_MAX];

	while (gnutls_record_send(conn->session, data, sizeof(data)) > 0)
		continue;
}

/* TLS 1.2: the client is asked to negotiate anew, and refuses. */
static void endless_hello_requests(struct peer_conn *conn)
{
	while (gnutls_rehandshake(conn->session) >= 0)
		continue;
}

static void endless_warnings(struct peer_conn *conn)
{
	while (gnutls_alert_send(conn->session, GNUTLS_AL_WARNING, GNUTLS_A_UNRECOGNIZED_NAME) >= 0)
		continue;
}

/* Reads as fast as it can, and says nothing. */
static void endless_reading(struct peer_conn *conn)
{
	static char buf[1 << 20];

	while (recv(conn->fd, buf, sizeof(buf), 0) > 0)
		continue;
}

/* Warnings in place of a ServerHello. */
static void endless_warnings_before_hello(struct peer_conn *conn)
{
	static const unsigned char warning[] = {
		ALERT, 3, 3, 0, 2, GNUTLS_AL_WARNING, GNUTLS_A_UNRECOGNIZED_NAME};

	while (write_all(conn->fd, warning, sizeof(warning)))
		continue;
}

/* A fatal alert in place of a ServerHello, of a number that nobody gave a meaning. */
static void unknown_alert(struct peer_conn *conn)
{
	static const unsigned char alert[] = {ALERT, 3, 3, 0, 2, GNUTLS_AL_FATAL, 200};

	(void)write_all(conn->fd, alert, sizeof(alert));
	peer_mute(conn);
}

/* A handshake that goes on for ever, at a byte a hundredth of a second. */
static ssize_t push_slowly(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	const unsigned char *at = data;
	int fd = (int)(intptr_t)ptr;

	for (size_t i = 0; i < len; i++) {
		if (!write_all(fd, at + i, 1))
			return -1;
		poll(NULL, 0, 10);
	}
	return (ssize_t)len;
}

static void byte_by_byte(struct peer_conn *conn)
{
	gnutls_transport_set_push_function(conn->session, push_slowly);
}

struct behaviour {
	const char *name;
	const char *priority;
	peer_body prepare; /* before the handshake, or NULL */
	peer_body body;
	bool no_tls;
};

static const struct behaviour behaviours[] = {
	{"tickets in one record", WAY_TLS13, NULL, tickets_in_one_record, false},
	{"endless tickets", WAY_TLS13, NULL, endless_tickets, false},
	{"endless key updates", WAY_TLS13, NULL, endless_key_updates, false},
	{"endless empty records", WAY_TLS13, NULL, endless_empty_records, false},
	{"endless fragments", WAY_TLS13, NULL, endless_fragments, false},
	{"empty record in a message", WAY_TLS13, NULL, empty_record_in_a_message, false},
	{"padded record in a message", WAY_TLS13, NULL, padded_record_in_a_message, false},
	{"endless empty handshake records", WAY_TLS13, NULL, endless_empty_handshake_records,
		false},
	{"ticket in pieces", WAY_TLS13, NULL, ticket_in_pieces, false},
	{"user canceled", WAY_TLS13, NULL, user_canceled, false},
	{"user canceled, TLS 1.2", WAY_TLS12, NULL, user_canceled, false},
	{"endless data", WAY_TLS13, NULL, endless_data, false},
	{"endless hello requests", WAY_TLS12, NULL, endless_hello_requests, false},
	{"endless warnings", WAY_TLS12, NULL, endless_warnings, false},
	{"endless reading", WAY_TLS13, NULL, endless_reading, false},
	{"endless warnings before hello", WAY_TLS13, NULL, endless_warnings_before_hello, true},
	{"unknown alert", WAY_TLS13, NULL, unknown_alert, true},
	{"handshake byte by byte", WAY_TLS13, byte_by_byte, nothing_more, false},
};

const char *hostile_name(size_t number)
{
	return number < suite_length(behaviours) ? behaviours[number].name : NULL;
}

static const struct behaviour *find(const char *name)
{
	for (size_t i = 0; i < suite_length(behaviours); i++)
		if (strcmp(behaviours[i].name, name) == 0)
			return &behaviours[i];
	suite_abort("no server behaves so: %s", name);
}

void hostile_start(struct peer *peer, const char *behaviour)
{
	const struct behaviour *found = find(behaviour);
	char priority[128];
	const struct peer_options options = {
		.family = AF_INET,
		.priority = priority,
		.no_tls = found->no_tls,
		.prepare = found->prepare,
	};

	/* Any cipher that a test asks for. */
	snprintf(priority, sizeof(priority), "%s:+AES-128-CCM:+AES-128-CCM-8", found->priority);
	peer_start(peer, &options, found->body);
}

const char *hostile_priority(const char *behaviour)
{
	return find(behaviour)->priority;
}
