/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/record.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <nettle/hmac.h>

#include "base/wipe.h"

#define TICKET_VERSION 1
/* Version 1 has no time that a server took. It is written where there is none, for libraries that know no other. */
#define PATH_VERSION 2

/* A ticket's kind, version and fields of fixed size, the lengths of the others. */
#define TICKET_FIXED 64

/* These tell the two uses of the store's key from each other and from sealing. */
static const char peer_label[] = "tlsfo peer 1";
static const char path_label[] = "tlsfo path 1";

void ticket_clear(struct ticket *ticket)
{
	wipe_free(ticket->blob, ticket->blob_len);
	*ticket = (struct ticket){0};
}

static size_t length(const char *string)
{
	return string != NULL ? strlen(string) : 0;
}

bool record_ticket_fits(const struct peer *peer, const struct ticket *ticket)
{
	return peer->host != NULL && strlen(peer->host) <= RECORD_NAME_MAX &&
	       length(peer->verified) <= RECORD_NAME_MAX && ticket->alpn_len <= TICKET_ALPN_MAX &&
	       ticket->blob != NULL && ticket->blob_len > 0 &&
	       ticket->blob_len <= TICKET_BLOB_MAX && ticket->received >= 0 &&
	       ticket->expires >= 0 && ticket->full_handshake >= 0;
}

size_t record_ticket_size(const struct peer *peer, const struct ticket *ticket)
{
	return TICKET_FIXED + strlen(peer->host) + length(peer->verified) + ticket->alpn_len +
	       ticket->blob_len;
}

void record_ticket_write(
	struct writer *writer, const struct peer *peer, const struct ticket *ticket)
{
	writer_number(writer, RECORD_TICKET, 1);
	writer_number(writer, TICKET_VERSION, 1);
	writer_vector(writer, peer->host, strlen(peer->host), 1);
	writer_number(writer, peer->port, 2);
	writer_number(writer, peer->verified != NULL, 1);
	writer_vector(writer, peer->verified, length(peer->verified), 1);
	writer_number(writer, ticket->tls_version, 2);
	writer_number(writer, ticket->group, 2);
	writer_number(writer, ticket->max_early_data, 4);
	writer_number(writer, (uint64_t)ticket->received, 8);
	writer_number(writer, (uint64_t)ticket->expires, 8);
	writer_number(writer, (uint64_t)ticket->full_handshake, 8);
	writer_vector(writer, ticket->alpn, ticket->alpn_len, 1);
	writer_vector(writer, ticket->blob, ticket->blob_len, 4);
}

static void write_address(struct writer *writer, const struct path_address *address)
{
	writer_number(writer, address->family, 1);
	writer_bytes(writer, address->bytes, sizeof(address->bytes));
	writer_number(writer, address->scope, 4);
	writer_number(writer, address->port, 2);
}

void path_record_write(struct writer *writer, const struct path_record *record)
{
	const struct path_network *failing = &record->failing;

	writer_number(writer, (uint64_t)record->kind, 1);
	writer_number(writer, record->think_us > 0 ? PATH_VERSION : 1, 1);
	writer_vector(writer, record->host, strlen(record->host), 1);
	write_address(writer, &record->address);
	writer_number(writer, (uint64_t)record->written, 8);
	writer_number(writer, (uint64_t)record->expires, 8);
	writer_number(writer, failing->state.failures, 4);
	writer_number(writer, (uint64_t)failing->state.failed, 8);
	writer_number(writer, (uint64_t)failing->state.until, 8);
	writer_number(writer, (uint64_t)failing->state.probing, 8);
	writer_vector(writer, failing->failed, (size_t)failing->count * PATH_ID_SIZE, 1);
	writer_number(writer, record->rtt_us >= 0, 1);
	writer_number(writer, record->rtt_us >= 0 ? (uint64_t)record->rtt_us : 0, 8);
	if (record->think_us > 0)
		writer_number(writer, (uint64_t)record->think_us, 8);
}

/* A vector of at most 255 bytes as a string; a NUL inside makes the record a bad one. */
static void read_name(struct bytes *record, char ret_name[static RECORD_NAME_MAX + 1])
{
	struct bytes name = bytes_vector(record, 1);

	if (name.len > 0 && memchr(name.at, '\0', name.len) != NULL)
		record->failed = true;
	if (name.len > 0)
		memcpy(ret_name, name.at, name.len);
	ret_name[name.len] = '\0';
}

static bool read_flag(struct bytes *record)
{
	uint64_t flag = bytes_number(record, 1);

	if (flag > 1)
		record->failed = true;
	return flag == 1;
}

/* Half of what there is, so that the sum of two is a time, too. */
static int64_t read_time(struct bytes *record)
{
	uint64_t time = bytes_number(record, 8);

	if (time > INT64_MAX / 2)
		record->failed = true;
	return (int64_t)(time & (INT64_MAX / 2));
}

static void read_ticket(struct bytes *record, struct ticket *ret_ticket)
{
	ret_ticket->tls_version = (uint16_t)bytes_number(record, 2);
	ret_ticket->group = (uint16_t)bytes_number(record, 2);
	ret_ticket->max_early_data = (uint32_t)bytes_number(record, 4);
	ret_ticket->received = read_time(record);
	ret_ticket->expires = read_time(record);
	ret_ticket->full_handshake = read_time(record);

	struct bytes alpn = bytes_vector(record, 1);
	struct bytes blob = bytes_vector(record, 4);

	if (alpn.len > 0)
		memcpy(ret_ticket->alpn, alpn.at, alpn.len);
	ret_ticket->alpn_len = alpn.len;
	/* A view; struct ticket is for those who may write, too. */
	ret_ticket->blob = (unsigned char *)(uintptr_t)blob.at;
	ret_ticket->blob_len = blob.len;
	if (blob.len == 0 || blob.len > TICKET_BLOB_MAX)
		record->failed = true;
}

bool record_ticket_read(struct bytes record, struct record_ticket *ret_ticket)
{
	if (bytes_number(&record, 1) != RECORD_TICKET || bytes_number(&record, 1) != TICKET_VERSION)
		return false;
	read_name(&record, ret_ticket->host);
	ret_ticket->port = (uint16_t)bytes_number(&record, 2);
	ret_ticket->is_verified = read_flag(&record);
	read_name(&record, ret_ticket->verified);
	if (!ret_ticket->is_verified && ret_ticket->verified[0] != '\0')
		return false;
	read_ticket(&record, &ret_ticket->ticket);
	return !record.failed && record.len == 0;
}

static void read_address(struct bytes *bytes, struct path_address *ret_address)
{
	ret_address->family = (unsigned char)bytes_number(bytes, 1);
	struct bytes digits = bytes_take(bytes, sizeof(ret_address->bytes));

	if (digits.len > 0)
		memcpy(ret_address->bytes, digits.at, digits.len);
	ret_address->scope = (uint32_t)bytes_number(bytes, 4);
	ret_address->port = (uint16_t)bytes_number(bytes, 2);
	if (ret_address->family != 4 && ret_address->family != 6)
		bytes->failed = true;
}

static void read_failing(struct bytes *bytes, struct path_network *ret_failing)
{
	ret_failing->state.failures = (uint32_t)bytes_number(bytes, 4);
	ret_failing->state.failed = read_time(bytes);
	ret_failing->state.until = read_time(bytes);
	ret_failing->state.probing = read_time(bytes);
	struct bytes failed = bytes_vector(bytes, 1);

	if (failed.len > sizeof(ret_failing->failed) || failed.len % PATH_ID_SIZE != 0) {
		bytes->failed = true;
		return;
	}
	if (failed.len > 0)
		memcpy(ret_failing->failed, failed.at, failed.len);
	ret_failing->count = (unsigned char)(failed.len / PATH_ID_SIZE);
	/* As many as this pause the network: one more would have no place. */
	if (ret_failing->count == PATH_DIFFERENT && ret_failing->state.failures == 0)
		bytes->failed = true;
}

bool path_record_read(struct bytes bytes, struct path_record *ret_record)
{
	struct path_record record = {.kind = (enum record_kind)bytes_number(&bytes, 1)};

	if (record.kind != RECORD_PATH && record.kind != RECORD_NETWORK &&
		record.kind != RECORD_HOST)
		return false;
	uint64_t version = bytes_number(&bytes, 1);

	if (version == 0 || version > PATH_VERSION)
		return false;
	read_name(&bytes, record.host);
	read_address(&bytes, &record.address);
	record.written = read_time(&bytes);
	record.expires = read_time(&bytes);
	read_failing(&bytes, &record.failing);
	bool rtt_known = read_flag(&bytes);

	record.rtt_us = read_time(&bytes);
	if (!rtt_known)
		record.rtt_us = -1;
	record.think_us = version > 1 ? read_time(&bytes) : 0;
	if (bytes.failed || bytes.len > 0)
		return false;
	*ret_record = record;
	return true;
}

static void begin_key(struct hmac_sha256_ctx *mac, const unsigned char *key, const char *label)
{
	hmac_sha256_set_key(mac, RECORD_KEY_SIZE, key);
	hmac_sha256_update(mac, strlen(label) + 1, (const uint8_t *)label);
}

static void end_key(struct hmac_sha256_ctx *mac, struct name_key *ret_key)
{
	hmac_sha256_digest(mac, sizeof(ret_key->bytes), ret_key->bytes);
	wipe(mac, sizeof(*mac));
}

static void add_number(struct hmac_sha256_ctx *mac, uint64_t number)
{
	const uint64_t digits = htobe64(number);

	hmac_sha256_update(mac, sizeof(digits), (const uint8_t *)&digits);
}

/* Fields are told apart by their lengths; no string and an empty one are two things. */
static void add_string(struct hmac_sha256_ctx *mac, const char *string)
{
	const size_t len = length(string);
	const uint64_t head[2] = {htobe64(string != NULL), htobe64(len)};

	hmac_sha256_update(mac, sizeof(head), (const uint8_t *)head);
	hmac_sha256_update(mac, len, (const uint8_t *)string);
}

void peer_key_make(const unsigned char key[static RECORD_KEY_SIZE], const struct peer *peer,
	struct name_key *ret_key)
{
	struct hmac_sha256_ctx mac;

	begin_key(&mac, key, peer_label);
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
	end_key(&mac, ret_key);
}

void path_key_make(const unsigned char key[static RECORD_KEY_SIZE],
	const struct path_record *record, struct name_key *ret_key)
{
	unsigned char about[PATH_RECORD_MAX];
	struct hmac_sha256_ctx mac;
	struct writer writer;

	writer_init(&writer, about, sizeof(about));
	writer_number(&writer, (uint64_t)record->kind, 1);
	if (record->kind != RECORD_HOST)
		write_address(&writer, &record->address);
	else
		writer_number(&writer, record->address.port, 2);
	/* Letters of either case are the same host. */
	for (const char *at = record->host; record->kind == RECORD_HOST && *at != '\0'; at++)
		writer_number(
			&writer, (unsigned char)(*at >= 'A' && *at <= 'Z' ? *at | 0x20 : *at), 1);
	begin_key(&mac, key, path_label);
	hmac_sha256_update(&mac, writer.len, about);
	end_key(&mac, ret_key);
}

void path_record_print(const struct path_record *record, char ret_text[static PATH_TEXT_SIZE])
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
	snprintf(ret_text, PATH_TEXT_SIZE, "%s%s%s", ip, scope, prefix);
}

bool path_record_is_of(const struct path_record *record, const char *host, unsigned int port)
{
	char text[PATH_TEXT_SIZE];

	if (port != 0 && record->address.port != port)
		return false;
	/* A network has no host. */
	if (record->host[0] != '\0' && strcasecmp(record->host, host) == 0)
		return true;
	/* A host is more than the address that it answered from last. */
	if (record->kind == RECORD_HOST)
		return false;
	path_record_print(record, text);
	return strcasecmp(text, host) == 0;
}
