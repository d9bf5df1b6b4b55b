/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An open store stays the directory that was opened, wherever it is moved and whatever comes in its
 * place. */

#include <unistd.h>

#include <sys/stat.h>

#include "fixture.h"

static void another_directory_in_its_place(void **state)
{
	struct fixture fixture;
	struct fixture moved;
	char path[512];
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	fixture_put(store, "example.org", 1, now);
	moved = fixture;
	snprintf(moved.store, sizeof(moved.store), "%s/moved", fixture.dir);
	assert_int_equal(rename(fixture.store, moved.store), 0);
	struct tlsfo_store *other = fixture_open(&fixture);

	fixture_put(store, "example.org", 2, now);
	assert_int_equal(fixture_ticket_files(&moved, path), 2);
	assert_int_equal(fixture_ticket_files(&fixture, path), 0);
	assert_int_equal(fixture_take(other, "example.org", now), 0);
	assert_int_equal(fixture_take(store, "example.org", now), 2);
	assert_int_equal(fixture_take(store, "example.org", now), 1);
	tlsfo_store_free(store);
	tlsfo_store_free(other);
	fixture_remove(&fixture);
}

static void link_in_its_place(void **state)
{
	struct fixture fixture;
	char moved[300], elsewhere[300], path[512];

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	snprintf(moved, sizeof(moved), "%.200s/moved", fixture.dir);
	snprintf(elsewhere, sizeof(elsewhere), "%.200s/elsewhere", fixture.dir);
	assert_int_equal(rename(fixture.store, moved), 0);
	assert_int_equal(mkdir(elsewhere, 0700), 0);
	assert_int_equal(symlink(elsewhere, fixture.store), 0);
	fixture_put(store, "example.org", 1, fixture_now());
	assert_int_equal(fixture_files(elsewhere, "", path), 0);
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 1);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

/* Another working directory is no other store. */
static void relative_path_is_of_its_time(void **state)
{
	struct fixture fixture;
	struct tlsfo_store *store;
	char path[512];
	char back[512];

	(void)state;
	fixture_make(&fixture);
	assert_non_null(getcwd(back, sizeof(back)));
	assert_int_equal(chdir(fixture.dir), 0);
	store = fixture_open_path("store");
	assert_int_equal(chdir("/"), 0);
	fixture_put(store, "example.org", 1, fixture_now());
	assert_int_equal(fixture_ticket_files(&fixture, path), 1);
	tlsfo_store_free(store);
	assert_int_equal(chdir(fixture.store), 0);
	store = fixture_open_path(".");
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 1);
	tlsfo_store_free(store);
	assert_int_equal(chdir(back), 0);
	fixture_remove(&fixture);
}

/* A store that was removed is no disaster. */
static void removed_directory_keeps_nothing(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	fixture_put(store, "example.org", 1, fixture_now());
	fixture_remove(&fixture);
	const struct peer peer = fixture_peer("example.org");
	struct ticket ticket;

	assert_int_equal(store_take(store, &peer, fixture_now(), 0, &ticket), TLSFO_E_SYSTEM);
	assert_int_equal(fixture_try_put(store, "example.org", 2, fixture_now()), TLSFO_E_SYSTEM);
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
