/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Eight threads put and take on one store: no ticket is taken twice, and none is damaged. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "fixture.h"

#define THREADS 8
#define PUTS	400
#define HOSTS	2

static struct tlsfo_store *store;
static atomic_int times_taken[THREADS * PUTS + 1];
static atomic_int failures;

static void take(const char *host, int64_t now)
{
	const struct peer peer = fixture_peer(host);
	struct ticket ticket;
	int ret = store_take(store, &peer, now, 0, &ticket);
	uint64_t id = fixture_id(&ticket);

	if (ret < 0 || (ret == 1 && (id == 0 || id > THREADS * PUTS)))
		atomic_fetch_add(&failures, 1);
	else
		atomic_fetch_add(&times_taken[id], 1);
	ticket_clear(&ticket);
}

static int look(const struct tlsfo_store_entry *entry, void *userdata)
{
	(void)userdata;
	if (strlen(entry->host) != strlen("host-0.example"))
		atomic_fetch_add(&failures, 1);
	return 0;
}

static void *work(void *number)
{
	uint64_t first = (uint64_t)(uintptr_t)number * PUTS;
	int64_t now = fixture_now();
	char host[] = "host-0.example";

	for (uint64_t i = 1; i <= PUTS; i++) {
		host[5] = (char)('0' + i % HOSTS);
		if (fixture_try_put(store, host, first + i, now) != 0)
			atomic_fetch_add(&failures, 1);
		take(host, now);
		if (i % 64 == 0 && tlsfo_store_list(store, look, NULL) != 0)
			atomic_fetch_add(&failures, 1);
		if (i % 100 == 0 && tlsfo_store_forget(store, host, 0) < 0)
			atomic_fetch_add(&failures, 1);
	}
	return NULL;
}

static void once_each(struct tlsfo_store *of_kind)
{
	pthread_t threads[THREADS];
	int taken = 0;

	store = of_kind;
	memset(times_taken, 0, sizeof(times_taken));
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)i), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(failures, 0);
	for (size_t i = 1; i < suite_length(times_taken); i++) {
		assert_in_range(times_taken[i], 0, 1);
		taken += times_taken[i];
	}
	assert_true(taken > PUTS);
}

static void in_memory_and_directory(void **state)
{
	(void)state;
	fixture_each_kind(once_each);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_memory_and_directory),
	};

	return suite_run_offline("threads never share a ticket", tests, suite_length(tests));
}
