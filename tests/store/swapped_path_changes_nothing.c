/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An open store stays the directory that was opened, wherever it is moved and whatever comes in its
 * place. */

#include <unistd.h>

#include <sys/stat.h>

#include "shelf.h"

static void another_directory_in_its_place(void **state)
{
	struct shelf shelf;
	struct shelf moved;
	char path[512];
	int64_t now = shelf_now();

	(void)state;
	shelf_make(&shelf);
	struct tlsfo_store *store = shelf_open(&shelf);

	shelf_put(store, "example.org", 1, now);
	moved = shelf;
	snprintf(moved.store, sizeof(moved.store), "%s/moved", shelf.dir);
	assert_int_equal(rename(shelf.store, moved.store), 0);
	struct tlsfo_store *other = shelf_open(&shelf);

	shelf_put(store, "example.org", 2, now);
	assert_int_equal(shelf_ticket_files(&moved, path), 2);
	assert_int_equal(shelf_ticket_files(&shelf, path), 0);
	assert_int_equal(shelf_take(other, "example.org", now), 0);
	assert_int_equal(shelf_take(store, "example.org", now), 2);
	assert_int_equal(shelf_take(store, "example.org", now), 1);
	tlsfo_store_free(store);
	tlsfo_store_free(other);
	shelf_remove(&shelf);
}

static void link_in_its_place(void **state)
{
	struct shelf shelf;
	char moved[300], elsewhere[300], path[512];

	(void)state;
	shelf_make(&shelf);
	struct tlsfo_store *store = shelf_open(&shelf);

	snprintf(moved, sizeof(moved), "%.200s/moved", shelf.dir);
	snprintf(elsewhere, sizeof(elsewhere), "%.200s/elsewhere", shelf.dir);
	assert_int_equal(rename(shelf.store, moved), 0);
	assert_int_equal(mkdir(elsewhere, 0700), 0);
	assert_int_equal(symlink(elsewhere, shelf.store), 0);
	shelf_put(store, "example.org", 1, shelf_now());
	assert_int_equal(shelf_files(elsewhere, "", path), 0);
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 1);
	tlsfo_store_free(store);
	shelf_remove(&shelf);
}

/* Another working directory is no other store. */
static void relative_path_is_of_its_time(void **state)
{
	struct shelf shelf;
	struct tlsfo_store *store;
	char path[512];
	char back[512];

	(void)state;
	shelf_make(&shelf);
	assert_non_null(getcwd(back, sizeof(back)));
	assert_int_equal(chdir(shelf.dir), 0);
	store = shelf_open_path("store");
	assert_int_equal(chdir("/"), 0);
	shelf_put(store, "example.org", 1, shelf_now());
	assert_int_equal(shelf_ticket_files(&shelf, path), 1);
	tlsfo_store_free(store);
	assert_int_equal(chdir(shelf.store), 0);
	store = shelf_open_path(".");
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 1);
	tlsfo_store_free(store);
	assert_int_equal(chdir(back), 0);
	shelf_remove(&shelf);
}

/* A store that was removed is no disaster. */
static void removed_directory_keeps_nothing(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_make(&shelf);
	struct tlsfo_store *store = shelf_open(&shelf);

	shelf_put(store, "example.org", 1, shelf_now());
	shelf_remove(&shelf);
	const struct peer peer = shelf_peer("example.org");
	struct ticket ticket;

	assert_int_equal(store_take(store, &peer, shelf_now(), 0, &ticket), TLSFO_E_SYSTEM);
	assert_int_equal(shelf_try_put(store, "example.org", 2, shelf_now()), TLSFO_E_SYSTEM);
	tlsfo_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_directory_in_its_place),
		cmocka_unit_test(link_in_its_place),
		cmocka_unit_test(relative_path_is_of_its_time),
		cmocka_unit_test(removed_directory_keeps_nothing),
	};

	return suite_run_offline("swapped path changes nothing", tests, suite_length(tests));
}
