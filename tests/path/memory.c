/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory.h"

#include "support/tree.h"

#include <stdlib.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

int64_t __real_clock_wall_s(void);
int64_t __wrap_clock_wall_s(void);

static int64_t passed_s;
static memory_fact fact_to_run;

int64_t __wrap_clock_wall_s(void)
{
	return __real_clock_wall_s() + passed_s;
}

void memory_pass(int64_t seconds)
{
	passed_s += seconds;
}

static struct tlsfo_store *open_store(const struct memory_test *test)
{
	struct tlsfo_store *store = NULL;

	if (tlsfo_store_open(test->dir, NULL, 0, &store) != 0)
		fail_msg("%s", tlsfo_store_error(store));
	return store;
}

static struct tlsfo_config *new_config(const struct memory_test *test, struct tlsfo_store *store)
{
	struct tlsfo_config *config = client_config(&test->path->way);

	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	assert_int_equal(tlsfo_config_set_fast_open(config, test->mode), 0);
	return config;
}

void memory_mode(struct memory_test *test, enum tlsfo_fast_open_mode mode)
{
	test->mode = mode;
	test->path->mode = mode;
	test->path->store = test->store;
	tlsfo_config_free(test->path->config);
	test->path->config = new_config(test, test->store);
}

static void run_one(struct path *path)
{
	struct memory_test test = {.path = path, .dir = "/tmp/tlsfo-path-XXXXXX"};

	passed_s = 0;
	assert_non_null(mkdtemp(test.dir));
	test.store = open_store(&test);
	memory_mode(&test, TLSFO_USE_FAST_OPEN_AUTO);
	fact_to_run(&test);
	tlsfo_store_free(test.store);
	tree_remove(test.dir);
}

int memory_run(const char *name, memory_fact fact, unsigned int ways)
{
	fact_to_run = fact;
	return path_run(name, run_one, ways);
}

struct tlsfo_report memory_visit(struct memory_test *test)
{
	struct path *path = test->path;

	if (path->open)
		path_end(path);
	path_visit_well(path);
	return path_report(path);
}

/* In a child: a visit with everything of its own. Never returns. */
static _Noreturn void visit_as_child(const struct memory_test *test, int to)
{
	struct path path = *test->path;

	path.store = open_store(test);
	path.config = new_config(test, path.store);
	path_visit(&path);
	struct tlsfo_report report = path_report(&path);
	if (path.ret == 0 && write(to, &report, sizeof(report)) == (ssize_t)sizeof(report))
		_exit(0);
	_exit(1);
}

static pid_t start_child(const struct memory_test *test, int to)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		visit_as_child(test, to);
	return pid;
}

static void end_child(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static struct tlsfo_report read_report(int from)
{
	struct tlsfo_report report;

	assert_int_equal(read(from, &report, sizeof(report)), sizeof(report));
	return report;
}

struct tlsfo_report memory_visit_elsewhere(struct memory_test *test)
{
	int channel[2];

	if (test->path->open)
		path_end(test->path);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
	pid_t pid = start_child(test, channel[1]);

	close(channel[1]);
	struct tlsfo_report report = read_report(channel[0]);

	close(channel[0]);
	end_child(pid);
	return report;
}

int memory_visit_together(struct memory_test *test, int count)
{
	int channel[2], tried = 0;
	pid_t pids[MEMORY_TOGETHER];

	if (test->path->open)
		path_end(test->path);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
	for (int i = 0; i < count; i++)
		pids[i] = start_child(test, channel[1]);
	close(channel[1]);
	for (int i = 0; i < count; i++) {
		struct tlsfo_report report = read_report(channel[0]);

		tried += report.fast_open != TLSFO_FAST_OPEN_OFF;
		if (report.fast_open == TLSFO_FAST_OPEN_OFF)
			assert_int_equal(report.reason, TLSFO_REASON_PATH_REMEMBERED);
	}
	close(channel[0]);
	for (int i = 0; i < count; i++)
		end_child(pids[i]);
	return tried;
}

void memory_fetch_cookie(struct memory_test *test)
{
	struct tlsfo_report report = memory_visit(test);

	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	path_end(test->path);
}

void memory_expect_plain(struct memory_test *test, const struct tlsfo_report *report)
{
	/* Two, and before another one has passed. */
	const double plain = 3;
	struct lab_moment first;

	assert_int_equal(report->fast_open, TLSFO_FAST_OPEN_OFF);
	assert_int_equal(report->reason, TLSFO_REASON_PATH_REMEMBERED);
	assert_int_equal(report->attempt_count, 1);
	assert_int_equal(report->attempts[0].mode, TLSFO_MODE_PLAIN);
	assert_int_equal(report->engine, TLSFO_ENGINE_SOCKET);
	path_expect_syns(test->path, 1, 1);
	path_expect_bare_syn(test->path, 0, PATH_NO_OPTION, NULL);
	assert_int_equal(lab_trace_first_server_byte(test->path->lab, 0, &first), 0);
	assert_true(first.round_trips >= 2 && first.round_trips < plain);
}

void memory_expect_fast_open(const struct tlsfo_report *report)
{
	assert_int_equal(report->attempt_count, 1);
	assert_int_equal(report->attempts[0].mode, TLSFO_MODE_FAST_OPEN);
	assert_int_equal(report->fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
}

void memory_expect_fallback(const struct tlsfo_report *report, enum tlsfo_reason reason)
{
	assert_int_equal(report->fast_open, TLSFO_FAST_OPEN_FELL_BACK);
	assert_int_equal(report->reason, reason);
	assert_int_equal(report->attempts[0].mode, TLSFO_MODE_FAST_OPEN);
}

struct counting {
	enum tlsfo_store_kind kind;
	struct memory_entries entries;
};

static int count_one(const struct tlsfo_store_entry *entry, void *userdata)
{
	struct counting *counting = userdata;
	struct memory_entries *entries = &counting->entries;

	if (entry->kind != counting->kind)
		return 0;
	entries->count++;
	entries->failures = entry->failures;
	entries->rtt_us = entry->rtt_us;
	entries->probing = entry->probing;
	if (entry->address != NULL)
		snprintf(entries->address, sizeof(entries->address), "%s", entry->address);
	return 0;
}

struct memory_entries memory_entries(struct memory_test *test, enum tlsfo_store_kind kind)
{
	struct counting counting = {.kind = kind};

	assert_int_equal(tlsfo_store_list(test->store, count_one, &counting), 0);
	return counting.entries;
}
