/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Eight processes put and take on one directory, and three of them are killed again and again: no
 * ticket is taken twice, none is damaged, and nothing stands still.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "fixture.h"

#include "store/entry.h"

#define WORKERS	  8
#define VICTIMS	  3
#define KILLS	  150
#define HOSTS	  3
#define TOOK_LESS 1000

/* What processes share. */
static struct {
	volatile sig_atomic_t stop;
	volatile sig_atomic_t failures;
} * shared;

/* A worker's file of what it took; each whole number in it was taken. */
static void worker(const struct fixture *fixture, uint64_t incarnation, int taken)
{
	struct tlsfo_store *store = NULL;
	int64_t now = fixture_now();

	if (tlsfo_store_open(fixture->store, NULL, 0, &store) != 0)
		shared->failures = shared->failures + 1;
	for (uint64_t i = 0; !shared->stop && shared->failures == 0; i++) {
		char host[] = "host-0.example";
		struct ticket ticket;
		const struct peer peer = fixture_peer(host);

		host[5] = (char)('0' + i % HOSTS);
		if (fixture_try_put(store, host, incarnation << 32 | i | 1ULL << 63, now) != 0)
			shared->failures = shared->failures + 1;
		host[5] = (char)('0' + (i + incarnation) % HOSTS);
		int ret = store_take(store, &peer, now, 0, &ticket);
		uint64_t id = fixture_id(&ticket);

		if (ret < 0 || (ret == 1 && id == 0))
			shared->failures = shared->failures + 1;
		if (ret == 1 && write(taken, &id, sizeof(id)) != sizeof(id))
			shared->failures = shared->failures + 1;
		ticket_clear(&ticket);
	}
	tlsfo_store_free(store);
	_exit(0);
}

static pid_t start(const struct fixture *fixture, uint64_t incarnation, int taken)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		worker(fixture, incarnation, taken);
	return pid;
}

/* Kills and starts again, at no particular moment. */
static void storm(const struct fixture *fixture, int taken)
{
	pid_t pids[WORKERS];
	uint64_t incarnation = 1;

	srandom(4711);
	for (size_t i = 0; i < WORKERS; i++)
		pids[i] = start(fixture, incarnation++, taken);
	for (int i = 0; i < KILLS && shared->failures == 0; i++) {
		size_t victim = (size_t)i % VICTIMS;
		const struct timespec moment = {.tv_nsec = random() % 15000000};

		nanosleep(&moment, NULL);
		assert_int_equal(kill(pids[victim], SIGKILL), 0);
		assert_int_equal(waitpid(pids[victim], NULL, 0), pids[victim]);
		pids[victim] = start(fixture, incarnation++, taken);
	}
	shared->stop = 1;
	for (size_t i = 0; i < WORKERS; i++)
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	assert_int_equal(shared->failures, 0);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *one = a;
	const uint64_t *two = b;

	return *one < *two ? -1 : *one > *two;
}

static size_t count_twice(int taken)
{
	off_t size = lseek(taken, 0, SEEK_END);
	uint64_t *ids = malloc((size_t)size);
	size_t count = (size_t)size / sizeof(*ids);
	size_t twice = 0;

	assert_non_null(ids);
	assert_int_equal(pread(taken, ids, (size_t)size, 0), size);
	qsort(ids, count, sizeof(*ids), compare);
	for (size_t i = 1; i < count; i++)
		twice += ids[i] == ids[i - 1];
	free(ids);
	print_message("# %zu tickets taken\n", count);
	assert_true(count > TOOK_LESS);
	return twice;
}

static void each_ticket_once(void **state)
{
	struct fixture fixture;
	char path[512];

	(void)state;
	fixture_make(&fixture);
	snprintf(path, sizeof(path), "%s/taken", fixture.dir);
	int taken = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(taken >= 0 && shared != MAP_FAILED);
	storm(&fixture, taken);
	assert_int_equal(count_twice(taken), 0);
	/* And after all of it the store is as good as new. */
	struct tlsfo_store *store = fixture_open(&fixture);

	assert_in_range(tlsfo_store_clear(store), 0, HOSTS * (ENTRY_PEER + WORKERS));
	fixture_put(store, "example.org", 1, fixture_now());
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 1);
	tlsfo_store_free(store);
	close(taken);
	munmap(shared, sizeof(*shared));
	fixture_remove(&fixture);
}

/* They make the directory and its key together. */
static void first_openers_agree_on_a_key(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		struct fixture fixture;
		int ends[2];
		char host[] = "host-0.example";

		fixture_make(&fixture);
		assert_int_equal(pipe(ends), 0);
		for (int i = 0; i < WORKERS; i++) {
			if (fork() != 0)
				continue;
			char go;
			struct tlsfo_store *store = NULL;

			close(ends[1]);
			host[5] = (char)('0' + i);
			/* The end of the pipe, for all at once. */
			if (read(ends[0], &go, 1) != 0 ||
				tlsfo_store_open(fixture.store, NULL, 0, &store) != 0)
				_exit(1);
			_exit(fixture_try_put(store, host, 1, fixture_now()) != 0);
		}
		close(ends[0]);
		close(ends[1]);
		for (int i = 0; i < WORKERS; i++) {
			int status = -1;

			assert_true(wait(&status) > 0);
			assert_int_equal(status, 0);
		}
		struct tlsfo_store *store = fixture_open(&fixture);

		assert_int_equal(fixture_count(store), WORKERS);
		tlsfo_store_free(store);
		fixture_remove(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ticket_once),
		cmocka_unit_test(first_openers_agree_on_a_key),
	};

	return suite_run_offline("processes never share a ticket", tests, suite_length(tests));
}
