/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/resolve.h"

#include <ctype.h>
#include <errno.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/host.h"
#include "resolve/answers.h"
#include "resolve/lookup.h"

/*
 * The whole answer is that for both families in one call. Only in that call does the system walk its
 * sources (nsswitch.conf) and its search list for both at once, so that both are of one name and of one
 * source; by themselves the families may end at different hosts. It takes as long as the slower of the
 * two. So when it has run for 50 ms, each family is asked by itself too, for the name with a final dot:
 * its addresses are those that the first step of the whole answer's walk finds.
 */
enum { WHOLE, IPV6, IPV4, LOOKUPS };
static const int families[LOOKUPS] = {AF_UNSPEC, AF_INET6, AF_INET};

struct resolve {
	char *name;    /* without brackets */
	char *service; /* NULL: a port */
	uint16_t port;
	int family;
	int flags; /* of getaddrinfo(3) */
	enum resolve_status status;
	int wake; /* an eventfd, or -1 */
	int64_t begun_us;
	int64_t split_at; /* a deadline: ask for each family then */
	struct lookup *lookups[LOOKUPS];
	struct answers answers;
	char error[384];
};

/* @what tells the kind of the input, if it is not the name. */
static void fail(struct resolve *resolve, enum resolve_status status, const char *what,
	const char *input, const char *words)
{
	resolve->status = status;
	snprintf(resolve->error, sizeof(resolve->error), "%s%s: %s", what, input, words);
}

static void fail_by_answer(struct resolve *resolve, const struct lookup_answer *answer)
{
	char words[256];
	const char *kind = resolve->family == AF_INET	 ? "IPv4 "
			   : resolve->family == AF_INET6 ? "IPv6 "
							 : "";

	switch (answer->code) {
	case EAI_NONAME:
		fail(resolve, RESOLVE_NO_ADDRESS, "", resolve->name, "no such name");
		return;
	case 0: /* with addresses of neither family */
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
		snprintf(words, sizeof(words), "the name has no %saddress", kind);
		fail(resolve, RESOLVE_NO_ADDRESS, "", resolve->name, words);
		return;
	case EAI_SERVICE:
		fail(resolve, RESOLVE_NO_SERVICE, "service ", resolve->service, "unknown service");
		return;
	case EAI_MEMORY:
		resolve->status = RESOLVE_NO_MEMORY;
		return;
	default:
		snprintf(words, sizeof(words), "the name could not be looked up: %s",
			answer->code == EAI_SYSTEM ? strerror(answer->error)
						   : gai_strerror(answer->code));
		fail(resolve, RESOLVE_FAILED, "", resolve->name, words);
	}
}

/* Ends what is under way; the addresses stay. */
static void stop(struct resolve *resolve)
{
	for (size_t i = 0; i < LOOKUPS; i++) {
		lookup_free(resolve->lookups[i]);
		resolve->lookups[i] = NULL;
	}
	if (resolve->wake >= 0)
		close(resolve->wake);
	resolve->wake = -1;
}

/* A service that is no name is a port from 1 to 65535. */
static void read_service(struct resolve *resolve, const char *service)
{
	size_t digits = strspn(service, "0123456789");
	unsigned long port = digits < 10 ? strtoul(service, NULL, 10) : 0;

	if (service[digits] == '\0' && port >= 1 && port <= UINT16_MAX)
		resolve->port = (uint16_t)port;
	else if (service[digits] == '\0')
		fail(resolve, RESOLVE_NO_SERVICE, "service ", service,
			"a port is a number from 1 to 65535");
	/* getaddrinfo(3) takes blanks and signs before a number for a part of it. */
	else if (!isalnum((unsigned char)service[0]))
		fail(resolve, RESOLVE_NO_SERVICE, "service ", service, "unknown service");
}

/* An address in text, or what can only be meant as one. True: nobody is to be asked for it. */
static bool take_literal(struct resolve *resolve, bool bracketed)
{
	struct address address;

	if (!address_parse(resolve->name, &address)) {
		if (bracketed || strchr(resolve->name, ':') != NULL)
			fail(resolve, RESOLVE_NO_ADDRESS, "", resolve->name,
				strchr(resolve->name, '%') != NULL
					? "not an IPv6 address of an interface that exists, or not "
					  "a link-local one"
					: "not an IP address");
		else if (!host_may_be_name(resolve->name, strlen(resolve->name)))
			fail(resolve, RESOLVE_NO_ADDRESS, "", resolve->name, "not a name");
		return resolve->status != RESOLVE_ASKING;
	}
	if (resolve->family != AF_UNSPEC && resolve->family != address_family(&address)) {
		fail(resolve, RESOLVE_NO_ADDRESS, "", resolve->name,
			resolve->family == AF_INET ? "not an IPv4 address" : "not an IPv6 address");
		return true;
	}
	/* The port of a service is the system's to know. */
	resolve->flags = AI_NUMERICHOST;
	if (resolve->port == 0)
		return false;
	struct addrinfo one = {.ai_addr = &address.sa.any, .ai_addrlen = address.len};
	answers_add(&resolve->answers, AF_UNSPEC, &one, 0);
	resolve->status = RESOLVE_DONE;
	return true;
}

/* False with errno. */
static bool begin(struct resolve *resolve, const char *service, bool bracketed)
{
	read_service(resolve, service);
	if (resolve->status != RESOLVE_ASKING || take_literal(resolve, bracketed))
		return true;
	if (resolve->port == 0) {
		resolve->service = strdup(service);
		if (resolve->service == NULL)
			return false;
	}
	resolve->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (resolve->wake < 0)
		return false;
	resolve->lookups[WHOLE] = lookup_start(
		resolve->name, resolve->service, resolve->family, resolve->flags, resolve->wake);
	return resolve->lookups[WHOLE] != NULL;
}

struct resolve *resolve_start(const char *host, const char *service, int family, int64_t now_us)
{
	struct resolve *resolve = calloc(1, sizeof(*resolve));
	size_t len = strlen(host);
	bool bracketed = len >= 2 && host[0] == '[' && host[len - 1] == ']';

	if (resolve == NULL)
		return NULL;
	resolve->family = family;
	/* As getent(1) asks: for no family that this system has no address of. A call for one family
	 * would fail by that where there are loopback addresses alone. */
	resolve->flags = family == AF_UNSPEC ? AI_ADDRCONFIG : 0;
	resolve->wake = -1;
	resolve->begun_us = now_us;
	resolve->split_at =
		family == AF_UNSPEC ? deadline_in(now_us, ANSWERS_DELAY_MS) : DEADLINE_NEVER;
	answers_init(&resolve->answers);
	/* Of what has nothing in its brackets these are what the failure can name. */
	resolve->name = bracketed && len > 2 ? strndup(host + 1, len - 2) : strdup(host);
	if (resolve->name != NULL && begin(resolve, service, bracketed))
		return resolve;
	int error = errno;
	resolve_free(resolve);
	errno = error;
	return NULL;
}

void resolve_free(struct resolve *resolve)
{
	if (resolve == NULL)
		return;
	stop(resolve);
	free(resolve->name);
	free(resolve->service);
	free(resolve);
}

enum resolve_status resolve_status(const struct resolve *resolve)
{
	return resolve->status;
}

int resolve_fd(const struct resolve *resolve)
{
	return resolve->wake;
}

int64_t resolve_next(const struct resolve *resolve, int64_t now_us)
{
	if (resolve->status != RESOLVE_ASKING)
		return DEADLINE_NEVER;
	return deadline_earlier(resolve->split_at, answers_next(&resolve->answers, now_us));
}

/* Is the name asked for as it stands before it is with the search list (resolv.conf(5), "ndots")? */
static bool stands_for_itself(const char *name)
{
	struct __res_state state = {0};
	size_t dots = 0;

	for (const char *at = name; (at = strchr(at, '.')) != NULL; at++)
		dots++;
	if (res_ninit(&state) != 0)
		return false;
	bool first = dots >= state.ndots || name[strlen(name) - 1] == '.';
	res_nclose(&state);
	return first;
}

/* Asks for each family by itself, if that is of use. Without memory it is not done. */
static void split(struct resolve *resolve, int64_t now_us)
{
	int64_t begun_us = lookup_begun_us(resolve->lookups[WHOLE]);
	int64_t ran_us = now_us - begun_us;
	char *absolute = NULL;

	/* While it waits for a thread nothing else would get one, and looking often helps nobody. */
	if (begun_us == DEADLINE_NEVER)
		resolve->split_at = deadline_of_us(now_us + (now_us - resolve->begun_us));
	/* A source that is quick, the hosts file, has answered by then. */
	else if (ran_us < INT64_C(1000) * ANSWERS_DELAY_MS)
		resolve->split_at = deadline_in(begun_us, ANSWERS_DELAY_MS);
	else
		resolve->split_at = DEADLINE_NEVER;
	if (resolve->split_at != DEADLINE_NEVER || !stands_for_itself(resolve->name))
		return;
	size_t len = strlen(resolve->name);
	if (asprintf(&absolute, "%s%s", resolve->name, resolve->name[len - 1] == '.' ? "" : ".") <
		0)
		return;
	for (size_t i = IPV6; i < LOOKUPS; i++)
		resolve->lookups[i] = lookup_start(
			absolute, resolve->service, families[i], resolve->flags, resolve->wake);
	free(absolute);
}

void resolve_advance(struct resolve *resolve, int64_t now_us)
{
	struct lookup_answer answer = {0};
	eventfd_t count;

	if (resolve->status != RESOLVE_ASKING)
		return;
	/* Read first: an answer that comes later makes it readable again. */
	(void)!eventfd_read(resolve->wake, &count);
	for (size_t i = 0; i < LOOKUPS && resolve->status == RESOLVE_ASKING; i++) {
		if (resolve->lookups[i] == NULL || !lookup_answered(resolve->lookups[i], &answer))
			continue;
		answers_add(&resolve->answers, families[i], answer.list, now_us);
		if (i == WHOLE && resolve->answers.count > 0)
			resolve->status = RESOLVE_DONE;
		else if (i == WHOLE)
			fail_by_answer(resolve, &answer);
		lookup_free(resolve->lookups[i]);
		resolve->lookups[i] = NULL;
	}
	if (resolve->status != RESOLVE_ASKING)
		stop(resolve);
	else if (deadline_passed(resolve->split_at, now_us))
		split(resolve, now_us);
}

bool resolve_take(struct resolve *resolve, int64_t now_us, struct address *ret_address)
{
	if (!answers_take(&resolve->answers, now_us, ret_address))
		return false;
	if (resolve->port != 0)
		address_set_port(ret_address, resolve->port);
	return true;
}

bool resolve_settled(const struct resolve *resolve, int64_t now_us)
{
	return resolve->status != RESOLVE_ASKING || answers_settled(&resolve->answers, now_us);
}

const char *resolve_error(const struct resolve *resolve)
{
	return resolve->error;
}
