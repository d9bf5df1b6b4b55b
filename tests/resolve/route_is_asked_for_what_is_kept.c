/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An answer may have thousands of addresses: the system is asked for the routes to those that are kept, and for
 * each once. The linker puts the test between the resolution and these questions.
 */

#include "net/route.h"
#include "resolve/answers.h"
#include "resolve/ask.h"
#include "resolve/backend.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

#define FLOOD 4000

static const struct dns_row rows[] = {
	{"many.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"many.test", DNS_AAAA, "2001:db8::1", 0, DNS_ANSWER, NULL},
};

static size_t asked;

bool __wrap_route_source(const struct address *to, struct address *ret_source);

bool __wrap_route_source(const struct address *to, struct address *ret_source)
{
	(void)to;
	(void)ret_source;
	asked++;
	return false;
}

/* As a back end does with an answer; its own is not waited for. */
static void answer(struct ask *ask, unsigned int number)
{
	const char ip4[4] = {10, 0, (char)(number >> 8), (char)number};
	struct address address = address_ip4(ip4, 0);

	resolve_add(ask->resolve, &address.sa.any, address.len);
}

static void test(void **state)
{
	struct ask ask;
	struct dns dns;

	(void)state;
	dns_start_briefly(&dns, rows, suite_length(rows));
	size_t threads = suite_threads();
	ask_start(&ask, "many.test", "443", AF_UNSPEC);
	for (int i = 0; i < 3; i++)
		answer(&ask, 1);
	assert_int_equal(asked, 1);
	for (unsigned int i = 1; i <= FLOOD; i++)
		answer(&ask, i);
	assert_int_equal(asked, ANSWERS_MAX / 2);
	ask_end(&ask);
	suite_await_threads(threads);
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("the route is asked for what is kept", tests, suite_length(tests));
}
