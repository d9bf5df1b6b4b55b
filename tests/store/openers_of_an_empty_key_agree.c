/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When several processes open a directory whose key is empty, as a power cut may leave it, they
 * agree on one new key. Who is slower removes nothing that is not empty, and who finds another
 * process at it waits a moment. The program is linked with --wrap, so that the other comes at the
 * worst moment, with hard links and without.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <sys/file.h>
#include <sys/wait.h>

#include "fixture.h"

#define OPENERS 16

static const struct fixture *armed; /* another opens it, when its key was found empty */
static struct tlsfo_store *other;
static bool no_links;
static int lock = -1; /* of another that is at it, until it is waited for */

ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __wrap_read(int fd, void *data, size_t len);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);

int __real_linkat(int from, const char *old, int to, const char *name, int flags);
int __wrap_linkat(int from, const char *old, int to, const char *name, int flags);

int __wrap_linkat(int from, const char *old, int to, const char *name, int flags)
{
	if (!no_links)
		return __real_linkat(from, old, to, name, flags);
	errno = EPERM;
	return -1;
}

ssize_t __wrap_read(int fd, void *data, size_t len)
{
	const struct fixture *fixture = armed;
	ssize_t n = __real_read(fd, data, len);

	if (fixture == NULL || n != 0)
		return n;
	armed = NULL;
	other = fixture_open(fixture);
	return n;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (lock >= 0)
		close(lock);
	lock = -1;
	return __real_poll(fds, count, timeout);
}

/* A directory whose key is empty; @ret_layout has room for the path of what that lies in. */
static void make(struct fixture *fixture, char ret_layout[static 320])
{
	char key[330];

	fixture_make(fixture);
	tlsfo_store_free(fixture_open(fixture));
	snprintf(ret_layout, 320, "%s/tlsfo-1", fixture->store);
	snprintf(key, sizeof(key), "%s/key", ret_layout);
	fixture_write(key, "", 0);
}

static void other_was_quicker(void **state)
{
	struct fixture fixture;
	char layout[320];

	(void)state;
	make(&fixture, layout);
	armed = &fixture;
	struct tlsfo_store *store = fixture_open(&fixture);

	assert_null(armed);
	fixture_put(other, "example.org", 4711, fixture_now());
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 4711);
	tlsfo_store_free(other);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

static void other_was_quicker_without_links(void **state)
{
	no_links = true;
	other_was_quicker(state);
	no_links = false;
}

static int open_and_put(const struct fixture *fixture, int number)
{
	char host[32];

	snprintf(host, sizeof(host), "host-%d.example", number);
	struct tlsfo_store *store = NULL;
	int ret = tlsfo_store_open(fixture->store, NULL, 0, &store);

	if (ret == 0)
		ret = fixture_try_put(store, host, 1, fixture_now());
	tlsfo_store_free(store);
	return ret;
}

/* Processes that open it for the first time at once have one key, without hard links too. */
static void all_processes_agree_without_links(void **state)
{
	pid_t pids[OPENERS];
	struct fixture fixture;
	int status;

	(void)state;
	fixture_make(&fixture);
	no_links = true;
	for (int i = 0; i < OPENERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(open_and_put(&fixture, i) != 0);
	}
	for (int i = 0; i < OPENERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	no_links = false;
	struct tlsfo_store *store = fixture_open(&fixture);

	assert_int_equal(fixture_count(store), OPENERS);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

static void other_is_at_it(void **state)
{
	struct fixture fixture;
	char layout[320];

	(void)state;
	make(&fixture, layout);
	lock = open(layout, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(lock >= 0);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	struct tlsfo_store *store = fixture_open(&fixture);

	assert_int_equal(lock, -1);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_was_quicker),
		cmocka_unit_test(other_was_quicker_without_links),
		cmocka_unit_test(all_processes_agree_without_links),
		cmocka_unit_test(other_is_at_it),
	};

	return suite_run_offline("openers of an empty key agree", tests, suite_length(tests));
}
