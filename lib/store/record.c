/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/record.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <nettle/hmac.h>

#include "base/bytes.h"

#define TICKET_VERSION 1
/* Version 1 has no time that a server took. It is written where there is none, for libraries that know no other. */
#define PATH_VERSION 2

/* The bytes of a ticket's record without its host, verified name, protocol and blob. */
#define TICKET_FIXED 44

/* Those of a path's without its host, the identities of failed destinations, and the time its server took. */
#define PATH_FIXED 80

/*
 * A pass over the fields of a record. With a writer it writes each field as it is, without one it reads the field
 * and returns the new value. One list of fields serves both, so that what is written is what is read.
 */
struct pass {
	struct writer *writer; /* NULL: the pass reads */
	struct bytes bytes;    /* what is read, or is not yet */
};

static uint64_t pass_number(struct pass *pass, uint64_t number, size_t width)
{
	if (pass->writer == NULL)
		return bytes_number(&pass->bytes, width);
	writer_number(pass->writer, number, width);
	return number;
}

static bool pass_flag(struct pass *pass, bool flag)
{
	uint64_t number = pass_number(pass, flag, 1);

	pass->bytes.failed = pass->bytes.failed || number > 1;
	return number == 1;
}

/* A time is at most half of what there is, so that the sum of two is a time, too. */
static int64_t pass_time(struct pass *pass, int64_t time)
{
	uint64_t number = pass_number(pass, (uint64_t)time, 8);

	pass->bytes.failed = pass->bytes.failed || number > INT64_MAX / 2;
	return (int64_t)(number & (INT64_MAX / 2));
}

/* A vector with its length in @width bytes; what is read is a view. */
static struct bytes pass_vector(struct pass *pass, const void *data, size_t len, size_t width)
{
	if (pass->writer == NULL)
		return bytes_vector(&pass->bytes, width);
	writer_vector(pass->writer, data, len, width);
	return bytes_of(data, len);
}

/* A string of at most 255 bytes. A NUL inside makes the record a bad one. */
static void pass_name(struct pass *pass, char name[static RECORD_NAME_MAX + 1])
{
	struct bytes text = pass_vector(pass, name, strlen(name), 1);

	if (text.len > 0) {
		pass->bytes.failed = pass->bytes.failed || memchr(text.at, '\0', text.len) != NULL;
		memmove(name, text.at, text.len);
	}
	name[text.len] = '\0';
}

static void pass_ticket(struct pass *pass, struct record *record)
{
	struct ticket *ticket = &record->ticket;

	pass_name(pass, record->host);
	record->address.port = (uint16_t)pass_number(pass, record->address.port, 2);
	record->is_verified = pass_flag(pass, record->is_verified);
	pass_name(pass, record->verified);
	ticket->tls_version = (uint16_t)pass_number(pass, ticket->tls_version, 2);
	ticket->group = (uint16_t)pass_number(pass, ticket->group, 2);
	ticket->max_early_data = (uint32_t)pass_number(pass, ticket->max_early_data, 4);
	ticket->received = pass_time(pass, ticket->received);
	ticket->expires = pass_time(pass, ticket->expires);
	ticket->full_handshake = pass_time(pass, ticket->full_handshake);
	struct bytes alpn = pass_vector(pass, ticket->alpn, ticket->alpn_len, 1);
	struct bytes blob = pass_vector(pass, ticket->blob, ticket->blob_len, 4);

	if (alpn.len > 0)
		memmove(ticket->alpn, alpn.at, alpn.len);
	ticket->alpn_len = alpn.len;
	/* A view; struct ticket is for those who may write, too. */
	ticket->blob = (unsigned char *)(uintptr_t)blob.at;
	ticket->blob_len = blob.len;
	record->written = ticket->received;
	record->expires = ticket->expires;
	if (blob.len == 0 || blob.len > TICKET_BLOB_MAX ||
		(!record->is_verified && record->verified[0] != '\0'))
		pass->bytes.failed = true;
}

static void pass_address(struct pass *pass, struct path_address *address)
{
	address->family = (unsigned char)pass_number(pass, address->family, 1);
	for (size_t i = 0; i < sizeof(address->bytes); i++)
		address->bytes[i] = (unsigned char)pass_number(pass, address->bytes[i], 1);
	address->scope = (uint32_t)pass_number(pass, address->scope, 4);
	address->port = (uint16_t)pass_number(pass, address->port, 2);
	if (address->family != 4 && address->family != 6)
		pass->bytes.failed = true;
}

static void pass_path(struct pass *pass, struct record *record, uint64_t version)
{
	struct path_network *failing = &record->failing;
	struct path_state *state = &failing->state;

	pass_name(pass, record->host);
	pass_address(pass, &record->address);
	record->written = pass_time(pass, record->written);
	record->expires = pass_time(pass, record->expires);
	state->failures = (uint32_t)pass_number(pass, state->failures, 4);
	state->failed = pass_time(pass, state->failed);
	state->until = pass_time(pass, state->until);
	state->probing = pass_time(pass, state->probing);
	struct bytes ids = pass_vector(pass, failing->failed, failing->count * PATH_ID_SIZE, 1);
	bool rtt_known = pass_flag(pass, record->rtt_us >= 0);
	int64_t rtt_us = pass_time(pass, rtt_known ? record->rtt_us : 0);

	record->rtt_us = rtt_known ? rtt_us : -1;
	if (version > 1)
		record->think_us = pass_time(pass, record->think_us);
	failing->count = (unsigned char)(ids.len / PATH_ID_SIZE);
	/* As many as PATH_DIFFERENT have made a pause: one more would have no place. */
	if (ids.len % PATH_ID_SIZE != 0 || failing->count > PATH_DIFFERENT ||
		(failing->count == PATH_DIFFERENT && state->failures == 0))
		pass->bytes.failed = true;
	else if (ids.len > 0)
		memmove(failing->failed, ids.at, ids.len);
}

static void pass_record(struct pass *pass, struct record *record)
{
	uint64_t kind = pass_number(pass, (uint64_t)record->kind, 1);
	uint64_t version = pass_number(pass, record->think_us > 0 ? PATH_VERSION : 1, 1);

	record->kind = (enum record_kind)kind;
	if (kind == RECORD_TICKET && version == TICKET_VERSION)
		pass_ticket(pass, record);
	else if (kind >= RECORD_PATH && kind <= RECORD_HOST && version >= 1 &&
		 version <= PATH_VERSION)
		pass_path(pass, record, version);
	else
		pass->bytes.failed = true;
}

bool record_read(struct bytes bytes, struct record *ret_record)
{
	struct pass pass = {.bytes = bytes};

	*ret_record = (struct record){0};
	pass_record(&pass, ret_record);
	return !pass.bytes.failed && pass.bytes.len == 0;
}

bool record_of_ticket(
	const struct peer *peer, const struct ticket *ticket, struct record *ret_record)
{
	const char *verified = peer->verified != NULL ? peer->verified : "";

	if (peer->host == NULL || strlen(peer->host) > RECORD_NAME_MAX ||
		strlen(verified) > RECORD_NAME_MAX || ticket->alpn_len > TICKET_ALPN_MAX ||
		ticket->blob == NULL || ticket->blob_len == 0 ||
		ticket->blob_len > TICKET_BLOB_MAX || ticket->received < 0 || ticket->expires < 0 ||
		ticket->full_handshake < 0)
		return false;
	*ret_record = (struct record){.kind = RECORD_TICKET,
		.address.port = peer->port,
		.written = ticket->received,
		.expires = ticket->expires,
		.is_verified = peer->verified != NULL,
		.ticket = *ticket};
	strcpy(ret_record->host, peer->host);
	strcpy(ret_record->verified, verified);
	return true;
}

bool record_pack(const struct record *record, struct content *ret_content)
{
	const struct ticket *ticket = &record->ticket;
	struct record copy = *record;
	size_t size = strlen(record->host);
	struct writer writer;
	struct pass pass = {.writer = &writer};

	if (record->kind == RECORD_TICKET)
		size += TICKET_FIXED + strlen(record->verified) + ticket->alpn_len +
			ticket->blob_len;
	else
		size += PATH_FIXED + (size_t)record->failing.count * PATH_ID_SIZE +
			(record->think_us > 0 ? 8 : 0);
	if (!content_new(size, ret_content))
		return false;
	writer_init(&writer, ret_content->data + SEAL_HEAD, size);
	pass_record(&pass, &copy);
	return true;
}

bool record_unpack(struct content *content, struct record *ret_record)
{
	struct ticket *ticket = &ret_record->ticket;
	bool whole = record_read(content->record, ret_record);

	if (!whole || ret_record->kind != RECORD_TICKET) {
		content_clear(content);
		return whole;
	}
	/* The blob takes over the memory; the rest is wiped. */
	memmove(content->data, ticket->blob, ticket->blob_len);
	wipe(content->data + ticket->blob_len, content->size - ticket->blob_len);
	ticket->blob = content->data;
	*content = (struct content){0};
	return true;
}

void ticket_clear(struct ticket *ticket)
{
	wipe_free(ticket->blob, ticket->blob_len);
	*ticket = (struct ticket){0};
}

/* The label tells the two uses of the store's key from each other and from sealing. */
static void begin_key(struct hmac_sha256_ctx *mac, const unsigned char *key, const char *label)
{
	hmac_sha256_set_key(mac, SEAL_KEY_SIZE, key);
	hmac_sha256_update(mac, strlen(label) + 1, (const uint8_t *)label);
}

static struct entry_key end_key(struct hmac_sha256_ctx *mac)
{
	struct entry_key key;

	hmac_sha256_digest(mac, sizeof(key.bytes), key.bytes);
	wipe(mac, sizeof(*mac));
	return key;
}

static void add_number(struct hmac_sha256_ctx *mac, uint64_t number)
{
	const uint64_t digits = htobe64(number);

	hmac_sha256_update(mac, sizeof(digits), (const uint8_t *)&digits);
}

/* Fields are told apart by their lengths; no string and an empty one are two things. */
static void add_string(struct hmac_sha256_ctx *mac, const char *string)
{
	const size_t len = string != NULL ? strlen(string) : 0;

	add_number(mac, string != NULL);
	add_number(mac, len);
	hmac_sha256_update(mac, len, (const uint8_t *)string);
}

struct entry_key peer_key(const unsigned char key[static SEAL_KEY_SIZE], const struct peer *peer)
{
	struct hmac_sha256_ctx mac;

	begin_key(&mac, key, "tlsfo peer 1");
	add_string(&mac, peer->host);
	add_number(&mac, peer->port);
	add_string(&mac, peer->servername);
	add_string(&mac, peer->verified);
	add_number(&mac, peer->alpn_count);
	for (size_t i = 0; i < peer->alpn_count; i++)
		add_string(&mac, peer->alpn[i]);
	add_string(&mac, peer->priority);
	hmac_sha256_update(&mac, sizeof(peer->trust), peer->trust);
	hmac_sha256_update(&mac, sizeof(peer->identity), peer->identity);
	hmac_sha256_update(&mac, sizeof(peer->policy), peer->policy);
	add_string(&mac, peer->tls_library);
	return end_key(&mac);
}

struct entry_key record_key(
	const unsigned char key[static SEAL_KEY_SIZE], const struct record *record)
{
	unsigned char about[RECORD_PATH_MAX];
	struct path_address address = record->address;
	struct hmac_sha256_ctx mac;
	struct writer writer;
	struct pass pass = {.writer = &writer};

	writer_init(&writer, about, sizeof(about));
	writer_number(&writer, (uint64_t)record->kind, 1);
	if (record->kind != RECORD_HOST)
		pass_address(&pass, &address);
	else
		writer_number(&writer, address.port, 2);
	/* Letters of either case are the same host. */
	for (const char *at = record->host; record->kind == RECORD_HOST && *at != '\0'; at++)
		writer_number(
			&writer, (unsigned char)(*at >= 'A' && *at <= 'Z' ? *at | 0x20 : *at), 1);
	begin_key(&mac, key, "tlsfo path 1");
	hmac_sha256_update(&mac, writer.len, about);
	return end_key(&mac);
}

void record_print(const struct record *record, char ret_text[static RECORD_TEXT_SIZE])
{
	const struct path_address *address = &record->address;
	bool is_ip4 = address->family == 4;
	char ip[INET6_ADDRSTRLEN] = "";
	char scope[16] = "";
	const char *prefix = "";

	inet_ntop(is_ip4 ? AF_INET : AF_INET6, address->bytes, ip, sizeof(ip));
	if (address->scope != 0)
		snprintf(scope, sizeof(scope), "%%%u", (unsigned int)address->scope);
	if (record->kind == RECORD_NETWORK)
		prefix = is_ip4 ? "/24" : "/64";
	snprintf(ret_text, RECORD_TEXT_SIZE, "%s%s%s", ip, scope, prefix);
}

bool record_is_of(const struct record *record, const char *host, unsigned int port)
{
	char text[RECORD_TEXT_SIZE];

	if (port != 0 && record->address.port != port)
		return false;
	/* A network has no host. */
	if (record->host[0] != '\0' && strcasecmp(record->host, host) == 0)
		return true;
	/* A host is more than the address that it answered from last. */
	if (record->kind == RECORD_TICKET || record->kind == RECORD_HOST)
		return false;
	record_print(record, text);
	return strcasecmp(text, host) == 0;
}
