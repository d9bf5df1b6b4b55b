/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/suite.h"

#include <dirent.h>
#include <stdlib.h>
#include <time.h>

#include "support/net.h"

/* Every test's own wrapping of what it runs. */
struct wrapped {
	const struct CMUnitTest *test;
	size_t descriptors; /* open before it */
	size_t threads;	    /* there before it */
	void *state;	    /* of the test itself */
};

_Noreturn void suite_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("1..0 # SKIP ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
	exit(0);
}

_Noreturn void suite_abort(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("Bail out! ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
	exit(1);
}

static size_t count_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	/* Without "." and "..". */
	return count - 2;
}

size_t suite_open_descriptors(void)
{
	/* Without the directory itself. */
	return count_entries("/proc/self/fd") - 1;
}

size_t suite_threads(void)
{
	return count_entries("/proc/self/task");
}

void suite_await_threads(size_t count)
{
	const struct timespec step = {.tv_nsec = 2000000};

	for (unsigned int i = 0; suite_threads() > count; i++) {
		assert_true(i < 15000);
		nanosleep(&step, NULL);
	}
}

static int wrapped_setup(void **state)
{
	struct wrapped *wrapped = *state;

	wrapped->state = wrapped->test->initial_state;
	wrapped->descriptors = suite_open_descriptors();
	wrapped->threads = suite_threads();
	return wrapped->test->setup_func != NULL ? wrapped->test->setup_func(&wrapped->state) : 0;
}

static int wrapped_setup_online(void **state)
{
	net_fresh();
	return wrapped_setup(state);
}

static void wrapped_test(void **state)
{
	struct wrapped *wrapped = *state;

	wrapped->test->test_func(&wrapped->state);
	if (wrapped->test->teardown_func != NULL)
		assert_int_equal(wrapped->test->teardown_func(&wrapped->state), 0);
	/* A name that was given up is looked up to its end, in a thread that then ends by itself. */
	suite_await_threads(wrapped->threads);
	assert_int_equal(suite_open_descriptors(), wrapped->descriptors);
}

static int run(const char *name, const struct CMUnitTest *tests, size_t count, bool online)
{
	struct CMUnitTest *outer = calloc(count, sizeof(*outer));
	struct wrapped *inner = calloc(count, sizeof(*inner));
	int failed = 1;

	if (outer == NULL || inner == NULL)
		suite_abort("no memory");
	for (size_t i = 0; i < count; i++) {
		inner[i].test = &tests[i];
		outer[i] = (struct CMUnitTest){
			.name = tests[i].name,
			.test_func = wrapped_test,
			.setup_func = online ? wrapped_setup_online : wrapped_setup,
			.initial_state = &inner[i],
		};
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests(name, outer, count, NULL, NULL);
	free(outer);
	free(inner);
	return failed == 0 ? 0 : 1;
}

int suite_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
	net_begin();
	return run(name, tests, count, true);
}

int suite_run_offline(const char *name, const struct CMUnitTest *tests, size_t count)
{
	return run(name, tests, count, false);
}
