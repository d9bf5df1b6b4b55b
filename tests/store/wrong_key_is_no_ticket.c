/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one key sealed is nothing to another, and is still there for the first. */

#include <unistd.h>

#include "fixture.h"

static struct tlsfo_store *open_with(const struct fixture *fixture, unsigned char key)
{
	unsigned char bytes[TLSFO_STORE_KEY_SIZE];
	struct tlsfo_store *store = NULL;

	memset(bytes, key, sizeof(bytes));
	assert_int_equal(tlsfo_store_open(fixture->store, bytes, sizeof(bytes), &store), 0);
	return store;
}

static void keys_do_not_meet(void **state)
{
	struct fixture fixture;
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *one = open_with(&fixture, 1);
	struct tlsfo_store *two = open_with(&fixture, 2);
	struct tlsfo_store *own = fixture_open(&fixture);

	fixture_put(one, "example.org", 1, now);
	assert_int_equal(fixture_take(two, "example.org", now), 0);
	assert_int_equal(fixture_take(own, "example.org", now), 0);
	assert_int_equal(fixture_count(two), 0);
	assert_int_equal(tlsfo_store_forget(two, "example.org", 0), 0);
	assert_int_equal(fixture_take(one, "example.org", now), 1);
	fixture_put(two, "example.org", 2, now);
	assert_int_equal(tlsfo_store_clear(one), 1);
	assert_int_equal(fixture_take(two, "example.org", now), 0);
	tlsfo_store_free(one);
	tlsfo_store_free(two);
	tlsfo_store_free(own);
	fixture_remove(&fixture);
}

/* Under the name that the key makes, too: only the seal is in the way. */
static void name_of_this_key_seal_of_another(void **state)
{
	struct fixture fixture;
	char from[512], to[512];
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *one = open_with(&fixture, 1);
	struct tlsfo_store *two = open_with(&fixture, 2);

	fixture_put(one, "example.org", 1, now);
	assert_int_equal(fixture_ticket_files(&fixture, to), 1);
	assert_int_equal(fixture_take(one, "example.org", now), 1);
	fixture_put(two, "example.org", 2, now);
	assert_int_equal(fixture_ticket_files(&fixture, from), 1);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(fixture_take(one, "example.org", now), 0);
	assert_int_equal(fixture_ticket_files(&fixture, to), 0);
	tlsfo_store_free(one);
	tlsfo_store_free(two);
	fixture_remove(&fixture);
}

static void callers_key_leaves_no_key_file(void **state)
{
	struct fixture fixture;
	char path[512];

	(void)state;
	fixture_make(&fixture);
	tlsfo_store_free(open_with(&fixture, 1));
	assert_int_equal(fixture_files(fixture.store, "", path), 0);
	tlsfo_store_free(fixture_open(&fixture));
	assert_int_equal(fixture_files(fixture.store, "", path), 1);
	fixture_remove(&fixture);
}

static void damaged_key_file_is_told(void **state)
{
	struct fixture fixture;
	char path[512];
	unsigned char key[64] = {0};

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	assert_int_equal(fixture_files(fixture.store, "key", path), 1);
	assert_int_equal(fixture_read(path, key, sizeof(key)), TLSFO_STORE_KEY_SIZE);
	fixture_write(path, key, TLSFO_STORE_KEY_SIZE - 1);
	fixture_refuses(fixture.store, TLSFO_E_INVALID_FILE, "/key: is damaged");
	fixture_write(path, key, TLSFO_STORE_KEY_SIZE + 1);
	fixture_refuses(fixture.store, TLSFO_E_INVALID_FILE, "/key: is damaged");
	fixture_write(path, key, TLSFO_STORE_KEY_SIZE);
	fixture_put(store, "example.org", 1, fixture_now());
	tlsfo_store_free(store);
	store = fixture_open(&fixture);
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 1);
	tlsfo_store_free(store);
	/* What a power cut leaves of a file just written: made anew. */
	fixture_write(path, "", 0);
	store = fixture_open(&fixture);
	fixture_put(store, "example.org", 1, fixture_now());
	tlsfo_store_free(store);
	assert_int_equal(fixture_read(path, key, sizeof(key)), TLSFO_STORE_KEY_SIZE);
	fixture_remove(&fixture);
}

static void wrong_arguments(void **state)
{
	struct tlsfo_store *store = (void *)&store;
	unsigned char key[TLSFO_STORE_KEY_SIZE] = {0};
	char path[8000];

	(void)state;
	assert_int_equal(tlsfo_store_new(NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_open("/x", NULL, 0, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_open(NULL, NULL, 0, &store), TLSFO_E_INVALID_ARGUMENT);
	assert_null(store);
	assert_int_equal(tlsfo_store_open("", NULL, 0, &store), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_open("/x", NULL, 1, &store), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_open("/x", key, 0, &store), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_open("/x", key, 31, &store), TLSFO_E_INVALID_ARGUMENT);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(tlsfo_store_open(path, NULL, 0, &store), TLSFO_E_INVALID_ARGUMENT);
	assert_null(store);
	assert_string_equal(tlsfo_store_error(NULL), "");
	tlsfo_store_free(NULL);
	assert_int_equal(access("/x", F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_do_not_meet),
		cmocka_unit_test(name_of_this_key_seal_of_another),
		cmocka_unit_test(callers_key_leaves_no_key_file),
		cmocka_unit_test(damaged_key_file_is_told),
		cmocka_unit_test(wrong_arguments),
	};

	return suite_run_offline("wrong key is no ticket", tests, suite_length(tests));
}
