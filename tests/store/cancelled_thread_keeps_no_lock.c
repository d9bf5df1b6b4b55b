/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A thread that is cancelled while it holds a lock of the store keeps nobody from the store, and leaves no
 * descriptor. Linked with --wrap, so that it is cancelled in that moment.
 */

#include <pthread.h>
#include <unistd.h>

#include "trail.h"

#define HOUR	 3600
#define PATIENCE 60 /* seconds until a lock that stays ends the program */

static _Thread_local int cancel_after; /* so many calls; 0: never */
static struct fixture fixture;

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

static void be_cancelled(void)
{
	if (cancel_after == 0 || --cancel_after > 0)
		return;
	pthread_cancel(pthread_self());
	pthread_testcancel();
}

int __wrap_flock(int fd, int operation)
{
	int ret = __real_flock(fd, operation);

	be_cancelled();
	return ret;
}

static int show(const struct tlsfo_store_entry *entry, void *userdata)
{
	(void)entry;
	(void)userdata;
	be_cancelled();
	return 0;
}

static void *list_ticket(void *store)
{
	cancel_after = 1;
	(void)!tlsfo_store_list(store, show, NULL);
	return NULL;
}

/* It comes behind the ticket. */
static void *list_path(void *store)
{
	cancel_after = 2;
	(void)!tlsfo_store_list(store, show, NULL);
	return NULL;
}

static void *probe(void *store)
{
	cancel_after = 1;
	(void)trail_probe(store, 1, fixture_now() + HOUR);
	return NULL;
}

static void *open_first(void *ret_store)
{
	cancel_after = 1;
	(void)!tlsfo_store_open(fixture.store, NULL, 0, ret_store);
	return NULL;
}

static void in_thread(void *(*function)(void *), void *argument)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, function, argument), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void while_a_memory_is_listed(void **state)
{
	struct tlsfo_store *store = fixture_memory();

	(void)state;
	fixture_put(store, "one.test", 1, fixture_now());
	trail_fail(store, 1, fixture_now());
	int count = fixture_count(store);

	in_thread(list_ticket, store);
	in_thread(list_path, store);
	assert_int_equal(fixture_count(store), count);
	tlsfo_store_free(store);
}

static void while_a_directory_is_made(void **state)
{
	size_t descriptors = suite_open_descriptors();
	struct tlsfo_store *store = NULL;

	(void)state;
	fixture_make(&fixture);
	in_thread(open_first, &store);
	tlsfo_store_free(fixture_open(&fixture));
	tlsfo_store_free(store);
	assert_int_equal(suite_open_descriptors(), descriptors);
	fixture_remove(&fixture);
}

static void while_a_probe_begins(void **state)
{
	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	trail_fail(store, 1, fixture_now());
	trail_fail(store, 2, fixture_now());
	in_thread(probe, store);
	assert_true(trail_probe(store, 2, fixture_now() + HOUR));
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_a_directory_is_made),
		cmocka_unit_test(while_a_probe_begins),
		cmocka_unit_test(while_a_memory_is_listed),
	};

	alarm(PATIENCE);
	return suite_run_offline("cancelled thread keeps no lock", tests, suite_length(tests));
}
