/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The answers of a name server are understood: addresses come in the system's order (RFC 6724) and the families take
 * turns (RFC 8305 §4), aliases are followed, answers cut off over UDP are asked for over TCP, and failures are told apart.
 */

#include <sys/socket.h>

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	/* No route leads there, so precedence decides: IPv6 comes first. */
	{"far.test", DNS_A, "192.0.2.1 192.0.2.2 192.0.2.3", 0, DNS_ANSWER, NULL},
	{"far.test", DNS_AAAA, "2001:db8::1 2001:db8::2", 0, DNS_ANSWER, NULL},
	/* Both can be reached, and the loopback address of IPv6 has the higher precedence. */
	{"near.test", DNS_A, "127.0.0.2 127.0.0.3", 0, DNS_ANSWER, NULL},
	{"near.test", DNS_AAAA, "::1", 0, DNS_ANSWER, NULL},
	/* Only IPv4 can be reached. */
	{"half.test", DNS_A, "192.0.2.1 127.0.0.2 127.0.0.3", 0, DNS_ANSWER, NULL},
	{"half.test", DNS_AAAA, "2001:db8::1 2001:db8::2", 0, DNS_ANSWER, NULL},
	/* 2002::/16 stands behind IPv4 in the policy table. */
	{"6to4.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"6to4.test", DNS_AAAA, "2002:c000:201::1 2001:db8::1", 0, DNS_ANSWER, NULL},
	{"www.alias.test", DNS_A, "192.0.2.1 192.0.2.2", 0, DNS_ANSWER, "real.test"},
	{"www.alias.test", DNS_AAAA, "2001:db8::1", 0, DNS_ANSWER, "real.test"},
	{"nothing.alias.test", DNS_A, NULL, 0, DNS_ANSWER, "real.test"},
	{"nothing.alias.test", DNS_AAAA, NULL, 0, DNS_ANSWER, "real.test"},
	{"large.test", DNS_A, "192.0.2.1 192.0.2.2", 0, DNS_TRUNCATED, NULL},
	{"large.test", DNS_AAAA, "2001:db8::1", 0, DNS_TRUNCATED, NULL},
	{"rude.test", DNS_A, "192.0.2.1", 0, DNS_HANG_UP, NULL},
	{"rude.test", DNS_AAAA, "2001:db8::1", 0, DNS_HANG_UP, NULL},
	{"empty.test", DNS_A, NULL, 0, DNS_ANSWER, NULL},
	{"empty.test", DNS_AAAA, NULL, 0, DNS_ANSWER, NULL},
	{"only4.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"broken.test", DNS_A, NULL, 0, DNS_SERVFAIL, NULL},
	{"broken.test", DNS_AAAA, NULL, 0, DNS_SERVFAIL, NULL},
	{"refused.test", DNS_A, NULL, 0, DNS_REFUSED, NULL},
	{"refused.test", DNS_AAAA, NULL, 0, DNS_REFUSED, NULL},
	{"silent.test", DNS_A, NULL, 0, DNS_SILENCE, NULL},
	{"silent.test", DNS_AAAA, NULL, 0, DNS_SILENCE, NULL},
};

static const struct question {
	const char *fact;
	const char *host;
	int family;
	const char *addresses; /* NULL: a failure */
	int code;	       /* of it */
	const char *error;     /* with which its text begins, behind the host */
} questions[] = {
	{"addresses are sorted and interleaved", "far.test", AF_UNSPEC,
		"2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 192.0.2.3", 0, NULL},
	{"addresses of one family are sorted", "far.test", AF_INET, "192.0.2.1 192.0.2.2 192.0.2.3",
		0, NULL},
	{"addresses of one family are sorted", "far.test", AF_INET6, "2001:db8::1 2001:db8::2", 0,
		NULL},
	{"addresses are sorted and interleaved", "near.test", AF_UNSPEC, "::1 127.0.0.2 127.0.0.3",
		0, NULL},
	{"addresses are sorted and interleaved", "half.test", AF_UNSPEC,
		"127.0.0.2 2001:db8::1 127.0.0.3 2001:db8::2 192.0.2.1", 0, NULL},
	{"addresses are sorted and interleaved", "6to4.test", AF_UNSPEC,
		"2001:db8::1 192.0.2.1 2002:c000:201::1", 0, NULL},
	{"aliases are followed", "www.alias.test", AF_UNSPEC, "2001:db8::1 192.0.2.1 192.0.2.2", 0,
		NULL},
	{"aliases are followed", "WWW.Alias.Test.", AF_UNSPEC, "2001:db8::1 192.0.2.1 192.0.2.2", 0,
		NULL},
	{"an alias of nothing has no address", "nothing.alias.test", AF_UNSPEC, NULL,
		TLSFO_E_NAME_NOT_FOUND, ""},
	{"large answers come over TCP", "large.test", AF_UNSPEC, "2001:db8::1 192.0.2.1 192.0.2.2",
		0, NULL},
	/* And no signal is raised. */
	{"a server that hangs up is a failure", "rude.test", AF_UNSPEC, NULL,
		TLSFO_E_NAME_LOOKUP_FAILED, ""},
	{"no such name is told", "nobody.test", AF_UNSPEC, NULL, TLSFO_E_NAME_NOT_FOUND,
		"no such name"},
	{"a name without an address is told", "empty.test", AF_UNSPEC, NULL, TLSFO_E_NAME_NOT_FOUND,
		"the name has no address"},
	{"a name without an address of the family is told", "only4.test", AF_INET6, NULL,
		TLSFO_E_NAME_NOT_FOUND, "the name has no IPv6 address"},
	/* That nobody can tell is another failure than that there is none. */
	{"a server that fails is told", "broken.test", AF_UNSPEC, NULL, TLSFO_E_NAME_LOOKUP_FAILED,
		"the name could not"},
	{"a server that refuses is told", "refused.test", AF_UNSPEC, NULL,
		TLSFO_E_NAME_LOOKUP_FAILED, "the name could not"},
	{"a server that keeps silent is told", "silent.test", AF_UNSPEC, NULL,
		TLSFO_E_NAME_LOOKUP_FAILED, "the name could not"},
	{"what is no name has no address", "two..dots.test", AF_UNSPEC, NULL,
		TLSFO_E_NAME_NOT_FOUND, "n"},
};

static void test(void **state)
{
	const struct question *question = *state;
	char error[128];
	struct dns dns;
	struct ask ask;

	dns_start_briefly(&dns, rows, suite_length(rows));
	if (question->addresses != NULL) {
		ask_whole(question->host, question->family, question->addresses);
	} else {
		snprintf(error, sizeof(error), "%s: %s", question->host, question->error);
		ask_start(&ask, question->host, "443", question->family);
		ask_expect_end(&ask, question->code, error);
		ask_end(&ask);
	}
	dns_stop(&dns);
}

int main(void)
{
	static char names[suite_length(questions)][96];
	struct CMUnitTest tests[suite_length(questions)];

	for (size_t i = 0; i < suite_length(questions); i++) {
		snprintf(
			names[i], sizeof(names[i]), "%s: %s", questions[i].fact, questions[i].host);
		tests[i] = (struct CMUnitTest){.name = names[i],
			.test_func = test,
			.initial_state = (void *)(uintptr_t)&questions[i]};
	}
	etc_need();
	return suite_run("a name server is understood", tests, suite_length(tests));
}
