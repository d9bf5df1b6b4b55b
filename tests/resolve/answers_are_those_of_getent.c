/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The addresses are those that "getent ahosts" tells, in its order within each family, whatever the
 * files in /etc say. Above all they are of one name: where only one family is found at a step of the
 * search list, the other is not taken from the next, also when it is answered sooner.
 */

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/net.h"
#include "support/suite.h"

#include "base/clock.h"

#define SERVER "nameserver 127.0.0.1\n"
/* Nobody answers at the first. */
#define DEAD "nameserver 127.0.0.2\nnameserver 127.0.0.1\noptions timeout:1\n"
#define CORP "search corp.zz\n"
#define SLOW 400

static const struct dns_row rows[] = {
	{"www.some.zz", DNS_A, "127.0.0.10", 0, DNS_ANSWER, NULL},
	{"www.some.zz.corp.zz", DNS_AAAA, "2001:db8:1::bad", 0, DNS_ANSWER, NULL},
	{"slow.some.zz", DNS_A, "127.0.0.11", SLOW, DNS_ANSWER, NULL},
	{"slow.some.zz.corp.zz", DNS_AAAA, "2001:db8:1::bad", 0, DNS_ANSWER, NULL},
	{"walk.some.zz", DNS_A, "127.0.0.12", 0, DNS_ANSWER, NULL},
	{"walk.some.zz.corp.zz", DNS_A, NULL, SLOW, DNS_ANSWER, NULL},
	{"walk.some.zz.corp.zz", DNS_AAAA, "2001:db8:1::5", SLOW, DNS_ANSWER, NULL},
	{"web.corp.zz", DNS_A, "127.0.0.13", 0, DNS_ANSWER, NULL},
	{"web.corp.zz", DNS_AAAA, "2001:db8:1::3", 0, DNS_ANSWER, NULL},
	{"alias.zz", DNS_A, "127.0.0.14 127.0.0.15", 0, DNS_ANSWER, "real.zz"},
	{"alias.zz", DNS_AAAA, "2001:db8:1::4", 0, DNS_ANSWER, "real.zz"},
	{"twice.zz", DNS_AAAA, "2001:db8:1::bad", 0, DNS_ANSWER, NULL},
	{"localhost", DNS_AAAA, "2001:db8:1::bad", 0, DNS_ANSWER, NULL},
	{"xn--bcher-kva.zz", DNS_A, "127.0.0.16", 0, DNS_ANSWER, NULL},
};

static const struct {
	const char *host;
	const char *resolv_conf; /* NULL: there is none */
	const char *sources;	 /* of nsswitch.conf; NULL: "files dns" */
	const char *addresses;	 /* "": none */
} cases[] = {
	{"twice.zz", SERVER, NULL, "127.0.0.2 127.0.0.3"},
	{"twice.zz", NULL, NULL, "127.0.0.2 127.0.0.3"},
	{"twice.zz", SERVER, "dns files", "2001:db8:1::bad"},
	{"localhost", SERVER, NULL, "127.0.0.1"},
	{"module.test", SERVER, "files dns tlsfo", "127.0.0.77"},
	{"module.test", SERVER, NULL, ""},
	{"www.some.zz", SERVER CORP, NULL, "127.0.0.10"},
	{"www.some.zz.", SERVER CORP, NULL, "127.0.0.10"},
	{"www.some.zz", SERVER CORP "options ndots:3\n", NULL, "2001:db8:1::bad"},
	{"slow.some.zz", SERVER CORP, NULL, "127.0.0.11"},
	{"walk.some.zz", SERVER CORP "options ndots:3\n", NULL, "2001:db8:1::5"},
	{"web", SERVER CORP, NULL, "127.0.0.13 2001:db8:1::3"},
	{"web", SERVER "search other.zz corp.zz\n", NULL, "127.0.0.13 2001:db8:1::3"},
	{"web", SERVER, NULL, ""},
	{"web.", SERVER CORP, NULL, ""},
	{"alias.zz", SERVER, NULL, "127.0.0.14 2001:db8:1::4 127.0.0.15"},
	{"alias.zz", DEAD, NULL, "127.0.0.14 2001:db8:1::4 127.0.0.15"},
	{"alias.zz", NULL, NULL, "127.0.0.14 2001:db8:1::4 127.0.0.15"},
	{"xn--bcher-kva.zz", SERVER, NULL, "127.0.0.16"},
	{"127.0.0.9", SERVER, NULL, "127.0.0.9"},
	{"127.9", SERVER, NULL, "127.0.0.9"},
	{"2001:db8::9", SERVER, NULL, "2001:db8::9"},
	{"fe80::9%lo", SERVER, NULL, "fe80::9%lo"},
};

static void append(char *list, size_t size, const char *address)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", len > 0 ? " " : "", address);
}

/* The addresses of @family, or of both, as getent tells them. */
static void ask_getent(const char *host, bool ip6, char *list, size_t size)
{
	char command[128];
	char line[256];
	struct address address;

	snprintf(command, sizeof(command), "getent ahosts '%s'", host);
	FILE *output = popen(command, "re");
	assert_non_null(output);
	list[0] = '\0';
	while (fgets(line, sizeof(line), output) != NULL) {
		if (strstr(line, "STREAM") == NULL)
			continue;
		line[strcspn(line, " ")] = '\0';
		/* It prints the number of a scope. */
		assert_true(address_parse(line, &address));
		address_print(&address, line, sizeof(line));
		if ((strchr(line, ':') != NULL) == ip6)
			append(list, size, line);
	}
	pclose(output);
}

/* The same, as a client takes them: each as soon as it may. */
static void ask_eagerly(const char *host, bool ip6, char *list, size_t size)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address address;
	struct ask ask;

	list[0] = '\0';
	ask_start(&ask, host, "443", AF_UNSPEC);
	while (ask_next(&ask, DEADLINE_NEVER, &address)) {
		address_print(&address, text, sizeof(text));
		if ((address_family(&address) == AF_INET6) == ip6)
			append(list, size, text);
	}
	ask_end(&ask);
}

static void check_family(const char *host, bool ip6)
{
	char eager[1024];
	char getent[1024];

	ask_eagerly(host, ip6, eager, sizeof(eager));
	ask_getent(host, ip6, getent, sizeof(getent));
	assert_string_equal(eager, getent);
}

static void check(size_t i)
{
	char nsswitch[64];

	snprintf(nsswitch, sizeof(nsswitch), "hosts: %s\n",
		cases[i].sources != NULL ? cases[i].sources : "files dns");
	etc_write("nsswitch.conf", nsswitch);
	if (cases[i].resolv_conf != NULL)
		etc_write("resolv.conf", cases[i].resolv_conf);
	else
		etc_remove("resolv.conf");
	if (cases[i].addresses[0] != '\0')
		ask_whole(cases[i].host, AF_UNSPEC, cases[i].addresses);
	else
		ask_failure(cases[i].host, "443", TLSFO_E_NAME_NOT_FOUND, cases[i].host);
	check_family(cases[i].host, false);
	check_family(cases[i].host, true);
}

static void test(void **state)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(AF_INET, 53, &address);
	int dead = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct dns dns;

	(void)state;
	net_add_addresses();
	((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(0x7f000002);
	assert_int_equal(bind(dead, (struct sockaddr *)&address, len), 0);
	dns_start(&dns, rows, suite_length(rows));
	for (size_t i = 0; i < suite_length(cases); i++) {
		int64_t begun_us = clock_us();

		check(i);
		/* The options of resolv.conf are heeded: without them a name server gets five
		 * seconds, and five times one is asked here. */
		assert_true(clock_us() - begun_us < INT64_C(20000000));
	}
	dns_stop(&dns);
	close(dead);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	etc_write("hosts", "127.0.0.1 localhost\n127.0.0.2 twice.zz\n127.0.0.3 twice.zz\n");
	/* IPv4 is preferred, against RFC 6724. */
	etc_write("gai.conf", "precedence ::ffff:0:0/96 100\n");
	return suite_run("answers are those of getent", tests, suite_length(tests));
}
