/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a ticket cannot be removed it must not be used: nobody would know that it was. */

#include <errno.h>

#include <sys/mount.h>

#include "shelf.h"

static struct shelf shelf;

static void remount(unsigned long flags)
{
	assert_int_equal(mount(NULL, shelf.dir, NULL, MS_REMOUNT | flags, NULL), 0);
}

static void nothing_is_taken_or_put(void **state)
{
	struct tlsfo_store *store = shelf_open(&shelf);
	const struct peer peer = shelf_peer("example.org");
	struct ticket ticket;
	int64_t now = shelf_now();

	(void)state;
	shelf_put(store, "example.org", 1, now);
	remount(MS_RDONLY);
	assert_int_equal(store_take(store, &peer, now, 0, &ticket), TLSFO_E_SYSTEM);
	assert_null(ticket.blob);
	assert_int_equal(shelf_try_put(store, "example.org", 2, now), TLSFO_E_SYSTEM);
	assert_int_equal(tlsfo_store_forget(store, "example.org", 0), TLSFO_E_SYSTEM);
	assert_int_equal(errno, EROFS);
	assert_int_equal(tlsfo_store_clear(store), TLSFO_E_SYSTEM);
	assert_int_equal(errno, EROFS);
	/* Looking is allowed, and opening what is whole. */
	assert_int_equal(shelf_count(store), 1);
	tlsfo_store_free(store);
	store = shelf_open(&shelf);
	assert_int_equal(shelf_count(store), 1);
	remount(0);
	assert_int_equal(shelf_take(store, "example.org", now), 1);
	tlsfo_store_free(store);
}

static void opening_says_why(void **state)
{
	char other[400];

	(void)state;
	snprintf(other, sizeof(other), "%s/other", shelf.dir);
	remount(MS_RDONLY);
	shelf_refuses(other, TLSFO_E_SYSTEM, "/other: open: Read-only file system");
	remount(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_taken_or_put),
		cmocka_unit_test(opening_says_why),
	};

	shelf_make(&shelf);
	shelf_mount(&shelf, 256);
	int ret = suite_run_offline(
		"read-only directory gives no ticket", tests, suite_length(tests));

	shelf_remove(&shelf);
	return ret;
}
