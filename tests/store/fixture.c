/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/mount.h>
#include <sys/stat.h>

#include "support/net.h"

#define BLOB_SIZE 900

/* What nftw(3) is looking for; it hands on nothing. */
static struct {
	const char *prefix;
	size_t count;
	char *path;
} search;

void fixture_make(struct fixture *fixture)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(fixture->dir, sizeof(fixture->dir), "%s/tlsfo-store-XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(fixture->dir) == NULL)
		suite_abort("mkdtemp: %s", strerror(errno));
	snprintf(fixture->store, sizeof(fixture->store), "%s/store", fixture->dir);
}

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *at)
{
	(void)found;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

void fixture_remove(const struct fixture *fixture)
{
	nftw(fixture->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void fixture_each_kind(void (*test)(struct tlsfo_store *store))
{
	struct tlsfo_store *store = fixture_memory();
	struct fixture fixture;

	test(store);
	tlsfo_store_free(store);
	fixture_make(&fixture);
	store = fixture_open(&fixture);
	test(store);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

struct tlsfo_store *fixture_memory(void)
{
	struct tlsfo_store *store = NULL;

	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_string_equal(tlsfo_store_error(store), "");
	return store;
}

struct tlsfo_store *fixture_open_path(const char *path)
{
	struct tlsfo_store *store = NULL;
	int ret = tlsfo_store_open(path, NULL, 0, &store);

	if (ret != 0)
		fail_msg("%s", tlsfo_store_error(store));
	assert_string_equal(tlsfo_store_error(store), "");
	return store;
}

struct tlsfo_store *fixture_open(const struct fixture *fixture)
{
	return fixture_open_path(fixture->store);
}

void fixture_refuses(const char *path, int code, const char *word)
{
	struct tlsfo_store *store = NULL;

	assert_int_equal(tlsfo_store_open(path, NULL, 0, &store), code);
	assert_non_null(store);
	if (strstr(tlsfo_store_error(store), word) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", tlsfo_store_error(store), word);
	/* Nothing can be done with it. */
	assert_int_equal(
		fixture_try_put(store, "example.org", 1, fixture_now()), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_clear(store), TLSFO_E_INVALID_ARGUMENT);
	tlsfo_store_free(store);
}

int64_t fixture_now(void)
{
	return (int64_t)time(NULL);
}

struct peer fixture_peer(const char *host)
{
	static const char *const alpn[] = {"h2", "http/1.1"};

	return (struct peer){
		.host = host,
		.port = 443,
		.servername = host,
		.verified = host,
		.alpn = alpn,
		.alpn_count = 2,
		.tls_library = "3.7.9",
	};
}

struct ticket fixture_ticket(uint64_t id, size_t len, int64_t now)
{
	struct ticket ticket = {
		.tls_version = 0x0304,
		.group = 29,
		.max_early_data = 16384,
		.received = now,
		.expires = now + SHELF_LIFE,
		.alpn = "h2",
		.alpn_len = 2,
		.blob = malloc(len),
		.blob_len = len,
	};

	if (ticket.blob == NULL)
		suite_abort("no memory");
	for (size_t i = 0; i < len; i++)
		ticket.blob[i] = ((const unsigned char *)&id)[i % sizeof(id)];
	return ticket;
}

uint64_t fixture_id(const struct ticket *ticket)
{
	uint64_t id = 0;

	if (ticket->blob_len < sizeof(id))
		return 0;
	memcpy(&id, ticket->blob, sizeof(id));
	for (size_t i = 0; i < ticket->blob_len; i++)
		if (ticket->blob[i] != ((const unsigned char *)&id)[i % sizeof(id)])
			return 0;
	return id;
}

int fixture_try_put(struct tlsfo_store *store, const char *host, uint64_t id, int64_t now)
{
	const struct peer peer = fixture_peer(host);
	struct ticket ticket = fixture_ticket(id, BLOB_SIZE, now);
	int ret = store_put(store, &peer, &ticket, now);

	ticket_clear(&ticket);
	return ret;
}

void fixture_put(struct tlsfo_store *store, const char *host, uint64_t id, int64_t now)
{
	assert_int_equal(fixture_try_put(store, host, id, now), 0);
}

uint64_t fixture_take(struct tlsfo_store *store, const char *host, int64_t now)
{
	const struct peer peer = fixture_peer(host);
	struct ticket ticket;
	int ret = store_take(store, &peer, now, 0, &ticket);

	if (ret == 0) {
		assert_null(ticket.blob);
		return 0;
	}
	assert_int_equal(ret, 1);
	uint64_t id = fixture_id(&ticket);

	assert_true(id != 0);
	ticket_clear(&ticket);
	return id;
}

static int count_one(const struct tlsfo_store_entry *entry, void *userdata)
{
	assert_non_null(entry);
	++*(int *)userdata;
	return 0;
}

int fixture_count(struct tlsfo_store *store)
{
	int count = 0;

	assert_int_equal(tlsfo_store_list(store, count_one, &count), 0);
	return count;
}

static int find_one(const char *path, const struct stat *found, int type, struct FTW *at)
{
	(void)found;
	if (type != FTW_F || strncmp(path + at->base, search.prefix, strlen(search.prefix)) != 0)
		return 0;
	search.count++;
	snprintf(search.path, 512, "%s", path);
	return 0;
}

size_t fixture_files(const char *path, const char *prefix, char ret_path[static 512])
{
	search.prefix = prefix;
	search.count = 0;
	search.path = ret_path;
	assert_int_equal(nftw(path, find_one, 16, FTW_PHYS), 0);
	return search.count;
}

size_t fixture_ticket_files(const struct fixture *fixture, char ret_path[static 512])
{
	char tickets[320];
	char other[512];

	snprintf(tickets, sizeof(tickets), "%s/tlsfo-1/tickets", fixture->store);
	return fixture_files(tickets, "", ret_path) - fixture_files(tickets, "new-", other);
}

size_t fixture_read(const char *path, unsigned char *ret_data, size_t size)
{
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	size_t len = fread(ret_data, 1, size, file);

	fclose(file);
	assert_true(len < size);
	return len;
}

void fixture_write(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

void fixture_mount(const struct fixture *fixture, unsigned int kilobytes)
{
	char options[64];

	/* A user namespace, where this user is root, when it takes that. */
	net_begin();
	snprintf(options, sizeof(options), "size=%uk,mode=0700", kilobytes);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("tmpfs", fixture->dir, "tmpfs", 0, options) != 0) {
		int error = errno;

		fixture_remove(fixture);
		suite_skip("this system does not let the test mount a tmpfs: %s", strerror(error));
	}
}
