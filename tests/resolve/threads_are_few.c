/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * However many names are looked up at once, sixteen threads do it, which end when there is nothing left
 * to look up. A name takes one descriptor and little memory meanwhile, and nothing later. A name that is given
 * up before its turn is asked of nobody. The program's signals do not come to these threads.
 */

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

#define MANY 10000

/* Of its 64 addresses with their scopes, two thirds. */
#define NAME_BYTES 4096

static const struct dns_row rows[] = {
	{"both.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"both.test", DNS_AAAA, "2001:db8::1", 0, DNS_ANSWER, NULL},
};

static struct ask asks[MANY];

static size_t allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void ask_all(const char *name)
{
	size_t descriptors = suite_open_descriptors();
	size_t threads = suite_threads();
	size_t before = allocated();

	for (size_t i = 0; i < MANY; i++)
		ask_start(&asks[i], name, "443", AF_UNSPEC);
	assert_true(suite_threads() <= threads + RESOLVE_THREADS);
	/* The C library's own for each thread come to it. */
	assert_true(suite_open_descriptors() <= descriptors + MANY + 4 * RESOLVE_THREADS);
	assert_true(allocated() <= before + (MANY + 100 * RESOLVE_THREADS) * NAME_BYTES);
}

static void all_are_answered(void **state)
{
	size_t threads = suite_threads();
	struct dns dns;

	(void)state;
	dns_start(&dns, rows, suite_length(rows));
	ask_all("both.test");
	for (size_t i = 0; i < MANY; i++) {
		assert_true(suite_threads() <= threads + RESOLVE_THREADS);
		ask_expect(&asks[i], "2001:db8::1");
		ask_expect(&asks[i], "192.0.2.1");
		ask_end(&asks[i]);
		/* The pipe from the name server holds but some of its lines. */
		while (dns_was_asked(&dns)) {
			char question[64];

			dns_hear(&dns, question, sizeof(question));
		}
	}
	suite_await_threads(threads);
	dns_stop(&dns);
}

/* Those that the thread does not block, of the signals that can be blocked. */
static uint64_t let_through(const char *thread)
{
	char path[64];
	char line[256];
	unsigned long long blocked = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%.20s/status", thread);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "SigBlk: %llx", &blocked) == 1)
			break;
	fclose(file);
	return ~(blocked | 1ULL << (SIGKILL - 1) | 1ULL << (SIGSTOP - 1)) & 0x7fffffff;
}

static void signals_are_the_programs(void)
{
	DIR *threads = opendir("/proc/self/task");
	struct dirent *entry;
	size_t seen = 0;

	assert_non_null(threads);
	while ((entry = readdir(threads)) != NULL) {
		if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid())
			continue;
		assert_int_equal(let_through(entry->d_name), 0);
		seen++;
	}
	assert_int_equal(seen, RESOLVE_THREADS);
	closedir(threads);
}

static bool was_asked(int told)
{
	struct pollfd fd = {.fd = told, .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

static void given_up(void **state)
{
	size_t threads = suite_threads();
	size_t descriptors = suite_open_descriptors();
	int told[2];
	int awaited[2];
	char text[32];

	(void)state;
	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	assert_int_equal(pipe2(awaited, O_CLOEXEC), 0);
	snprintf(text, sizeof(text), "%d %d", told[1], awaited[0]);
	setenv("TLSFO_TEST_STUCK", text, 1);
	etc_write("nsswitch.conf", "hosts: tlsfo\n");
	ask_all("stuck.test");
	for (size_t i = 0; i < RESOLVE_THREADS; i++)
		assert_int_equal(read(told[0], text, 1), 1);
	/* Now they are stuck. */
	assert_int_equal(suite_threads(), threads + RESOLVE_THREADS);
	signals_are_the_programs();
	for (size_t i = 0; i < MANY; i++)
		ask_end(&asks[i]);
	/* The threads are all that is left, and end by themselves. */
	assert_int_equal(suite_threads(), threads + RESOLVE_THREADS);
	assert_true(suite_open_descriptors() <= descriptors + 4 + 4 * RESOLVE_THREADS);
	close(awaited[1]);
	suite_await_threads(threads);
	assert_false(was_asked(told[0]));
	close(awaited[0]);
	close(told[0]);
	close(told[1]);
	assert_int_equal(suite_open_descriptors(), descriptors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_answered),
		cmocka_unit_test(given_up),
	};

	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	etc_need();
	return suite_run("threads are few", tests, suite_length(tests));
}
