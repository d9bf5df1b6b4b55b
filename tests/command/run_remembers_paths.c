/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Under "tlsfo run" a ClientHello leaves in the SYN only to an address that answered last time, so a program that tries
 * address after address still does; and for an hour not where fast open failed.
 */

#include "command/guest.h"

#include <stdlib.h>

#define CURL(...)                                                                                  \
	((const char *const[]){"curl", "-q", "-s", "--max-time", "12", "--cacert",                 \
		CERTS_DIR "/ca.pem", __VA_ARGS__, NULL})
#define IMPATIENT(...)                                                                             \
	((const char *const[]){"timeout", "-s", "KILL", "4", "curl", "-q", "-s", "--cacert",       \
		CERTS_DIR "/ca.pem", __VA_ARGS__, NULL})
#define PAGE(host) "https://" host ":" PROBING_PORT "/"

enum { CURL_REFUSED = 7, CURL_TIME_IS_UP = 28, KILLED = 137 };

/* Two visits, so that the cookie is known and the address has answered. */
static void make_ready(struct guest *guest, const char *page)
{
	assert_int_equal(guest_visit(guest, CURL(page)), 0);
	assert_int_equal(guest_visit(guest, CURL(page)), 0);
	guest_expect_syn(guest, 0, GUEST_HELLO);
}

static void dead_address_without_a_cookie(void **state)
{
	struct guest guest;

	guest_begin(&guest, *state, NULL, "-www");
	assert_int_equal(guest_visit(&guest, CURL(PAGE("dead6.test"))), 0);
	guest_expect_syn(&guest, 0, GUEST_COOKIE_ASKED);
	guest_expect_syn(&guest, 1, GUEST_COOKIE_ASKED);
	guest_end(&guest);
}

/* Only the visit during which the address has just died is lost, also when its user had no patience. */
static void dead_address_with_its_cookie(void **state)
{
	struct guest guest;

	guest_begin(&guest, *state, NULL, "-www");
	struct lab *lab = guest.probing->lab;

	make_ready(&guest, PAGE("server6.test"));
	assert_true(lab_add_box(lab, "swallow-ipv6") >= 0);
	assert_int_equal(guest_visit(&guest, IMPATIENT(PAGE("server.test"))), KILLED);
	guest_expect_syn(&guest, 0, GUEST_HELLO);
	assert_int_equal(guest_visit(&guest, CURL(PAGE("server.test"))), 0);
	guest_expect_syn(&guest, 0, GUEST_NO_OPTION);
	guest_end(&guest);
}

/* The cookie is of the address, and another port of it may refuse. */
static void refused_port(void **state)
{
	struct guest guest;

	guest_begin(&guest, *state, NULL, "-www");
	make_ready(&guest, PAGE("server4.test"));
	for (int visit = 0; visit < 2; visit++) {
		assert_int_equal(
			guest_visit(&guest, CURL("https://server4.test:4434/")), CURL_REFUSED);
		guest_expect_syn(&guest, 0, GUEST_COOKIE);
		guest_expect_report(
			&guest, "fast_open_reason", "the address was not known to answer");
	}
	guest_end(&guest);
}

/* A cookie that another program got says nothing of the address. */
static void cookie_of_an_unknown_address(void **state)
{
	struct guest guest;

	guest_begin(&guest, *state, NULL, "-www");
	make_ready(&guest, PAGE("server4.test"));
	assert_int_equal(guest_visit_bare(&guest,
				 (const char *const[]){TLSFO_COMMAND, "store", "clear", NULL}),
		0);
	assert_int_equal(guest_visit(&guest, CURL(PAGE("server4.test"))), 0);
	guest_expect_syn(&guest, 0, GUEST_COOKIE);
	assert_int_equal(guest_visit(&guest, CURL(PAGE("server4.test"))), 0);
	guest_expect_syn(&guest, 0, GUEST_HELLO);
	guest_end(&guest);
}

static void dropped_data(void **state)
{
	struct guest guest;

	guest_begin(&guest, *state, "drop-syn-data", "-www");
	assert_int_equal(guest_visit(&guest, CURL(PAGE("server4.test"))), 0);
	assert_int_equal(guest_visit(&guest, CURL(PAGE("server4.test"))), 0);
	guest_expect_syn(&guest, 0, GUEST_HELLO);
	guest_expect_syn(&guest, 1, GUEST_NO_OPTION);
	guest_expect_report(&guest, "fast_open", "fell-back");
	assert_int_equal(guest_visit(&guest, CURL(PAGE("server4.test"))), 0);
	guest_expect_syn(&guest, 0, GUEST_NO_OPTION);
	guest_expect_report(&guest, "fast_open", "off");
	guest_end(&guest);
}

/* The connection ends before the program's own time is up. */
static void swallowed_after_the_syn(void **state)
{
	struct guest guest;

	guest_begin(&guest, *state, "swallow-after-syn", "-www");
	assert_int_equal(guest_visit(&guest, CURL(PAGE("server4.test"))), 0);
	int status = guest_visit(&guest, CURL(PAGE("server4.test")));

	assert_true(status != 0 && status != CURL_TIME_IS_UP);
	guest_expect_syn(&guest, 0, GUEST_HELLO);
	guest_expect_report(&guest, "error", "ETIMEDOUT");
	/* It still waits for that visitor. */
	guest_restart(&guest);
	assert_int_equal(guest_visit(&guest, CURL(PAGE("server4.test"))), 0);
	guest_expect_syn(&guest, 0, GUEST_NO_OPTION);
	guest_end(&guest);
}

static void commands_of_tlsfo_are_heard(void **state)
{
	struct guest guest;

	guest_begin(&guest, *state, NULL, "-www");
	assert_int_equal(guest_visit_bare(&guest,
				 (const char *const[]){TLSFO_COMMAND, "warm", "--cafile",
					 CERTS_DIR "/ca.pem", "server4.test", PROBING_PORT, NULL}),
		0);
	assert_int_equal(guest_visit(&guest, CURL(PAGE("server4.test"))), 0);
	guest_expect_syn(&guest, 0, GUEST_HELLO);
	guest_end(&guest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dead_address_without_a_cookie),
		cmocka_unit_test(dead_address_with_its_cookie),
		cmocka_unit_test(refused_port),
		cmocka_unit_test(cookie_of_an_unknown_address),
		cmocka_unit_test(dropped_data),
		cmocka_unit_test(swallowed_after_the_syn),
		cmocka_unit_test(commands_of_tlsfo_are_heard),
	};

	program_need("openssl");
	program_need("curl");
	return probing_run("run_remembers_paths", tests, suite_length(tests));
}
