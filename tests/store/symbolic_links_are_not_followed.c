/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store may be reached through symbolic links, but neither it nor anything in it may be one. */

#include <errno.h>
#include <unistd.h>

#include <sys/stat.h>

#include "fixture.h"

static void above_it_they_may_be(void **state)
{
	struct fixture fixture;
	char real[400], link[400], path[500], other[512];

	(void)state;
	fixture_make(&fixture);
	snprintf(real, sizeof(real), "%s/real", fixture.dir);
	snprintf(link, sizeof(link), "%s/link", fixture.dir);
	snprintf(path, sizeof(path), "%s/a/b/store", link);
	assert_int_equal(mkdir(real, 0700), 0);
	assert_int_equal(symlink(real, link), 0);
	struct tlsfo_store *store = fixture_open_path(path);

	fixture_put(store, "example.org", 1, fixture_now());
	tlsfo_store_free(store);
	assert_int_equal(fixture_files(real, "key", other), 1);
	fixture_remove(&fixture);
}

static void it_is_refused(const char *below, const char *suffix)
{
	struct fixture fixture;
	char link[500], target[512], path[512];

	fixture_make(&fixture);
	tlsfo_store_free(fixture_open(&fixture));
	snprintf(link, sizeof(link), "%s%s", fixture.store, below);
	snprintf(target, sizeof(target), "%s/target", fixture.dir);
	/* It leads to the real thing, and the modes are right. */
	assert_int_equal(rename(link, target), 0);
	assert_int_equal(symlink(target, link), 0);
	snprintf(path, sizeof(path), "%s%s", fixture.store, suffix);
	fixture_refuses(path, TLSFO_E_STORE_UNSAFE, "is a symbolic link");
	fixture_refuses(path, TLSFO_E_STORE_UNSAFE, below);
	fixture_remove(&fixture);
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
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(symlink("nowhere", fixture.store), 0);
	fixture_refuses(fixture.store, TLSFO_E_STORE_UNSAFE, "is a symbolic link");
	assert_int_equal(access("nowhere", F_OK), -1);
	fixture_remove(&fixture);
}

/* One in a ticket's place is no ticket, whatever it leads to; what it leads to stays. */
static void ticket_is_not_followed(void **state)
{
	struct fixture fixture;
	char path[512], target[512], other[512];

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	snprintf(target, sizeof(target), "%s/target", fixture.dir);
	fixture_put(store, "example.org", 1, fixture_now());
	assert_int_equal(fixture_ticket_files(&fixture, path), 1);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(fixture_count(store), 0);
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 0);
	assert_int_equal(readlink(path, other, sizeof(other)), -1);
	assert_int_equal(access(target, R_OK), 0);
	/* Nor does taking wait for one that is a pipe. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(fixture_count(store), 0);
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 0);
	assert_int_equal(access(path, F_OK), -1);
	/* A directory is in the way of nobody. */
	assert_int_equal(mkdir(path, 0700), 0);
	fixture_put(store, "example.org", 2, fixture_now() - 1);
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 2);
	assert_int_equal(tlsfo_store_clear(store), 0);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

/* A shard that became one while the store is open. */
static void shard_is_not_followed(void **state)
{
	struct fixture fixture;
	char path[512], target[512], other[512];

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	snprintf(target, sizeof(target), "%s/target", fixture.dir);
	fixture_put(store, "example.org", 1, fixture_now());
	assert_int_equal(fixture_ticket_files(&fixture, path), 1);
	*strrchr(path, '/') = '\0';
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(fixture_try_put(store, "example.org", 2, fixture_now()), TLSFO_E_SYSTEM);
	assert_int_equal(tlsfo_store_clear(store), TLSFO_E_SYSTEM);
	assert_int_equal(fixture_files(target, "", other), 1);
	/* And one that is gone is made again. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 0);
	fixture_put(store, "example.org", 3, fixture_now());
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 3);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
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
