/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* On a full disk putting fails and leaves nothing half-written; what was there can still be taken. */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fixture.h"

static struct fixture fixture;

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
	struct tlsfo_store *store = fixture_open(&fixture);
	int64_t now = fixture_now();

	(void)state;
	snprintf(filler, sizeof(filler), "%s/filler", fixture.dir);
	fixture_put(store, "example.org", 1, now);
	fill_up(filler);
	for (int i = 0; i < 10; i++)
		assert_int_equal(fixture_try_put(store, "example.org", 2, now), TLSFO_E_SYSTEM);
	assert_int_equal(fixture_files(fixture.store, "new-", path), 0);
	assert_int_equal(fixture_ticket_files(&fixture, path), 1);
	assert_int_equal(fixture_take(store, "example.org", now), 1);
	assert_int_equal(unlink(filler), 0);
	fixture_put(store, "example.org", 3, now);
	assert_int_equal(fixture_take(store, "example.org", now), 3);
	tlsfo_store_free(store);
}

static void opening_makes_no_half_a_key(void **state)
{
	char filler[400], other[400], path[512];

	(void)state;
	snprintf(filler, sizeof(filler), "%s/filler", fixture.dir);
	snprintf(other, sizeof(other), "%s/other", fixture.dir);
	fill_up(filler);
	fixture_refuses(other, TLSFO_E_SYSTEM, "No space left on device");
	assert_int_equal(unlink(filler), 0);
	assert_int_equal(fixture_files(fixture.dir, "new-", path), 0);
	struct tlsfo_store *store = fixture_open_path(other);

	fixture_put(store, "example.org", 1, fixture_now());
	tlsfo_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_fails_whole),
		cmocka_unit_test(opening_makes_no_half_a_key),
	};

	fixture_make(&fixture);
	fixture_mount(&fixture, 256);
	int ret = suite_run_offline("full disk leaves no file", tests, suite_length(tests));

	fixture_remove(&fixture);
	return ret;
}
