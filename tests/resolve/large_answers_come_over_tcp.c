/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An answer that is cut off over UDP is asked for over TCP. A server that closes that connection is a
 * failure, and whatever is sent asks for no SIGPIPE.
 */

#include <sys/socket.h>

#include "resolve/ask.h"
#include "resolve/backend.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	{"large.test", DNS_A, "192.0.2.1 192.0.2.2", 0, DNS_TRUNCATED, NULL},
	{"large.test", DNS_AAAA, "2001:db8::1", 0, DNS_TRUNCATED, NULL},
	{"rude.test", DNS_A, "192.0.2.1", 0, DNS_HANG_UP, NULL},
	{"rude.test", DNS_AAAA, "2001:db8::1", 0, DNS_HANG_UP, NULL},
};

static size_t sent;
static size_t sent_with_signal;

/* The linker puts it between the back end and sendmsg(2). A server that is gone at the wrong moment
 * cannot be had at will. */
ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	sent++;
	if ((flags & MSG_NOSIGNAL) == 0)
		sent_with_signal++;
	return __real_sendmsg(fd, message, flags);
}

static void test(void **state)
{
	struct dns dns;

	(void)state;
	dns_start_briefly(&dns, rows, suite_length(rows));
	ask_whole("large.test", AF_UNSPEC, "2001:db8::1 192.0.2.1 192.0.2.2");
	ask_failure("rude.test", "443", RESOLVE_NO_ADDRESS, "rude.test: ");
	assert_int_equal(sent_with_signal, 0);
	/* The system has its own ways. */
	assert_true(sent > 0 || strcmp(backend_name, "c-ares") != 0);
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("large answers come over TCP", tests, suite_length(tests));
}
