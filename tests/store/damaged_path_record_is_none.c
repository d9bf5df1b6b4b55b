/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whatever becomes of a path record's file, it is the record that was put or none, and another can be
 * put in its place. */

#include <unistd.h>

#include <sys/stat.h>

#include "trail.h"

#define SEALED_MAX 4096

static int64_t now;

static void is_none(struct tlsfo_store *store, const char *path, const void *data, size_t len)
{
	fixture_write(path, data, len);
	assert_int_equal(trail_rtt(store, 1, now), -2);
	assert_int_equal(fixture_count(store), 0);
}

static void every_byte_and_length(void **state)
{
	unsigned char sealed[SEALED_MAX];
	struct fixture fixture;
	char path[512];

	(void)state;
	now = fixture_now();
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	trail_answer(store, 1, 1234, now);
	assert_int_equal(trail_files(&fixture, path), 1);
	size_t len = fixture_read(path, sealed, sizeof(sealed));

	for (size_t i = 0; i < len; i++) {
		sealed[i] ^= (unsigned char)(1 << i % 8);
		is_none(store, path, sealed, len);
		sealed[i] ^= (unsigned char)(1 << i % 8);
		is_none(store, path, sealed, i);
	}
	memset(sealed + len, 0, sizeof(sealed) - len);
	is_none(store, path, sealed, len + 1);
	is_none(store, path, sealed, sizeof(sealed));
	fixture_write(path, sealed, len);
	assert_int_equal(trail_rtt(store, 1, now), 1234);
	is_none(store, path, sealed, 10);
	trail_answer(store, 1, 5678, now);
	assert_int_equal(trail_rtt(store, 1, now), 5678);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

/* One record's file under the name of another. */
static void exchanged_names(void **state)
{
	struct fixture fixture;
	char first[512], second[512];

	(void)state;
	now = fixture_now();
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	trail_answer(store, 1, 1234, now);
	assert_int_equal(trail_files(&fixture, first), 1);
	snprintf(second, sizeof(second), "%s", first);
	char *digit = second + strlen(second) - 1;

	*digit = *digit == '0' ? '1' : '0';
	assert_int_equal(rename(first, second), 0);
	assert_int_equal(trail_rtt(store, 1, now), -2);
	assert_int_equal(fixture_count(store), 0);
	assert_int_equal(rename(second, first), 0);
	assert_int_equal(trail_rtt(store, 1, now), 1234);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

static void links_are_not_followed(void **state)
{
	struct fixture fixture;
	char path[512], elsewhere[400];

	(void)state;
	now = fixture_now();
	fixture_make(&fixture);
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", fixture.dir);
	struct tlsfo_store *store = fixture_open(&fixture);

	trail_answer(store, 1, 1234, now);
	assert_int_equal(trail_files(&fixture, path), 1);
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
	assert_int_equal(trail_rtt(store, 1, now), -2);
	/* A pipe is not waited for. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(trail_rtt(store, 1, now), -2);
	trail_answer(store, 1, 5678, now);
	assert_int_equal(trail_rtt(store, 1, now), 5678);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

static void another_key_opens_nothing(void **state)
{
	static const unsigned char key[TLSFO_STORE_KEY_SIZE] = {1};
	struct tlsfo_store *other = NULL;
	struct fixture fixture;
	char path[512];

	(void)state;
	now = fixture_now();
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	trail_answer(store, 1, 1234, now);
	assert_int_equal(tlsfo_store_open(fixture.store, key, sizeof(key), &other), 0);
	assert_int_equal(trail_rtt(other, 1, now), -2);
	assert_int_equal(fixture_count(other), 0);
	assert_int_equal(tlsfo_store_forget(other, "host-1.example", 0), 0);
	trail_answer(other, 1, 5678, now);
	assert_int_equal(trail_files(&fixture, path), 2);
	assert_int_equal(trail_rtt(store, 1, now), 1234);
	/* Everything is everything. */
	assert_int_equal(tlsfo_store_clear(other), 2);
	assert_int_equal(trail_files(&fixture, path), 0);
	tlsfo_store_free(other);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_and_length),
		cmocka_unit_test(exchanged_names),
		cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(another_key_opens_nothing),
	};

	return suite_run_offline("damaged path record is none", tests, suite_length(tests));
}
