/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path_record.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <nettle/hmac.h>

#include "base/wipe.h"

#define PATH_VERSION 1

/* Tells this use of the store's key from the naming of tickets and the sealing of files. */
static const char label[] = "tlsfo path 1";

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
	writer_number(writer, PATH_VERSION, 1);
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
}

static void read_time(struct bytes *bytes, int64_t *ret_time)
{
	uint64_t time = bytes_number(bytes, 8);

	if (time > INT64_MAX / 2)
		bytes->failed = true;
	*ret_time = (int64_t)(time & (INT64_MAX / 2));
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

static void read_host(struct bytes *bytes, char ret_host[static RECORD_NAME_MAX + 1])
{
	struct bytes host = bytes_vector(bytes, 1);

	if (host.len > 0 && memchr(host.at, '\0', host.len) != NULL)
		bytes->failed = true;
	if (host.len > 0)
		memcpy(ret_host, host.at, host.len);
	ret_host[host.len] = '\0';
}

static void read_failing(struct bytes *bytes, struct path_network *ret_failing)
{
	ret_failing->state.failures = (uint32_t)bytes_number(bytes, 4);
	read_time(bytes, &ret_failing->state.failed);
	read_time(bytes, &ret_failing->state.until);
	read_time(bytes, &ret_failing->state.probing);
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
	struct path_record record = {0};

	record.kind = (enum record_kind)bytes_number(&bytes, 1);
	if (record.kind != RECORD_PATH && record.kind != RECORD_NETWORK &&
		record.kind != RECORD_HOST)
		return false;
	if (bytes_number(&bytes, 1) != PATH_VERSION)
		return false;
	read_host(&bytes, record.host);
	read_address(&bytes, &record.address);
	read_time(&bytes, &record.written);
	read_time(&bytes, &record.expires);
	read_failing(&bytes, &record.failing);
	bool rtt_known = bytes_number(&bytes, 1) != 0;

	read_time(&bytes, &record.rtt_us);
	record.rtt_us = rtt_known ? record.rtt_us : -1;
	if (bytes.failed || bytes.len > 0)
		return false;
	*ret_record = record;
	return true;
}

/* Letters of either case are the same host. */
static void add_host(struct writer *writer, const char *host)
{
	for (; *host != '\0'; host++)
		writer_number(writer,
			(uint64_t)(*host >= 'A' && *host <= 'Z' ? *host - 'A' + 'a' : *host) & 0xff,
			1);
}

void path_key_make(const unsigned char key[static 32], const struct path_record *record,
	struct peer_key *ret_key)
{
	unsigned char about[PATH_RECORD_MAX];
	struct hmac_sha256_ctx mac;
	struct writer writer;

	writer_init(&writer, about, sizeof(about));
	writer_number(&writer, (uint64_t)record->kind, 1);
	if (record->kind == RECORD_HOST) {
		writer_number(&writer, record->address.port, 2);
		add_host(&writer, record->host);
	} else {
		write_address(&writer, &record->address);
	}
	hmac_sha256_set_key(&mac, 32, key);
	hmac_sha256_update(&mac, sizeof(label), (const uint8_t *)label);
	hmac_sha256_update(&mac, writer.len, about);
	hmac_sha256_digest(&mac, sizeof(ret_key->bytes), ret_key->bytes);
	wipe(&mac, sizeof(mac));
}

void path_record_print(const struct path_record *record, char ret_text[static PATH_TEXT_SIZE])
{
	const struct path_address *address = &record->address;
	bool is_ip4 = address->family == 4;
	char ip[INET6_ADDRSTRLEN] = "";
	char scope[16] = "";
	const char *length = "";

	inet_ntop(is_ip4 ? AF_INET : AF_INET6, address->bytes, ip, sizeof(ip));
	if (address->scope != 0)
		snprintf(scope, sizeof(scope), "%%%u", (unsigned int)address->scope);
	if (record->kind == RECORD_NETWORK)
		length = is_ip4 ? "/24" : "/64";
	snprintf(ret_text, PATH_TEXT_SIZE, "%s%s%s", ip, scope, length);
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
