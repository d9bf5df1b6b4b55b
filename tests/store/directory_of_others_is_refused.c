/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A directory or file of the store that another user owns or may write is refused, with its path and
 * the reason; so is what is no directory, or no file, where one is due.
 */

#include <fcntl.h>
#include <unistd.h>

#include <sys/stat.h>

#include "shelf.h"

#define SOMEBODY 65533

static void path_below(const struct shelf *shelf, const char *below, char ret_path[static 512])
{
	snprintf(ret_path, 512, "%s%s", shelf->store, below);
}

/* With this mode of what is @below the store it is refused with @word; put right, it is not. */
static void mode_is_refused(const char *below, mode_t mode, mode_t right, const char *word)
{
	struct shelf shelf;
	char path[512];

	shelf_make(&shelf);
	tlsfo_store_free(shelf_open(&shelf));
	path_below(&shelf, below, path);
	assert_int_equal(chmod(path, mode), 0);
	shelf_refuses(shelf.store, TLSFO_E_STORE_UNSAFE, word);
	shelf_refuses(shelf.store, TLSFO_E_STORE_UNSAFE, path);
	assert_int_equal(chmod(path, right), 0);
	tlsfo_store_free(shelf_open(&shelf));
	shelf_remove(&shelf);
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
	struct shelf shelf;
	char path[512];

	(void)state;
	if (geteuid() != 0) {
		/* Only root can give things away. Others have root's. */
		shelf_refuses("/usr", TLSFO_E_STORE_UNSAFE, "/usr: belongs to another user");
		return;
	}
	for (size_t i = 0; i < suite_length(below); i++) {
		shelf_make(&shelf);
		tlsfo_store_free(shelf_open(&shelf));
		path_below(&shelf, below[i], path);
		assert_int_equal(chown(path, SOMEBODY, (gid_t)-1), 0);
		shelf_refuses(shelf.store, TLSFO_E_STORE_UNSAFE, path);
		shelf_refuses(shelf.store, TLSFO_E_STORE_UNSAFE, "belongs to another user");
		shelf_remove(&shelf);
	}
}

/* A ticket that another user has put there is none. */
static void ticket_of_another(void **state)
{
	struct shelf shelf;
	char path[512];

	(void)state;
	if (geteuid() != 0)
		return;
	shelf_make(&shelf);
	struct tlsfo_store *store = shelf_open(&shelf);

	shelf_put(store, "example.org", 1, shelf_now());
	assert_int_equal(shelf_ticket_files(&shelf, path), 1);
	assert_int_equal(chown(path, SOMEBODY, (gid_t)-1), 0);
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 0);
	tlsfo_store_free(store);
	shelf_remove(&shelf);
}

static void no_directory(void **state)
{
	static const char *const below[] = {
		"", "/tlsfo-1", "/tlsfo-1/tickets", "/tlsfo-1/tickets/3"};
	struct shelf shelf;
	char path[512];

	(void)state;
	for (size_t i = 0; i < suite_length(below); i++) {
		shelf_make(&shelf);
		/* What is above it is made, nothing else. */
		if (below[i][0] != '\0')
			tlsfo_store_free(shelf_open(&shelf));
		path_below(&shelf, below[i], path);
		struct shelf inner = {0};

		snprintf(inner.dir, sizeof(inner.dir), "%.250s", path);
		shelf_remove(&inner);
		shelf_write(path, "x", 1);
		shelf_refuses(shelf.store, TLSFO_E_STORE_UNSAFE, path);
		shelf_refuses(shelf.store, TLSFO_E_STORE_UNSAFE, "is not a directory");
		shelf_remove(&shelf);
	}
}

static void no_key_file(void **state)
{
	struct shelf shelf;
	char path[512];

	(void)state;
	shelf_make(&shelf);
	tlsfo_store_free(shelf_open(&shelf));
	path_below(&shelf, "/tlsfo-1/key", path);
	assert_int_equal(unlink(path), 0);
	/* Nobody writes to it, and nobody waits for that. */
	assert_int_equal(mkfifo(path, 0600), 0);
	shelf_refuses(shelf.store, TLSFO_E_STORE_UNSAFE, "/key: is not a file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	shelf_refuses(shelf.store, TLSFO_E_STORE_UNSAFE, "/key: is not a file");
	shelf_remove(&shelf);
}

static void what_the_system_refuses_is_told(void **state)
{
	(void)state;
	shelf_refuses("/proc/tlsfo/store", TLSFO_E_SYSTEM, "/proc/tlsfo/store: ");
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
