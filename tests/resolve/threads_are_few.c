/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * However many names are looked up at once, sixteen threads do it, which end when there is nothing left
 * to look up. A name that is given up before its turn is asked of nobody. The program's signals do not
 * come to these threads.
 */

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "resolve/ask.h"
#include "resolve/lookup.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

#define MANY 1000

static const struct dns_row rows[] = {
	{"silent.test", DNS_A, NULL, 0, DNS_SILENCE, NULL},
	{"silent.test", DNS_AAAA, NULL, 0, DNS_SILENCE, NULL},
	{"both.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"both.test", DNS_AAAA, "2001:db8::1", 0, DNS_ANSWER, NULL},
};

static struct ask asks[MANY];
static void all_are_answered(void **state)
{
	size_t threads = suite_threads();
	struct dns dns;

	(void)state;
	dns_start(&dns, rows, suite_length(rows));
	for (size_t i = 0; i < MANY; i++)
		ask_start(&asks[i], "both.test", "443", AF_UNSPEC);
	for (size_t i = 0; i < MANY; i++) {
		assert_true(suite_threads() <= threads + LOOKUP_THREADS);
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
	assert_int_equal(seen, LOOKUP_THREADS);
	closedir(threads);
}

static void given_up(void **state)
{
	size_t threads = suite_threads();
	char question[64];
	unsigned int heard = 0;
	struct dns dns;

	(void)state;
	dns_start_briefly(&dns, rows, suite_length(rows));
	for (size_t i = 0; i < MANY; i++)
		ask_start(&asks[i], "silent.test", "443", AF_UNSPEC);
	assert_true(suite_threads() <= threads + LOOKUP_THREADS);
	/* Now they are stuck. */
	for (; heard < 2 * LOOKUP_THREADS; heard++)
		dns_hear(&dns, question, sizeof(question));
	signals_are_the_programs();
	for (size_t i = 0; i < MANY; i++)
		ask_end(&asks[i]);
	suite_await_threads(threads);
	assert_false(dns_was_asked(&dns));
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_answered),
		cmocka_unit_test(given_up),
	};

	etc_need();
	return suite_run("threads are few", tests, suite_length(tests));
}
