/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/route.h"
#include "resolve/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/deadline.h"
#include "base/host.h"
#include "resolve/answers.h"
#include "resolve/backend.h"
#include "resolve/service.h"

_Static_assert(ANSWERS_MAX == RESOLVE_ADDRESSES_MAX, "two names for one limit");

struct resolve {
	char *name; /* without brackets */
	uint16_t port;
	int family;
	enum resolve_status status;
	int64_t now_us; /* the time of the call that runs */
	struct backend *backend;
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

static void fail_by_answer(struct resolve *resolve, enum answer answer)
{
	static const char *const words[] = {
		[ANSWER_ADDRESSES] = "the name has no address",
		[ANSWER_NO_ADDRESS] = "the name has no address",
		[ANSWER_NO_NAME] = "no such name",
		[ANSWER_BAD_NAME] = "not a name",
		[ANSWER_FAILED] = "the name servers failed to answer",
		[ANSWER_UNREACHABLE] = "no name server can be asked",
		[ANSWER_TIMEOUT] = "the name servers did not answer in time",
		[ANSWER_NO_MEMORY] = "no memory",
	};
	const char *why = words[answer];

	if (answer <= ANSWER_NO_ADDRESS && resolve->family != AF_UNSPEC)
		why = resolve->family == AF_INET ? "the name has no IPv4 address"
						 : "the name has no IPv6 address";
	fail(resolve, answer == ANSWER_NO_MEMORY ? RESOLVE_NO_MEMORY : RESOLVE_NO_ADDRESS, "",
		resolve->name, why);
}

static void add(
	struct resolve *resolve, const struct address *address, const struct address *source)
{
	struct candidate candidate = {.address = *address, .source = *source};

	address_set_port(&candidate.address, resolve->port);
	answers_add(&resolve->answers, &candidate);
}

void resolve_add(struct resolve *resolve, const struct sockaddr *sa, socklen_t len)
{
	struct address address;

	if (!address_from_sockaddr(sa, len, &address))
		return;
	address_set_port(&address, resolve->port);
	/* An answer may have thousands, and each route costs some system calls. */
	if (!answers_want(&resolve->answers, &address))
		return;
	struct address source = {0};
	/* Without a route it comes behind all others. */
	if (!route_source(&address, &source))
		source = (struct address){0};
	add(resolve, &address, &source);
}

void resolve_end(struct resolve *resolve, int family, enum answer answer)
{
	answers_end(&resolve->answers, family, answer, resolve->now_us);
}

/* Ends both questions at once. */
static void end_all(struct resolve *resolve, enum answer answer)
{
	resolve_end(resolve, AF_INET6, answer);
	resolve_end(resolve, AF_INET, answer);
}

/* After the last answer the back end is not needed any more, and its descriptors are closed. */
static void conclude(struct resolve *resolve)
{
	if (resolve->status != RESOLVE_ASKING || answers_asking(&resolve->answers))
		return;
	backend_free(resolve->backend);
	resolve->backend = NULL;
	if (resolve->answers.found > 0)
		resolve->status = RESOLVE_DONE;
	else
		fail_by_answer(resolve, resolve->answers.worst);
}

static void find_service(struct resolve *resolve, const char *service)
{
	switch (service_parse(service, &resolve->port)) {
	case SERVICE_PORT:
		break;
	case SERVICE_WRONG:
		fail(resolve, RESOLVE_NO_SERVICE, "service ", service,
			"a port is a number from 1 to 65535");
		break;
	case SERVICE_NAME:
		if (!service_find(service, &resolve->port))
			fail(resolve, RESOLVE_NO_SERVICE, "service ", service, "unknown service");
		break;
	}
}

/* An address in text, or what can only be meant as one. */
static void take_literal(struct resolve *resolve, bool bracketed)
{
	struct address address;
	bool meant = bracketed || strchr(resolve->name, ':') != NULL;

	if (!address_parse(resolve->name, &address)) {
		if (meant)
			fail(resolve, RESOLVE_NO_ADDRESS, "", resolve->name,
				strchr(resolve->name, '%') != NULL
					? "not an IPv6 address of an interface that exists, or not "
					  "a link-local one"
					: "not an IP address");
		return;
	}
	if (resolve->family != AF_UNSPEC && resolve->family != address_family(&address)) {
		fail(resolve, RESOLVE_NO_ADDRESS, "", resolve->name,
			resolve->family == AF_INET ? "not an IPv4 address" : "not an IPv6 address");
		return;
	}
	/* It has no rivals, so the system need not be asked what it would reach it from. */
	add(resolve, &address, &address);
	end_all(resolve, ANSWER_ADDRESSES);
}

/* RFC 6761 §6.3: "localhost" and names that end in ".localhost". */
static bool is_localhost(const char *name)
{
	static const char localhost[] = "localhost";
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len < sizeof(localhost) - 1)
		return false;
	const char *last = name + len - (sizeof(localhost) - 1);
	return strncasecmp(last, localhost, sizeof(localhost) - 1) == 0 &&
	       (last == name || last[-1] == '.');
}

static void take_loopback(struct resolve *resolve)
{
	static const char ip4[4] = {127, 0, 0, 1};
	static const char ip6[16] = {[15] = 1};
	struct address address = address_ip6(ip6, 0, 0);

	if (resolve->family != AF_INET)
		resolve_add(resolve, &address.sa.any, address.len);
	address = address_ip4(ip4, 0);
	if (resolve->family != AF_INET6)
		/* It has no rivals, so the system need not be asked what it would reach it from. */
		add(resolve, &address, &address);
	end_all(resolve, ANSWER_ADDRESSES);
}

static void begin(struct resolve *resolve, const char *service, bool bracketed)
{
	enum answer answer = ANSWER_NO_MEMORY;

	find_service(resolve, service);
	if (resolve->status == RESOLVE_ASKING)
		take_literal(resolve, bracketed);
	if (resolve->status != RESOLVE_ASKING || !answers_asking(&resolve->answers))
		return;
	if (!host_may_be_name(resolve->name, strlen(resolve->name)))
		end_all(resolve, ANSWER_BAD_NAME);
	else if (is_localhost(resolve->name))
		take_loopback(resolve);
	else if (!backend_start(
			 resolve, resolve->name, resolve->family, &resolve->backend, &answer))
		end_all(resolve, answer);
}

struct resolve *resolve_start(const char *host, const char *service, int family, int64_t now_us)
{
	struct resolve *resolve = calloc(1, sizeof(*resolve));
	size_t len = strlen(host);
	bool bracketed = len >= 2 && host[0] == '[' && host[len - 1] == ']';

	if (resolve == NULL)
		return NULL;
	/* Of what has nothing in its brackets these are what the failure can name. */
	resolve->name = bracketed && len > 2 ? strndup(host + 1, len - 2) : strdup(host);
	if (resolve->name == NULL) {
		free(resolve);
		return NULL;
	}
	resolve->family = family;
	resolve->now_us = now_us;
	answers_init(&resolve->answers, family);
	begin(resolve, service, bracketed);
	conclude(resolve);
	return resolve;
}

void resolve_free(struct resolve *resolve)
{
	if (resolve == NULL)
		return;
	backend_free(resolve->backend);
	free(resolve->name);
	free(resolve);
}

enum resolve_status resolve_status(const struct resolve *resolve)
{
	return resolve->status;
}

size_t resolve_wait(const struct resolve *resolve, struct pollfd fds[RESOLVE_FDS_MAX])
{
	return resolve->backend != NULL ? backend_wait(resolve->backend, fds, RESOLVE_FDS_MAX) : 0;
}

int64_t resolve_next(const struct resolve *resolve, int64_t now_us)
{
	if (resolve->status != RESOLVE_ASKING)
		return DEADLINE_NEVER;
	int64_t next = answers_next(&resolve->answers, now_us);
	int64_t other = deadline_in(now_us, backend_patience(resolve->backend));
	if (next == DEADLINE_NEVER || other == DEADLINE_NEVER)
		return next == DEADLINE_NEVER ? other : next;
	return next < other ? next : other;
}

void resolve_advance(
	struct resolve *resolve, const struct pollfd *fds, size_t count, int64_t now_us)
{
	if (resolve->status != RESOLVE_ASKING)
		return;
	resolve->now_us = now_us;
	backend_advance(resolve->backend, fds, count);
	conclude(resolve);
}

bool resolve_take(struct resolve *resolve, int64_t now_us, struct address *ret_address)
{
	return answers_take(&resolve->answers, now_us, ret_address);
}

bool resolve_settled(const struct resolve *resolve, int64_t now_us)
{
	return resolve->status != RESOLVE_ASKING || answers_settled(&resolve->answers, now_us);
}

const char *resolve_error(const struct resolve *resolve)
{
	return resolve->error;
}
