/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store may be reached through symbolic links, but neither it nor anything in it may be one. */

#include <errno.h>
#include <unistd.h>

#include <sys/stat.h>

#include "shelf.h"

static void above_it_they_may_be(void **state)
{
	struct shelf shelf;
	char real[400], link[400], path[500], other[512];

	(void)state;
	shelf_make(&shelf);
	snprintf(real, sizeof(real), "%s/real", shelf.dir);
	snprintf(link, sizeof(link), "%s/link", shelf.dir);
	snprintf(path, sizeof(path), "%s/a/b/store", link);
	assert_int_equal(mkdir(real, 0700), 0);
	assert_int_equal(symlink(real, link), 0);
	struct tlsfo_store *store = shelf_open_path(path);

	shelf_put(store, "example.org", 1, shelf_now());
	tlsfo_store_free(store);
	assert_int_equal(shelf_files(real, "key", other), 1);
	shelf_remove(&shelf);
}

static void it_is_refused(const char *below, const char *suffix)
{
	struct shelf shelf;
	char link[500], target[512], path[512];

	shelf_make(&shelf);
	tlsfo_store_free(shelf_open(&shelf));
	snprintf(link, sizeof(link), "%s%s", shelf.store, below);
	snprintf(target, sizeof(target), "%s/target", shelf.dir);
	/* It leads to the real thing, and the modes are right. */
	assert_int_equal(rename(link, target), 0);
	assert_int_equal(symlink(target, link), 0);
	snprintf(path, sizeof(path), "%s%s", shelf.store, suffix);
	shelf_refuses(path, TLSFO_E_STORE_UNSAFE, "is a symbolic link");
	shelf_refuses(path, TLSFO_E_STORE_UNSAFE, below);
	shelf_remove(&shelf);
}

static void nor_what_is_in_it(void **state)
{
	static const char *const inner[] = {
		"/tlsfo-1", "/tlsfo-1/key", "/tlsfo-1/tickets", "/tlsfo-1/tickets/a"};

	(void)state;
	it_is_refused("", "");
	it_is_refused("", "/");
	it_is_refused("", "///");
	it_is_refused("", "/.");
	it_is_refused("", "/.//./");
	for (size_t i = 0; i < suite_length(inner); i++)
		it_is_refused(inner[i], "");
}

static void dangling_ones_are_refused(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_make(&shelf);
	assert_int_equal(symlink("nowhere", shelf.store), 0);
	shelf_refuses(shelf.store, TLSFO_E_STORE_UNSAFE, "is a symbolic link");
	assert_int_equal(access("nowhere", F_OK), -1);
	shelf_remove(&shelf);
}

/* One in a ticket's place is no ticket, whatever it leads to; what it leads to stays. */
static void ticket_is_not_followed(void **state)
{
	struct shelf shelf;
	char path[512], target[512], other[512];

	(void)state;
	shelf_make(&shelf);
	struct tlsfo_store *store = shelf_open(&shelf);

	snprintf(target, sizeof(target), "%s/target", shelf.dir);
	shelf_put(store, "example.org", 1, shelf_now());
	assert_int_equal(shelf_ticket_files(&shelf, path), 1);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(shelf_count(store), 0);
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 0);
	assert_int_equal(readlink(path, other, sizeof(other)), -1);
	assert_int_equal(access(target, R_OK), 0);
	/* Nor does taking wait for one that is a pipe. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(shelf_count(store), 0);
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 0);
	assert_int_equal(access(path, F_OK), -1);
	/* A directory is in the way of nobody. */
	assert_int_equal(mkdir(path, 0700), 0);
	shelf_put(store, "example.org", 2, shelf_now() - 1);
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 2);
	assert_int_equal(tlsfo_store_clear(store), 0);
	tlsfo_store_free(store);
	shelf_remove(&shelf);
}

/* A shard that became one while the store is open. */
static void shard_is_not_followed(void **state)
{
	struct shelf shelf;
	char path[512], target[512], other[512];

	(void)state;
	shelf_make(&shelf);
	struct tlsfo_store *store = shelf_open(&shelf);

	snprintf(target, sizeof(target), "%s/target", shelf.dir);
	shelf_put(store, "example.org", 1, shelf_now());
	assert_int_equal(shelf_ticket_files(&shelf, path), 1);
	*strrchr(path, '/') = '\0';
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(shelf_try_put(store, "example.org", 2, shelf_now()), TLSFO_E_SYSTEM);
	assert_int_equal(tlsfo_store_clear(store), TLSFO_E_SYSTEM);
	assert_int_equal(shelf_files(target, "", other), 1);
	/* And one that is gone is made again. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 0);
	shelf_put(store, "example.org", 3, shelf_now());
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 3);
	tlsfo_store_free(store);
	shelf_remove(&shelf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(above_it_they_may_be),
		cmocka_unit_test(nor_what_is_in_it),
		cmocka_unit_test(dangling_ones_are_refused),
		cmocka_unit_test(ticket_is_not_followed),
		cmocka_unit_test(shard_is_not_followed),
	};

	return suite_run_offline("symbolic links are not followed", tests, suite_length(tests));
}
