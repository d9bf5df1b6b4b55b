/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A whole store: a directory whose files have any names and contents is opened, listed, put to, taken from
 * and cleared. Nothing outside of it is touched, and what is told is so.
 *
 * The input is entries, each of four fields: a byte for the place and the kind, the name and the content
 * behind their lengths in one and in two bytes. A kind that is sealed gets its content sealed with the
 * store's key under its name, so that what is read is not only what nobody can have written.
 */

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tlsfo/store.h>

#include "base/bytes.h"
#include "fuzz/target.h"
#include "store/record.h"
#include "store/seal.h"
#include "store/store.h"

#define CONTENT_MAX 8192
#define OUTSIDE	    "untouched"

enum kind { KIND_FILE = 0, KIND_SEALED, KIND_DIRECTORY, KIND_LINK, KINDS };

static const char *const places[] = {"", "tlsfo-1", "tlsfo-1/tickets", "tlsfo-1/paths",
	"tlsfo-1/tickets/0", "tlsfo-1/tickets/1", "tlsfo-1/tickets/f"};
#define PLACES (sizeof(places) / sizeof(places[0]))

static const unsigned char key[] = "no corpus was made with this key";
static char top[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	return ftw->level > 0 ? remove(path) : 0;
}

static void leave(void)
{
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	rmdir(top);
}

static void write_file(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	promise(write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static void begin(void)
{
	char path[sizeof(top) + 64];

	if (top[0] == '\0') {
		/* In memory, if there is such a place: thousands of files come and go. */
		snprintf(top, sizeof(top), "%s/tlsfo-fuzz-XXXXXX",
			access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		promise(mkdtemp(top) != NULL);
		atexit(leave);
	}
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	snprintf(path, sizeof(path), "%s/outside", top);
	write_file(path, OUTSIDE, strlen(OUTSIDE));
	snprintf(path, sizeof(path), "%s/store", top);
	mkdir(path, 0700);
	for (size_t i = 1; i < PLACES; i++) {
		snprintf(path, sizeof(path), "%s/store/%s", top, places[i]);
		mkdir(path, 0700);
	}
	snprintf(path, sizeof(path), "%s/store/tlsfo-1/key", top);
	write_file(path, key, SEAL_KEY_SIZE);
}

static void write_sealed(const char *path, const char *name, struct bytes content)
{
	static const unsigned char salt[SEAL_SALT_SIZE] = {1, 2, 3};
	unsigned char sealed[CONTENT_MAX + SEAL_OVERHEAD];

	if (content.len > 0)
		memcpy(sealed + SEAL_HEAD, content.at, content.len);
	seal_close(key, name, salt, sealed, content.len);
	write_file(path, sealed, content.len + SEAL_OVERHEAD);
}

static void make_entry(uint8_t what, struct bytes given, struct bytes content)
{
	char path[sizeof(top) + 320];
	char name[256] = "";

	for (size_t i = 0; i < given.len; i++)
		name[i] = given.at[i] == '/' ? '_' : (char)given.at[i];
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	snprintf(path, sizeof(path), "%s/store/%s/%s", top, places[what / KINDS % PLACES], name);
	switch ((enum kind)(what % KINDS)) {
	case KIND_DIRECTORY:
		mkdir(path, 0700);
		break;
	case KIND_LINK:
		if (symlink(strcmp(places[what / KINDS % PLACES], "") == 0 ? "../outside"
									   : "../../../outside",
			    path) != 0)
			return;
		break;
	case KIND_SEALED:
		write_sealed(path, name, content);
		break;
	default:
		write_file(path, content.at, content.len);
	}
}

static int see(const struct tlsfo_store_entry *entry, void *userdata)
{
	promise(strlen(entry->host) <= RECORD_NAME_MAX);
	(*(unsigned int *)userdata)++;
	return 0;
}

static void use(struct tlsfo_store *store)
{
	const struct peer peer = {.host = "example.org", .port = 443, .verified = "example.org"};
	unsigned char blob[] = "a session";
	const struct ticket ticket = {.blob = blob,
		.blob_len = sizeof(blob),
		.received = 0x69200000,
		.expires = INT64_C(0x7fffffff)};
	unsigned int count = 0;
	struct ticket taken;

	promise(tlsfo_store_list(store, see, &count) <= 0);
	int put = store_put(store, &peer, &ticket, 0x69200000);
	int ret = store_take(store, &peer, 0x69200001, 0, &taken);
	promise(put != 0 || ret != 0);
	promise((ret == 1) == (taken.blob != NULL));
	ticket_clear(&taken);
	promise(tlsfo_store_forget(store, "example.net", 0) <= 64);
	ret = tlsfo_store_clear(store);
	count = 0;
	if (tlsfo_store_list(store, see, &count) == 0)
		promise(ret < 0 || count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes input = bytes_of(data, size);
	struct tlsfo_store *store = NULL;
	char path[sizeof(top) + 16];
	char outside[sizeof(OUTSIDE)] = "";

	begin();
	for (int i = 0; i < 32 && input.len > 0; i++) {
		uint8_t what = (uint8_t)bytes_number(&input, 1);
		struct bytes name = bytes_vector(&input, 1);
		struct bytes content = bytes_vector(&input, 2);

		if (!input.failed && content.len <= CONTENT_MAX)
			make_entry(what, name, content);
	}
	snprintf(path, sizeof(path), "%s/store", top);
	if (tlsfo_store_open(path, NULL, 0, &store) == 0)
		use(store);
	else
		promise(tlsfo_store_error(store)[0] != '\0');
	tlsfo_store_free(store);
	snprintf(path, sizeof(path), "%s/outside", top);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	promise(read(fd, outside, sizeof(outside)) == (ssize_t)strlen(OUTSIDE));
	promise(strcmp(outside, OUTSIDE) == 0);
	close(fd);
	return 0;
}
