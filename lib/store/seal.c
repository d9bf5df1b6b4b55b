/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/seal.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/chacha-poly1305.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "base/bytes.h"

#define FORMAT 1

/* Tells this use of the store's key from the naming of files. */
static const char label[] = "tlsfo seal 1";

static void begin(struct chacha_poly1305_ctx *cipher, const unsigned char *key, const char *name,
	const unsigned char *salt)
{
	/* One use a key, so the nonce need not differ. */
	static const uint8_t nonce[CHACHA_POLY1305_NONCE_SIZE];
	struct hmac_sha256_ctx mac;
	uint8_t file_key[CHACHA_POLY1305_KEY_SIZE];

	hmac_sha256_set_key(&mac, SEAL_KEY_SIZE, key);
	hmac_sha256_update(&mac, sizeof(label), (const uint8_t *)label);
	hmac_sha256_update(&mac, SEAL_SALT_SIZE, salt);
	hmac_sha256_digest(&mac, sizeof(file_key), file_key);
	chacha_poly1305_set_key(cipher, file_key);
	chacha_poly1305_set_nonce(cipher, nonce);
	chacha_poly1305_update(cipher, strlen(name), (const uint8_t *)name);
	wipe(&mac, sizeof(mac));
	wipe(file_key, sizeof(file_key));
}

void seal_close(const unsigned char key[static SEAL_KEY_SIZE], const char *name,
	const unsigned char salt[static SEAL_SALT_SIZE], unsigned char *sealed, size_t len)
{
	struct chacha_poly1305_ctx cipher;
	uint8_t *record = sealed + SEAL_HEAD;

	sealed[0] = FORMAT;
	memcpy(sealed + 1, salt, SEAL_SALT_SIZE);
	begin(&cipher, key, name, salt);
	chacha_poly1305_encrypt(&cipher, len, record, record);
	chacha_poly1305_digest(&cipher, CHACHA_POLY1305_DIGEST_SIZE, record + len);
	wipe(&cipher, sizeof(cipher));
}

bool seal_open(const unsigned char key[static SEAL_KEY_SIZE], const char *name,
	unsigned char *sealed, size_t len, struct bytes *ret_record)
{
	struct chacha_poly1305_ctx cipher;
	uint8_t tag[CHACHA_POLY1305_DIGEST_SIZE];

	if (len < SEAL_OVERHEAD || sealed[0] != FORMAT)
		return false;
	uint8_t *record = sealed + SEAL_HEAD;

	len -= SEAL_OVERHEAD;
	begin(&cipher, key, name, sealed + 1);
	chacha_poly1305_decrypt(&cipher, len, record, record);
	chacha_poly1305_digest(&cipher, sizeof(tag), tag);
	wipe(&cipher, sizeof(cipher));
	if (!memeql_sec(tag, record + len, sizeof(tag))) {
		wipe(record, len);
		return false;
	}
	*ret_record = bytes_of(record, len);
	return true;
}

bool content_new(size_t size, struct content *ret_content)
{
	ret_content->data = malloc(SEAL_OVERHEAD + size);
	if (ret_content->data == NULL)
		return false;
	ret_content->size = SEAL_OVERHEAD + size;
	ret_content->record = (struct bytes){.at = ret_content->data + SEAL_HEAD, .len = size};
	return true;
}

void content_clear(struct content *content)
{
	wipe_free(content->data, content->size);
	*content = (struct content){0};
}
