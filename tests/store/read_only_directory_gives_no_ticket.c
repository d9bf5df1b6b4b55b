/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a ticket cannot be removed it must not be used: nobody would know that it was. */

#include <errno.h>

#include <sys/mount.h>

#include "fixture.h"

static struct fixture fixture;

static void remount(unsigned long flags)
{
	assert_int_equal(mount(NULL, fixture.dir, NULL, MS_REMOUNT | flags, NULL), 0);
}

static void nothing_is_taken_or_put(void **state)
{
	struct tlsfo_store *store = fixture_open(&fixture);
	const struct peer peer = fixture_peer("example.org");
	struct ticket ticket;
	int64_t now = fixture_now();

	(void)state;
	fixture_put(store, "example.org", 1, now);
	remount(MS_RDONLY);
	assert_int_equal(store_take(store, &peer, now, 0, &ticket), TLSFO_E_SYSTEM);
	assert_null(ticket.blob);
	assert_int_equal(fixture_try_put(store, "example.org", 2, now), TLSFO_E_SYSTEM);
	assert_int_equal(tlsfo_store_forget(store, "example.org", 0), TLSFO_E_SYSTEM);
	assert_int_equal(errno, EROFS);
	assert_int_equal(tlsfo_store_clear(store), TLSFO_E_SYSTEM);
	assert_int_equal(errno, EROFS);
	/* Looking is allowed, and opening what is whole. */
	assert_int_equal(fixture_count(store), 1);
	tlsfo_store_free(store);
	store = fixture_open(&fixture);
	assert_int_equal(fixture_count(store), 1);
	remount(0);
	assert_int_equal(fixture_take(store, "example.org", now), 1);
	tlsfo_store_free(store);
}

static void opening_says_why(void **state)
{
	char other[400];

	(void)state;
	snprintf(other, sizeof(other), "%s/other", fixture.dir);
	remount(MS_RDONLY);
	fixture_refuses(other, TLSFO_E_SYSTEM, "/other: open: Read-only file system");
	remount(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_taken_or_put),
		cmocka_unit_test(opening_says_why),
	};

	fixture_make(&fixture);
	fixture_mount(&fixture, 256);
	int ret = suite_run_offline(
		"read-only directory gives no ticket", tests, suite_length(tests));

	fixture_remove(&fixture);
	return ret;
}
