/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Services are port numbers, or names and aliases that the system knows. What is neither is told apart
 * from a name without an address, and nobody is asked for the name then.
 */

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

#include "base/clock.h"

static void check(const char *service, uint16_t port)
{
	struct address address;
	struct ask ask;

	ask_start(&ask, "127.0.0.1", service, AF_UNSPEC);
	assert_true(ask_next(&ask, DEADLINE_NEVER, &address));
	assert_int_equal(address_port(&address), port);
	ask_end(&ask);
}

static void test(void **state)
{
	struct dns dns;

	(void)state;
	etc_write("services", "https 443/tcp\n"
			      "domain-s 853/tcp dot # DNS over TLS\n"
			      "quic 443/udp\n");
	dns_start(&dns, NULL, 0);
	check("1", 1);
	check("65535", 65535);
	check("https", 443);
	check("domain-s", 853);
	check("dot", 853);
	ask_failure(
		"www.test", "imapsx", TLSFO_E_SERVICE_NOT_FOUND, "service imapsx: unknown service");
	ask_failure("www.test", "quic", TLSFO_E_SERVICE_NOT_FOUND, "service quic: unknown service");
	ask_failure("www.test", " 443", TLSFO_E_SERVICE_NOT_FOUND, "service  443: unknown service");
	ask_failure("www.test", "-1", TLSFO_E_SERVICE_NOT_FOUND, "service -1: unknown service");
	ask_failure("127.0.0.1", "imapsx", TLSFO_E_SERVICE_NOT_FOUND,
		"service imapsx: unknown service");
	ask_failure("www.test", "0", TLSFO_E_SERVICE_NOT_FOUND, "service 0: a port is a number");
	ask_failure("www.test", "65536", TLSFO_E_SERVICE_NOT_FOUND,
		"service 65536: a port is a number");
	assert_false(dns_was_asked(&dns));
	ask_failure("www.test", "https", TLSFO_E_NAME_NOT_FOUND, "www.test: no such name");
	etc_remove("services");
	ask_failure(
		"www.test", "https", TLSFO_E_SERVICE_NOT_FOUND, "service https: unknown service");
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("services have numbers and names", tests, suite_length(tests));
}
