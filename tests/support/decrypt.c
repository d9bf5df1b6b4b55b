/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/decrypt.h"

#include <stdio.h>
#include <string.h>

#include <nettle/base16.h>
#include <nettle/chacha-poly1305.h>
#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>

#define HEADER	     5
#define NONCE	     12
#define TAG	     16
#define KEY_MAX	     32
#define LINE_MAX_LEN 512

/* HKDF-Expand-Label with an empty context (RFC 8446 §7.1). */
static void expand(
	const struct decrypt_secret *secret, const char *label, unsigned char *ret_key, size_t len)
{
	unsigned char info[64];
	size_t label_len = 6 + strlen(label);
	size_t info_len = 0;

	info[info_len++] = 0;
	info[info_len++] = (unsigned char)len;
	info[info_len++] = (unsigned char)label_len;
	memcpy(info + info_len, "tls13 ", 6);
	memcpy(info + info_len + 6, label, strlen(label));
	info_len += label_len;
	info[info_len++] = 0;
	if (secret->len == 48) {
		struct hmac_sha384_ctx ctx;

		hmac_sha384_set_key(&ctx, secret->len, secret->bytes);
		hkdf_expand(&ctx, (nettle_hash_update_func *)hmac_sha384_update,
			(nettle_hash_digest_func *)hmac_sha384_digest, SHA384_DIGEST_SIZE, info_len,
			info, len, ret_key);
		return;
	}
	struct hmac_sha256_ctx ctx;
	hmac_sha256_set_key(&ctx, secret->len, secret->bytes);
	hkdf_expand(&ctx, (nettle_hash_update_func *)hmac_sha256_update,
		(nettle_hash_digest_func *)hmac_sha256_digest, SHA256_DIGEST_SIZE, info_len, info,
		len, ret_key);
}

static void open_chacha(const unsigned char *key, const unsigned char *nonce,
	const unsigned char *record, size_t len, unsigned char *plain, unsigned char *tag)
{
	struct chacha_poly1305_ctx ctx;

	chacha_poly1305_set_key(&ctx, key);
	chacha_poly1305_set_nonce(&ctx, nonce);
	chacha_poly1305_update(&ctx, HEADER, record);
	chacha_poly1305_decrypt(&ctx, len, plain, record + HEADER);
	chacha_poly1305_digest(&ctx, TAG, tag);
}

static void open_aes256(const unsigned char *key, const unsigned char *nonce,
	const unsigned char *record, size_t len, unsigned char *plain, unsigned char *tag)
{
	struct gcm_aes256_ctx ctx;

	gcm_aes256_set_key(&ctx, key);
	gcm_aes256_set_iv(&ctx, NONCE, nonce);
	gcm_aes256_update(&ctx, HEADER, record);
	gcm_aes256_decrypt(&ctx, len, plain, record + HEADER);
	gcm_aes256_digest(&ctx, TAG, tag);
}

static void open_aes128(const unsigned char *key, const unsigned char *nonce,
	const unsigned char *record, size_t len, unsigned char *plain, unsigned char *tag)
{
	struct gcm_aes128_ctx ctx;

	gcm_aes128_set_key(&ctx, key);
	gcm_aes128_set_iv(&ctx, NONCE, nonce);
	gcm_aes128_update(&ctx, HEADER, record);
	gcm_aes128_decrypt(&ctx, len, plain, record + HEADER);
	gcm_aes128_digest(&ctx, TAG, tag);
}

long decrypt_record(const struct decrypt_secret *secret, uint64_t sequence,
	const unsigned char *record, size_t len, unsigned char *ret_plain, unsigned int *ret_type)
{
	unsigned char key[KEY_MAX];
	unsigned char nonce[NONCE];
	unsigned char tag[TAG];

	if (len <= HEADER + TAG)
		return -1;
	size_t plain_len = len - HEADER - TAG;
	expand(secret, "key", key, secret->len == 48 || secret->chacha ? 32 : 16);
	expand(secret, "iv", nonce, NONCE);
	for (size_t i = 0; i < 8; i++)
		nonce[NONCE - 1 - i] ^= (unsigned char)(sequence >> (8 * i));
	if (secret->len == 48)
		open_aes256(key, nonce, record, plain_len, ret_plain, tag);
	else if (secret->chacha)
		open_chacha(key, nonce, record, plain_len, ret_plain, tag);
	else
		open_aes128(key, nonce, record, plain_len, ret_plain, tag);
	if (memcmp(tag, record + len - TAG, TAG) != 0)
		return -1;
	/* Padding, and before it the type of what is inside. */
	while (plain_len > 0 && ret_plain[plain_len - 1] == 0)
		plain_len--;
	if (plain_len == 0)
		return -1;
	*ret_type = ret_plain[plain_len - 1];
	return (long)plain_len - 1;
}

const unsigned char *decrypt_find_record(
	const unsigned char *flight, size_t len, unsigned int type, size_t *ret_len)
{
	size_t at = 0;

	while (at + HEADER <= len) {
		size_t record = HEADER + ((size_t)flight[at + 3] << 8 | flight[at + 4]);

		if (at + record > len)
			return NULL;
		*ret_len = record;
		if (flight[at] == type)
			return flight + at;
		at += record;
	}
	return NULL;
}

/* "LABEL CLIENTRANDOM SECRET" */
static bool read_line(const char *line, const char *label, struct decrypt_secret *ret_secret)
{
	struct base16_decode_ctx ctx;
	char found[64];
	char random[80];
	char secret[2 * DECRYPT_SECRET_MAX + 1];

	if (sscanf(line, "%63s %79s %96s", found, random, secret) != 3 || strcmp(found, label) != 0)
		return false;
	*ret_secret = (struct decrypt_secret){.len = DECRYPT_SECRET_MAX};
	base16_decode_init(&ctx);
	return base16_decode_update(
		       &ctx, &ret_secret->len, ret_secret->bytes, strlen(secret), secret) != 0 &&
	       base16_decode_final(&ctx) != 0;
}

bool decrypt_find_secret(const char *path, const char *label, struct decrypt_secret *ret_secret)
{
	struct decrypt_secret secret;
	char line[LINE_MAX_LEN];
	bool found = false;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return false;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (!read_line(line, label, &secret))
			continue;
		*ret_secret = secret;
		found = true;
	}
	fclose(file);
	return found;
}
