/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that loads the library at run time may unload it while a name that it gave up is still looked
 * up: the thread finds its code, and ends. */

#include <dlfcn.h>

#include <tlsfo/tlsfo.h>

#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	{"silent.test", DNS_A, NULL, 0, DNS_SILENCE, NULL},
	{"silent.test", DNS_AAAA, NULL, 0, DNS_SILENCE, NULL},
};

/* What dlsym(3) finds is a function, which C does not let a cast say. */
union found {
	void *symbol;
	__typeof__(tlsfo_config_new) *config_new;
	__typeof__(tlsfo_config_free) *config_free;
	__typeof__(tlsfo_conn_new) *conn_new;
	__typeof__(tlsfo_conn_begin) *conn_begin;
	__typeof__(tlsfo_conn_advance) *conn_advance;
	__typeof__(tlsfo_conn_free) *conn_free;
};

static union found find(void *library, const char *name)
{
	union found found = {.symbol = dlsym(library, name)};

	if (found.symbol == NULL)
		fail_msg("%s", dlerror());
	return found;
}

static void test(void **state)
{
	size_t threads = suite_threads();
	struct tlsfo_config *config = NULL;
	struct tlsfo_conn *conn = NULL;
	struct dns dns;
	char question[64];

	(void)state;
	dns_start_briefly(&dns, rows, suite_length(rows));
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		fail_msg("%s", dlerror());
	assert_int_equal(find(library, "tlsfo_config_new").config_new(&config), 0);
	assert_int_equal(
		find(library, "tlsfo_conn_new").conn_new(config, "silent.test", "443", &conn), 0);
	assert_int_equal(find(library, "tlsfo_conn_begin").conn_begin(conn, TLSFO_NEVER), 0);
	assert_int_equal(find(library, "tlsfo_conn_advance").conn_advance(conn), GNUTLS_E_AGAIN);
	dns_hear(&dns, question, sizeof(question));
	find(library, "tlsfo_conn_free").conn_free(conn);
	find(library, "tlsfo_config_free").config_free(config);
	assert_true(suite_threads() > threads);
	assert_int_equal(dlclose(library), 0);
	suite_await_threads(threads);
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("unloading waits for no name", tests, suite_length(tests));
}
