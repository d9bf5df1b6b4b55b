/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A directory or file of the store that another user owns or may write is refused, with its path and
 * the reason; so is what is no directory, or no file, where one is due.
 */

#include <fcntl.h>
#include <unistd.h>

#include <sys/stat.h>

#include "fixture.h"

#define SOMEBODY 65533

static void path_below(const struct fixture *fixture, const char *below, char ret_path[static 512])
{
	snprintf(ret_path, 512, "%s%s", fixture->store, below);
}

/* With this mode of what is @below the store it is refused with @word; put right, it is not. */
static void mode_is_refused(const char *below, mode_t mode, mode_t right, const char *word)
{
	struct fixture fixture;
	char path[512];

	fixture_make(&fixture);
	tlsfo_store_free(fixture_open(&fixture));
	path_below(&fixture, below, path);
	assert_int_equal(chmod(path, mode), 0);
	fixture_refuses(fixture.store, TLSFO_E_STORE_UNSAFE, word);
	fixture_refuses(fixture.store, TLSFO_E_STORE_UNSAFE, path);
	assert_int_equal(chmod(path, right), 0);
	tlsfo_store_free(fixture_open(&fixture));
	fixture_remove(&fixture);
}

static void open_to_others(void **state)
{
	static const char *const inner[] = {
		"/tlsfo-1", "/tlsfo-1/tickets", "/tlsfo-1/tickets/0", "/tlsfo-1/tickets/f"};

	(void)state;
	mode_is_refused("", 0720, 0755, "may be written by others");
	mode_is_refused("", 0702, 0700, "may be written by others");
	mode_is_refused("", 01777, 0700, "may be written by others");
	for (size_t i = 0; i < suite_length(inner); i++) {
		mode_is_refused(inner[i], 0770, 0700, "may be written by others");
		mode_is_refused(inner[i], 0755, 0700, "may be read by others");
	}
	mode_is_refused("/tlsfo-1/key", 0620, 0600, "may be written by others");
	mode_is_refused("/tlsfo-1/key", 0604, 0400, "may be read by others");
}

static void owned_by_another(void **state)
{
	static const char *const below[] = {
		"", "/tlsfo-1", "/tlsfo-1/tickets", "/tlsfo-1/tickets/7", "/tlsfo-1/key"};
	struct fixture fixture;
	char path[512];

	(void)state;
	if (geteuid() != 0) {
		/* Only root can give things away. Others have root's. */
		fixture_refuses("/usr", TLSFO_E_STORE_UNSAFE, "/usr: belongs to another user");
		return;
	}
	for (size_t i = 0; i < suite_length(below); i++) {
		fixture_make(&fixture);
		tlsfo_store_free(fixture_open(&fixture));
		path_below(&fixture, below[i], path);
		assert_int_equal(chown(path, SOMEBODY, (gid_t)-1), 0);
		fixture_refuses(fixture.store, TLSFO_E_STORE_UNSAFE, path);
		fixture_refuses(fixture.store, TLSFO_E_STORE_UNSAFE, "belongs to another user");
		fixture_remove(&fixture);
	}
}

/* A ticket that another user has put there is none. */
static void ticket_of_another(void **state)
{
	struct fixture fixture;
	char path[512];

	(void)state;
	if (geteuid() != 0)
		return;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	fixture_put(store, "example.org", 1, fixture_now());
	assert_int_equal(fixture_ticket_files(&fixture, path), 1);
	assert_int_equal(chown(path, SOMEBODY, (gid_t)-1), 0);
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 0);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

static void no_directory(void **state)
{
	static const char *const below[] = {
		"", "/tlsfo-1", "/tlsfo-1/tickets", "/tlsfo-1/tickets/3"};
	struct fixture fixture;
	char path[512];

	(void)state;
	for (size_t i = 0; i < suite_length(below); i++) {
		fixture_make(&fixture);
		/* What is above it is made, nothing else. */
		if (below[i][0] != '\0')
			tlsfo_store_free(fixture_open(&fixture));
		path_below(&fixture, below[i], path);
		struct fixture inner = {0};

		snprintf(inner.dir, sizeof(inner.dir), "%.250s", path);
		fixture_remove(&inner);
		fixture_write(path, "x", 1);
		fixture_refuses(fixture.store, TLSFO_E_STORE_UNSAFE, path);
		fixture_refuses(fixture.store, TLSFO_E_STORE_UNSAFE, "is not a directory");
		fixture_remove(&fixture);
	}
}

static void no_key_file(void **state)
{
	struct fixture fixture;
	char path[512];

	(void)state;
	fixture_make(&fixture);
	tlsfo_store_free(fixture_open(&fixture));
	path_below(&fixture, "/tlsfo-1/key", path);
	assert_int_equal(unlink(path), 0);
	/* Nobody writes to it, and nobody waits for that. */
	assert_int_equal(mkfifo(path, 0600), 0);
	fixture_refuses(fixture.store, TLSFO_E_STORE_UNSAFE, "/key: is not a file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	fixture_refuses(fixture.store, TLSFO_E_STORE_UNSAFE, "/key: is not a file");
	fixture_remove(&fixture);
}

static void what_the_system_refuses_is_told(void **state)
{
	(void)state;
	fixture_refuses("/proc/tlsfo/store", TLSFO_E_SYSTEM, "/proc/tlsfo/store: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_to_others),
		cmocka_unit_test(owned_by_another),
		cmocka_unit_test(ticket_of_another),
		cmocka_unit_test(no_directory),
		cmocka_unit_test(no_key_file),
		cmocka_unit_test(what_the_system_refuses_is_told),
	};

	return suite_run_offline("directory of others is refused", tests, suite_length(tests));
}
