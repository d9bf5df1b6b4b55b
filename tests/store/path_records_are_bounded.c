/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* There are never many more path records than the bound says, and what nobody has written for long
 * goes. */

#include <time.h>

#include <sys/stat.h>

#include "store/entry.h"

#include "trail.h"

/* Looking after them is done by one put in several, at random. */
#define SLACK 300

static void answer_many(struct tlsfo_store *store, unsigned int count, int64_t now)
{
	const struct path_address address = {.family = 4, .port = 443};
	char host[32];

	for (unsigned int i = 0; i < count; i++) {
		snprintf(host, sizeof(host), "many-%u.example", i);
		path_store_answered(
			trail_of(store), host, &address, 1, PATH_EARLY_NOTHING, now + i / 100);
	}
}

static void bounded(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	answer_many(store, 2 * ENTRY_ALL, now);
	assert_in_range(fixture_count(store), ENTRY_ALL - SLACK, ENTRY_ALL + SLACK);
	/* The last are there, though all were written within the same second. */
	struct record record;
	char host[32];

	now += 2 * ENTRY_ALL / 100;
	for (unsigned int i = 2 * ENTRY_ALL - 500; i < 2 * ENTRY_ALL; i++) {
		snprintf(host, sizeof(host), "many-%u.example", i);
		assert_true(path_store_host(trail_of(store), host, 443, now, &record));
	}
	assert_in_range(tlsfo_store_clear(store), ENTRY_ALL - SLACK, ENTRY_ALL + SLACK);
	assert_int_equal(fixture_count(store), 0);
}

static void each_kind(void **state)
{
	(void)state;
	fixture_each_kind(bounded);
}

static void plant(const struct fixture *fixture, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/tlsfo-1/paths/%s", fixture->store, name);
	fixture_write(path, "half", 4);
}

/* A file of this name was written so long ago. */
static void age(const struct fixture *fixture, const char *name, int64_t seconds)
{
	const struct timespec then = {.tv_sec = (time_t)(fixture_now() - seconds)};
	const struct timespec times[2] = {then, then};
	char path[512];

	plant(fixture, name);
	snprintf(path, sizeof(path), "%s/tlsfo-1/paths/%s", fixture->store, name);
	assert_int_equal(utimensat(-1, path, times, 0), 0);
}

static void old_files_and_strangers_go(void **state)
{
	static const char old[] = "0123456789abcdef0123456789abcdef";
	static const char young[] = "1123456789abcdef0123456789abcdef";
	struct fixture fixture;
	char path[512], paths[400];

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	age(&fixture, old, 41 * 24 * 3600);
	age(&fixture, young, 39 * 24 * 3600);
	plant(&fixture, "stranger");
	plant(&fixture, "new-0000000001-0123456789abcdef0123456789abcdef");
	plant(&fixture, "0123456789abcdef0123456789abcdef0");
	snprintf(paths, sizeof(paths), "%s/tlsfo-1/paths", fixture.store);
	for (int i = 0; i < 1000 && trail_files(&fixture, path) > 2; i++)
		trail_answer(store, 1, 1, fixture_now());
	assert_int_equal(trail_files(&fixture, path), 2);
	assert_int_equal(fixture_files(paths, young, path), 1);
	assert_int_equal(fixture_count(store), 1);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(old_files_and_strangers_go),
	};

	return suite_run_offline("path records are bounded", tests, suite_length(tests));
}
