/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Directories are made 0700 and files 0600, and neither a name nor a file holds a word of a ticket or
 * of where a connection went. */

#include <ftw.h>
#include <stdlib.h>

#include <sys/stat.h>

#include "trail.h"

#define HOST "very-secret-host.example"

static const char blob[] = "the session data that nobody is to see";
static const char *const secrets[] = {HOST, "VERY-SECRET", "secret", "verified-name", "h2-or-so",
	blob, "session data", "3.7.9", "PRIORITY", "host-77", "198.51", "\xc6\x33\x64\x4d",
	"192.0.2"};
static size_t seen;

static void is_silent(const void *data, size_t len, const char *path)
{
	for (size_t i = 0; i < suite_length(secrets); i++)
		if (memmem(data, len, secrets[i], strlen(secrets[i])) != NULL)
			fail_msg("%s tells \"%s\"", path, secrets[i]);
}

static int inspect(const char *path, const struct stat *found, int type, struct FTW *at)
{
	unsigned char data[8192];
	const char *name = path + at->base;

	seen++;
	assert_int_equal(found->st_mode & 07777, type == FTW_D ? 0700 : 0600);
	is_silent(name, strlen(name), path);
	if (type == FTW_F)
		is_silent(data, fixture_read(path, data, sizeof(data)), path);
	return 0;
}

static void put(struct tlsfo_store *store)
{
	struct peer peer = fixture_peer(HOST);
	int64_t now = fixture_now();
	const struct ticket ticket = {
		.tls_version = 0x0304,
		.received = now,
		.expires = now + 100,
		.alpn = "h2-or-so",
		.alpn_len = 8,
		.blob = (unsigned char *)(uintptr_t)blob,
		.blob_len = sizeof(blob),
	};

	peer.verified = "verified-name.example";
	peer.priority = "PRIORITY";
	assert_int_equal(store_put(store, &peer, &ticket, now), 0);
	assert_int_equal(store_put(store, &peer, &ticket, now), 0);
}

static void private_and_silent(void **state)
{
	static const mode_t masks[] = {0, 022, 077, 0777};

	(void)state;
	for (size_t i = 0; i < suite_length(masks); i++) {
		struct fixture fixture;
		char path[330];

		fixture_make(&fixture);
		mode_t before = umask(masks[i]);

		/* Its parent is made, too. */
		snprintf(path, sizeof(path), "%s/parent/store", fixture.dir);
		struct tlsfo_store *store = fixture_open_path(path);

		put(store);
		trail_fail(store, 77, fixture_now());
		trail_answer(store, 77, 1, fixture_now());
		seen = 0;
		assert_int_equal(nftw(fixture.dir, inspect, 16, FTW_PHYS), 0);
		/* The key, the tickets, the path records and the directories have been seen. */
		assert_int_equal(seen, 1 + 2 + 3 + 1 + 2 + 3 + 16);
		tlsfo_store_free(store);
		umask(before);
		fixture_remove(&fixture);
	}
}

/* The same ticket twice, and for the same peer under two keys: nothing looks alike. */
static void nothing_repeats(void **state)
{
	struct fixture one, two;
	unsigned char first[4096], second[4096];
	char path[512];
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&one);
	fixture_make(&two);
	struct tlsfo_store *stores[] = {fixture_open(&one), fixture_open(&two)};

	fixture_put(stores[0], "example.org", 1, now);
	assert_int_equal(fixture_ticket_files(&one, path), 1);
	size_t len = fixture_read(path, first, sizeof(first));
	char name[40];

	snprintf(name, sizeof(name), "%.32s", strrchr(path, '/') + 1);
	assert_int_equal(fixture_take(stores[0], "example.org", now), 1);
	fixture_put(stores[0], "example.org", 1, now);
	assert_int_equal(fixture_ticket_files(&one, path), 1);
	assert_int_equal(fixture_read(path, second, sizeof(second)), len);
	for (size_t i = 1; i + 8 <= len; i++)
		assert_memory_not_equal(first + i, second + i, 8);
	assert_non_null(strstr(path, name));
	fixture_put(stores[1], "example.org", 1, now);
	assert_int_equal(fixture_ticket_files(&two, path), 1);
	assert_null(strstr(path, name));
	tlsfo_store_free(stores[0]);
	tlsfo_store_free(stores[1]);
	fixture_remove(&one);
	fixture_remove(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_and_silent),
		cmocka_unit_test(nothing_repeats),
	};

	return suite_run_offline("files are private and tell nothing", tests, suite_length(tests));
}
