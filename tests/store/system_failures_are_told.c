/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Calls of the system that stop half-way are gone on with; those that fail cost a ticket at most, and
 * are told. Linked with --wrap, so that tlsfo's calls come here.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "fixture.h"

/* What a call does: 0 as usual, -1 a little at a time and interrupted, otherwise fail with this. */
static struct {
	int write, read, getentropy, renameat, unlinkat, linkat, openat, mmap, madvise, fdopendir,
		readdir, close;
} script;
static unsigned int calls;

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __wrap_read(int fd, void *data, size_t len);
int __real_getentropy(void *data, size_t len);
int __wrap_getentropy(void *data, size_t len);
int __real_renameat(int from, const char *old, int to, const char *name);
int __wrap_renameat(int from, const char *old, int to, const char *name);
int __real_unlinkat(int at, const char *name, int flags);
int __wrap_unlinkat(int at, const char *name, int flags);
int __real_linkat(int from, const char *old, int to, const char *name, int flags);
int __wrap_linkat(int from, const char *old, int to, const char *name, int flags);
int __real_openat64(int at, const char *name, int flags, ...);
int __wrap_openat(int at, const char *name, int flags, ...);
void *__real_mmap64(void *at, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
/* A system with 32 bits has two of each: files are built here for offsets of 64 bits, which these have. */
int __wrap_openat64(int at, const char *name, int flags, ...)
	__attribute__((alias("__wrap_openat")));
void *__wrap_mmap64(void *at, size_t len, int protection, int flags, int fd, off_t offset)
	__attribute__((alias("__wrap_mmap")));
int __real_madvise(void *at, size_t len, int advice);
int __wrap_madvise(void *at, size_t len, int advice);

DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
struct dirent *__real_readdir64(DIR *stream);
struct dirent *__wrap_readdir(DIR *stream);
struct dirent *__wrap_readdir64(DIR *stream) __attribute__((alias("__wrap_readdir")));
int __real_close(int fd);
int __wrap_close(int fd);

/* Does the call fail, after having set errno? */
static bool fails(int what)
{
	if (what == 0)
		return false;
	errno = what > 0 ? what : EINTR;
	return what > 0 || ++calls % 2 == 0;
}

static size_t some(int what, size_t len)
{
	return what < 0 && len > 7 ? 7 : len;
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	return fails(script.write) ? -1 : __real_write(fd, data, some(script.write, len));
}

ssize_t __wrap_read(int fd, void *data, size_t len)
{
	return fails(script.read) ? -1 : __real_read(fd, data, some(script.read, len));
}

int __wrap_getentropy(void *data, size_t len)
{
	return fails(script.getentropy) ? -1 : __real_getentropy(data, len);
}

int __wrap_renameat(int from, const char *old, int to, const char *name)
{
	return fails(script.renameat) ? -1 : __real_renameat(from, old, to, name);
}

int __wrap_unlinkat(int at, const char *name, int flags)
{
	return fails(script.unlinkat) ? -1 : __real_unlinkat(at, name, flags);
}

int __wrap_linkat(int from, const char *old, int to, const char *name, int flags)
{
	return fails(script.linkat) ? -1 : __real_linkat(from, old, to, name, flags);
}

int __wrap_openat(int at, const char *name, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(args, int) : 0;
	va_end(args);
	/* Directories are opened all the same. */
	if ((flags & O_DIRECTORY) == 0 && fails(script.openat))
		return -1;
	return __real_openat64(at, name, flags, mode);
}

void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return fails(script.mmap) ? MAP_FAILED
				  : __real_mmap64(at, len, protection, flags, fd, offset);
}

int __wrap_madvise(void *at, size_t len, int advice)
{
	return fails(script.madvise) ? -1 : __real_madvise(at, len, advice);
}

DIR *__wrap_fdopendir(int fd)
{
	return fails(script.fdopendir) ? NULL : __real_fdopendir(fd);
}

struct dirent *__wrap_readdir(DIR *stream)
{
	return fails(script.readdir) ? NULL : __real_readdir64(stream);
}

/* What fails is closed all the same. */
int __wrap_close(int fd)
{
	int ret = __real_close(fd);

	return fails(script.close) ? -1 : ret;
}

static void script_reset(void)
{
	memset(&script, 0, sizeof(script));
}

static void a_little_at_a_time(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	script.write = script.read = -1;
	struct tlsfo_store *store = fixture_open(&fixture);

	fixture_put(store, "example.org", 4711, fixture_now());
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 4711);
	assert_true(calls > 100);
	script_reset();
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

static int put(struct tlsfo_store *store)
{
	int ret = fixture_try_put(store, "example.org", 2, fixture_now());

	script_reset();
	return ret;
}

static void failed_put_is_told(void **state)
{
	struct fixture fixture;
	char path[512];

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	script.write = EIO;
	assert_int_equal(put(store), TLSFO_E_SYSTEM);
	script.renameat = EIO;
	assert_int_equal(put(store), TLSFO_E_SYSTEM);
	script.getentropy = ENOSYS;
	assert_int_equal(put(store), TLSFO_E_SYSTEM);
	script.openat = EMFILE;
	assert_int_equal(put(store), TLSFO_E_SYSTEM);
	/* What fails in cleaning up hides nothing. */
	script.fdopendir = ENOMEM;
	script.close = EIO;
	assert_int_equal(put(store), STORE_E_MEMORY);
	assert_int_equal(fixture_files(fixture.store, "new-", path), 0);
	assert_int_equal(fixture_ticket_files(&fixture, path), 0);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

static int take(struct tlsfo_store *store)
{
	const struct peer peer = fixture_peer("example.org");
	struct ticket ticket;
	int ret = store_take(store, &peer, fixture_now(), 0, &ticket);

	assert_int_equal(ticket.blob != NULL, ret == 1);
	ticket_clear(&ticket);
	script_reset();
	return ret;
}

static void failed_take_is_no_ticket(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	fixture_put(store, "example.org", 1, fixture_now());
	/* The ticket stays when the reason passes, or when it cannot be removed. */
	script.openat = EMFILE;
	assert_int_equal(take(store), TLSFO_E_SYSTEM);
	script.unlinkat = EACCES;
	assert_int_equal(take(store), TLSFO_E_SYSTEM);
	/* Another was quicker. */
	script.unlinkat = ENOENT;
	assert_int_equal(take(store), 0);
	assert_int_equal(take(store), 1);
	fixture_put(store, "example.org", 1, fixture_now());
	script.read = EIO;
	assert_int_equal(take(store), TLSFO_E_SYSTEM);
	assert_int_equal(take(store), 0);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

static int ignore(const struct tlsfo_store_entry *entry, void *userdata)
{
	assert_non_null(entry);
	++*(int *)userdata;
	return 0;
}

static void assert_told(int ret, int error)
{
	assert_int_equal(ret, TLSFO_E_SYSTEM);
	assert_int_equal(errno, error);
}

/* To say that nothing is there, when it could not be looked at or removed, is wrong. */
static void failed_looking_and_removing_is_told(void **state)
{
	struct fixture fixture;
	int count = 0;

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	fixture_put(store, "example.org", 1, fixture_now());
	script.readdir = EIO;
	assert_told(tlsfo_store_list(store, ignore, &count), EIO);
	assert_told(tlsfo_store_forget(store, "example.org", 0), EIO);
	assert_told(tlsfo_store_clear(store), EIO);
	script_reset();
	script.openat = EACCES;
	assert_told(tlsfo_store_list(store, ignore, &count), EACCES);
	assert_told(tlsfo_store_forget(store, "example.org", 0), EACCES);
	script_reset();
	script.unlinkat = EPERM;
	assert_told(tlsfo_store_forget(store, "example.org", 0), EPERM);
	assert_told(tlsfo_store_clear(store), EPERM);
	script_reset();
	assert_int_equal(count, 0);
	assert_int_equal(tlsfo_store_clear(store), 1);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

/* Android, FAT and some network file systems have none. */
static void key_is_made_without_hard_links(void **state)
{
	struct fixture fixture;
	char path[512];

	(void)state;
	fixture_make(&fixture);
	script.linkat = EPERM;
	struct tlsfo_store *store = fixture_open(&fixture);
	struct tlsfo_store *other = fixture_open(&fixture);

	script_reset();
	fixture_put(store, "example.org", 4711, fixture_now());
	assert_int_equal(fixture_take(other, "example.org", fixture_now()), 4711);
	assert_int_equal(fixture_files(fixture.store, "new-", path), 0);
	tlsfo_store_free(store);
	tlsfo_store_free(other);
	fixture_remove(&fixture);
}

static void failed_opening_is_told(void **state)
{
	struct fixture fixture;
	char path[512];

	(void)state;
	fixture_make(&fixture);
	script.getentropy = ENOSYS;
	fixture_refuses(
		fixture.store, TLSFO_E_SYSTEM, "/key: getentropy: Function not implemented");
	script_reset();
	script.write = ENOSPC;
	fixture_refuses(fixture.store, TLSFO_E_SYSTEM, "/key: write: No space left on device");
	script_reset();
	script.linkat = EPERM;
	script.renameat = EIO;
	fixture_refuses(fixture.store, TLSFO_E_SYSTEM, "/key: rename: Input/output error");
	script_reset();
	assert_int_equal(fixture_files(fixture.store, "", path), 0);
	tlsfo_store_free(fixture_open(&fixture));
	script.read = EIO;
	fixture_refuses(fixture.store, TLSFO_E_SYSTEM, "/key: read: Input/output error");
	script_reset();
	script.openat = EMFILE;
	fixture_refuses(fixture.store, TLSFO_E_SYSTEM, "/key: open: Too many open files");
	script_reset();
	fixture_remove(&fixture);
}

static void memory_without_the_kernels_help(void **state)
{
	struct tlsfo_store *store = (void *)&script;

	(void)state;
	script.mmap = ENOMEM;
	assert_int_equal(tlsfo_store_new(&store), -25);
	script_reset();
	assert_ptr_equal(store, &script);
	/* A kernel that cannot empty a page for a child: the process id does. */
	script.madvise = EINVAL;
	store = fixture_memory();
	script_reset();
	fixture_put(store, "example.org", 1, fixture_now());
	pid_t pid = fork();

	if (pid == 0)
		_exit(take(store));
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(take(store), 1);
	tlsfo_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_little_at_a_time),
		cmocka_unit_test(failed_put_is_told),
		cmocka_unit_test(failed_take_is_no_ticket),
		cmocka_unit_test(failed_looking_and_removing_is_told),
		cmocka_unit_test(key_is_made_without_hard_links),
		cmocka_unit_test(failed_opening_is_told),
		cmocka_unit_test(memory_without_the_kernels_help),
	};

	return suite_run_offline("system failures are told", tests, suite_length(tests));
}
