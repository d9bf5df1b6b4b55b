/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* On a full disk putting fails and leaves nothing half-written; what was there can still be taken. */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "shelf.h"

static struct shelf shelf;

static void fill_up(const char *path)
{
	static const char zeros[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (write(fd, zeros, sizeof(zeros)) > 0)
		continue;
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

static void put_fails_whole(void **state)
{
	char filler[400], path[512];
	struct tlsfo_store *store = shelf_open(&shelf);
	int64_t now = shelf_now();

	(void)state;
	snprintf(filler, sizeof(filler), "%s/filler", shelf.dir);
	shelf_put(store, "example.org", 1, now);
	fill_up(filler);
	for (int i = 0; i < 10; i++)
		assert_int_equal(shelf_try_put(store, "example.org", 2, now), TLSFO_E_SYSTEM);
	assert_int_equal(shelf_files(shelf.store, "new-", path), 0);
	assert_int_equal(shelf_ticket_files(&shelf, path), 1);
	assert_int_equal(shelf_take(store, "example.org", now), 1);
	assert_int_equal(unlink(filler), 0);
	shelf_put(store, "example.org", 3, now);
	assert_int_equal(shelf_take(store, "example.org", now), 3);
	tlsfo_store_free(store);
}

static void opening_makes_no_half_a_key(void **state)
{
	char filler[400], other[400], path[512];

	(void)state;
	snprintf(filler, sizeof(filler), "%s/filler", shelf.dir);
	snprintf(other, sizeof(other), "%s/other", shelf.dir);
	fill_up(filler);
	shelf_refuses(other, TLSFO_E_SYSTEM, "No space left on device");
	assert_int_equal(unlink(filler), 0);
	assert_int_equal(shelf_files(shelf.dir, "new-", path), 0);
	struct tlsfo_store *store = shelf_open_path(other);

	shelf_put(store, "example.org", 1, shelf_now());
	tlsfo_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_fails_whole),
		cmocka_unit_test(opening_makes_no_half_a_key),
	};

	shelf_make(&shelf);
	shelf_mount(&shelf, 256);
	int ret = suite_run_offline("full disk leaves no file", tests, suite_length(tests));

	shelf_remove(&shelf);
	return ret;
}
