/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A power cut may leave an empty key. Of those who open the directory then, one makes another, and all use that:
 * who was slower removes nothing that is not empty, and who finds another at it has a moment's patience.
 * Linked with --wrap, so that the other comes at the worst moment.
 */

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <sys/file.h>

#include "shelf.h"

static const struct shelf *armed; /* another opens it, when its key was found empty */
static struct tlsfo_store *other;
static int lock = -1; /* of another that is at it, until it is waited for */

ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __wrap_read(int fd, void *data, size_t len);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);

ssize_t __wrap_read(int fd, void *data, size_t len)
{
	const struct shelf *shelf = armed;
	ssize_t n = __real_read(fd, data, len);

	if (shelf == NULL || n != 0)
		return n;
	armed = NULL;
	other = shelf_open(shelf);
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
static void make(struct shelf *shelf, char ret_layout[static 320])
{
	char key[330];

	shelf_make(shelf);
	tlsfo_store_free(shelf_open(shelf));
	snprintf(ret_layout, 320, "%s/tlsfo-1", shelf->store);
	snprintf(key, sizeof(key), "%s/key", ret_layout);
	shelf_write(key, "", 0);
}

static void other_was_quicker(void **state)
{
	struct shelf shelf;
	char layout[320];

	(void)state;
	make(&shelf, layout);
	armed = &shelf;
	struct tlsfo_store *store = shelf_open(&shelf);

	assert_null(armed);
	shelf_put(other, "example.org", 4711, shelf_now());
	assert_int_equal(shelf_take(store, "example.org", shelf_now()), 4711);
	tlsfo_store_free(other);
	tlsfo_store_free(store);
	shelf_remove(&shelf);
}

static void other_is_at_it(void **state)
{
	struct shelf shelf;
	char layout[320];

	(void)state;
	make(&shelf, layout);
	lock = open(layout, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(lock >= 0);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	struct tlsfo_store *store = shelf_open(&shelf);

	assert_int_equal(lock, -1);
	tlsfo_store_free(store);
	shelf_remove(&shelf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_was_quicker),
		cmocka_unit_test(other_is_at_it),
	};

	return suite_run_offline("openers of an empty key agree", tests, suite_length(tests));
}
