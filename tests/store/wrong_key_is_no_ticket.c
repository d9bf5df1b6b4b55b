/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one key sealed is nothing to another, and is still there for the first. */

#include <unistd.h>

#include "shelf.h"

static struct tlsfo_store *open_with(const struct shelf *shelf, unsigned char key)
{
	unsigned char bytes[TLSFO_STORE_KEY_SIZE];
	struct tlsfo_store *store = NULL;

	memset(bytes, key, sizeof(bytes));
	assert_int_equal(tlsfo_store_open(shelf->store, bytes, sizeof(bytes), &store), 0);
	return store;
}

static void keys_do_not_meet(void **state)
{
	struct shelf shelf;
	int64_t now = shelf_now();

	(void)state;
	shelf_make(&shelf);
	struct tlsfo_store *one = open_with(&shelf, 1);
	struct tlsfo_store *two = open_with(&shelf, 2);
	struct tlsfo_store *own = shelf_open(&shelf);

	shelf_put(one, "example.org", 1, now);
	assert_int_equal(shelf_take(two, "example.org", now), 0);
	assert_int_equal(shelf_take(own, "example.org", now), 0);
	assert_int_equal(shelf_count(two), 0);
	assert_int_equal(tlsfo_store_forget(two, "example.org", 0), 0);
	assert_int_equal(shelf_take(one, "example.org", now), 1);
	shelf_put(two, "example.org", 2, now);
	assert_int_equal(tlsfo_store_clear(one), 1);
	assert_int_equal(shelf_take(two, "example.org", now), 0);
	tlsfo_store_free(one);
	tlsfo_store_free(two);
	tlsfo_store_free(own);
	shelf_remove(&shelf);
}

/* Under the name that the key makes, too: only the seal is in the way. */
static void name_of_this_key_seal_of_another(void **state)
{
	struct shelf shelf;
	char from[512], to[512];
	int64_t now = shelf_now();

	(void)state;
	shelf_make(&shelf);
	struct tlsfo_store *one = open_with(&shelf, 1);
	struct tlsfo_store *two = open_with(&shelf, 2);

	shelf_put(one, "example.org", 1, now);
	assert_int_equal(shelf_ticket_files(&shelf, to), 1);
	assert_int_equal(shelf_take(one, "example.org", now), 1);
	shelf_put(two, "example.org", 2, now);
	assert_int_equal(shelf_ticket_files(&shelf, from), 1);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(shelf_take(one, "example.org", now), 0);
	assert_int_equal(shelf_ticket_files(&shelf, to), 0);
	tlsfo_store_free(one);
	tlsfo_store_free(two);
	shelf_remove(&shelf);
}

static void callers_key_leaves_no_key_file(void **state)
{
	struct shelf shelf;
	char path[512];

	(void)state;
	shelf_make(&shelf);
	tlsfo_store_free(open_with(&shelf, 1));
	assert_int_equal(shelf_files(shelf.store, "", path), 0);
	tlsfo_store_free(shelf_open(&shelf));
	assert_int_equal(shelf_files(shelf.store, "", path), 1);
	shelf_remove(&shelf);
}

static void damaged_key_file_is_told(void **state)
{
	struct shelf shelf;
	char path[512];
	unsigned char key[64] = {0};

	(void)state;
	shelf_make(&shelf);
	struct tlsfo_store *store = shelf_open(&shelf);

	assert_int_equal(shelf_files(shelf.store, "key", path), 1);
	assert_int_equal(shelf_read(path, key, sizeof(key)), TLSFO_STORE_KEY_SIZE);
	shelf_write(path, key, TLSFO_STORE_KEY_SIZE - 1);
	shelf_refuses(shelf.store, TLSFO_E_INVALID_FILE, "/key: is damaged");
	shelf_write(path, key, TLSFO_STORE_KEY_SIZE + 1);
	shelf_refuses(shelf.store, TLSFO_E_INVALID_FILE, "/key: is damaged");
	shelf_write(path, key, TLSFO_STORE_KEY_SIZE);
	shelf_put(store, "example.org", 1, shelf_now());
	tlsfo_store_free(store);
	store = shelf_open(&shelf);
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 1);
	tlsfo_store_free(store);
	/* What a power cut leaves of a file just written: made anew. */
	shelf_write(path, "", 0);
	store = shelf_open(&shelf);
	shelf_put(store, "example.org", 1, shelf_now());
	tlsfo_store_free(store);
	assert_int_equal(shelf_read(path, key, sizeof(key)), TLSFO_STORE_KEY_SIZE);
	shelf_remove(&shelf);
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
