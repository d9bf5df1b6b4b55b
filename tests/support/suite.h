/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

/*
 * What every test program includes: cmocka with the headers it needs, and how a program runs its
 * tests. Results are written as TAP (https://testanything.org), which meson counts.
 *
 * A test program holds one fact. Where the machine cannot show it, the whole program is skipped
 * with a reason before its first test, never a test silently: cmocka 1.1.5 writes a skipped test as
 * "not ok", and a half-skipped program looks like a whole one.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* cmocka 2 warns of assert_in_range(), and takes the name of stop(). */
#ifdef assert_int_in_range
#undef assert_in_range
#define assert_in_range(value, least, most)                                                        \
	assert_int_in_range((intmax_t)(value), (intmax_t)(least), (intmax_t)(most))
#endif
#undef stop

/* Ends the program as skipped; the reason is seen in the test log. */
_Noreturn void suite_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program as failed, for what must work before a test can begin. */
_Noreturn void suite_abort(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Runs @count tests, each in a fresh network, and checks after each that no descriptor was left
 * open. Returns the exit status of main().
 */
int suite_run(const char *name, const struct CMUnitTest *tests, size_t count);

/* The same without a network, for tests that need none. */
int suite_run_offline(const char *name, const struct CMUnitTest *tests, size_t count);

#define suite_length(a) (sizeof(a) / sizeof((a)[0]))

/* Descriptors this process has open. */
size_t suite_open_descriptors(void);

/* Threads of this process; and waiting until there are no more than @count, because a thread tells
 * nobody that it has ended. */
size_t suite_threads(void);
void suite_await_threads(size_t count);

#endif
