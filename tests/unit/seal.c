/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * store/seal opens under its key and its name alone, and its bytes are what the description says.
 */

#include <nettle/chacha-poly1305.h>
#include <nettle/hmac.h>

#include "store/seal.h"
#include "support/suite.h"

static const unsigned char key[SEAL_KEY_SIZE] = {1, 2, 3};
static const unsigned char salt[SEAL_SALT_SIZE] = {4, 5, 6};
static const char record[] = "what nobody is to read";

#define SEALED_SIZE (sizeof(record) + SEAL_OVERHEAD)

static void seal(unsigned char *sealed)
{
	memcpy(sealed + SEAL_HEAD, record, sizeof(record));
	seal_close(key, "name", salt, sealed, sizeof(record));
}

static void opens_to_what_was_sealed(void **state)
{
	unsigned char sealed[SEALED_SIZE];
	struct bytes opened;

	(void)state;
	seal(sealed);
	assert_memory_not_equal(sealed + SEAL_HEAD, record, sizeof(record));
	assert_true(seal_open(key, "name", sealed, sizeof(sealed), &opened));
	assert_int_equal(opened.len, sizeof(record));
	assert_memory_equal(opened.at, record, sizeof(record));
}

static void other_key_name_or_length_does_not_open(void **state)
{
	static const unsigned char other[SEAL_KEY_SIZE] = {1, 2, 4};
	unsigned char sealed[SEALED_SIZE];
	struct bytes opened;

	(void)state;
	seal(sealed);
	assert_false(seal_open(other, "name", sealed, sizeof(sealed), &opened));
	seal(sealed);
	assert_false(seal_open(key, "nam", sealed, sizeof(sealed), &opened));
	seal(sealed);
	assert_false(seal_open(key, "name2", sealed, sizeof(sealed), &opened));
	for (size_t len = 0; len < sizeof(sealed); len++) {
		seal(sealed);
		assert_false(seal_open(key, "name", sealed, len, &opened));
	}
	seal(sealed);
	sealed[0] = 2;
	assert_false(seal_open(key, "name", sealed, sizeof(sealed), &opened));
}

/* What does not open is not there to be read either. */
static void nothing_is_left_of_what_does_not_open(void **state)
{
	static const unsigned char zeros[sizeof(record)];
	unsigned char sealed[SEALED_SIZE];
	struct bytes opened;

	(void)state;
	seal(sealed);
	sealed[sizeof(sealed) - 1] ^= 1;
	assert_false(seal_open(key, "name", sealed, sizeof(sealed), &opened));
	assert_memory_equal(sealed + SEAL_HEAD, zeros, sizeof(zeros));
}

/* Another salt, another key: not even the same record looks the same. */
static void salt_changes_everything(void **state)
{
	static const unsigned char other[SEAL_SALT_SIZE] = {4, 5, 7};
	unsigned char one[SEALED_SIZE], two[SEALED_SIZE];

	(void)state;
	seal(one);
	memcpy(two + SEAL_HEAD, record, sizeof(record));
	seal_close(key, "name", other, two, sizeof(record));
	for (size_t i = SEAL_HEAD; i + 4 <= SEALED_SIZE; i++)
		assert_memory_not_equal(one + i, two + i, 4);
}

/* The format is a promise to the directories that are out there: here it is made a second way. */
static void is_chacha20_poly1305_under_a_derived_key(void **state)
{
	static const uint8_t nonce[CHACHA_POLY1305_NONCE_SIZE];
	unsigned char sealed[SEALED_SIZE], expected[SEALED_SIZE];
	struct chacha_poly1305_ctx cipher;
	struct hmac_sha256_ctx mac;
	uint8_t derived[32];

	(void)state;
	hmac_sha256_set_key(&mac, sizeof(key), key);
	hmac_sha256_update(&mac, 13, (const uint8_t *)"tlsfo seal 1");
	hmac_sha256_update(&mac, sizeof(salt), salt);
	hmac_sha256_digest(&mac, sizeof(derived), derived);
	chacha_poly1305_set_key(&cipher, derived);
	chacha_poly1305_set_nonce(&cipher, nonce);
	chacha_poly1305_update(&cipher, 4, (const uint8_t *)"name");
	expected[0] = 1;
	memcpy(expected + 1, salt, sizeof(salt));
	chacha_poly1305_encrypt(
		&cipher, sizeof(record), expected + SEAL_HEAD, (const uint8_t *)record);
	chacha_poly1305_digest(&cipher, 16, expected + SEAL_HEAD + sizeof(record));
	seal(sealed);
	assert_memory_equal(sealed, expected, sizeof(sealed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_to_what_was_sealed),
		cmocka_unit_test(other_key_name_or_length_does_not_open),
		cmocka_unit_test(nothing_is_left_of_what_does_not_open),
		cmocka_unit_test(salt_changes_everything),
		cmocka_unit_test(is_chacha20_poly1305_under_a_derived_key),
	};

	return suite_run_offline("seal", tests, suite_length(tests));
}
