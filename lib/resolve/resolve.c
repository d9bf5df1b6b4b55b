/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/resolve.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <resolv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/text.h"

/* --------------------------------------------------------------------------------- answers -- */

static void add(struct answers *answers, const struct address *address, bool whole)
{
	bool ip4 = address_family(address) == AF_INET;
	struct address *list = answers->list[ip4];

	for (size_t i = 0; i < answers->count[ip4]; i++)
		if (memcmp(&list[i].sa, &address->sa, address->len) == 0)
			return;
	if (answers->count[ip4] == ANSWERS_MAX)
		return;
	/* The whole answer begins with the system's first choice. Without it nothing is known of the
	 * families but that IPv6 is preferred. */
	if (whole && answers->count[0] + answers->count[1] == 0)
		answers->turn = ip4;
	list[answers->count[ip4]++] = *address;
}

void answers_add(struct answers *answers, int family, const struct addrinfo *list, int64_t now_us)
{
	bool whole = family == AF_UNSPEC;
	struct address address;

	if (whole && list != NULL)
		memcpy(answers->count, answers->taken, sizeof(answers->count));
	for (; list != NULL; list = list->ai_next)
		if (address_from_sockaddr(list->ai_addr, list->ai_addrlen, &address))
			add(answers, &address, whole);
	answers->heard6 |= family == AF_INET6;
	if (whole)
		answers->settled_us = now_us;
	else if (answers->settled_us == 0 && answers->count[0] + answers->count[1] > 0)
		answers->settled_us = now_us + ANSWERS_DELAY_US;
}

bool answers_settled(const struct answers *answers, int64_t now_us)
{
	return answers->settled_us > 0 && now_us >= answers->settled_us;
}

bool answers_take(struct answers *answers, int64_t now_us, struct address *ret_address)
{
	bool ip4 = answers->turn;

	/* Any answer for IPv6 ends the wait for it, an empty one too. */
	if (!answers->heard6 && !answers_settled(answers, now_us))
		return false;
	if (answers->taken[ip4] == answers->count[ip4])
		ip4 = !ip4;
	if (answers->taken[ip4] == answers->count[ip4])
		return false;
	*ret_address = answers->list[ip4][answers->taken[ip4]++];
	answers->turn = !ip4;
	return true;
}

/* ---------------------------------------------------------------------------------- threads -- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The lookups that run, then those that wait. */
static TAILQ_HEAD(lookups, lookup) queue = TAILQ_HEAD_INITIALIZER(queue);
static unsigned int threads;

static void destroy(struct resolve *resolve)
{
	for (size_t i = 0; i < LOOKUPS; i++)
		if (resolve->lookups[i].list != NULL)
			freeaddrinfo(resolve->lookups[i].list);
	failure_deinit(&resolve->failure);
	free(resolve);
}

/* Takes a lookup out of the queue. */
static void end(struct lookup *lookup, enum lookup_state state)
{
	struct resolve *resolve = lookup->resolve;

	TAILQ_REMOVE(&queue, lookup, entry);
	resolve->running -= lookup->state == LOOKUP_RUNNING;
	lookup->state = state;
	if (resolve->freed && resolve->running == 0)
		destroy(resolve);
}

static void *work(void *unused)
{
	(void)unused;
	pthread_detach(pthread_self());
	/* glibc gives a thread of a forked child the memory of one that stayed with the parent, and the
	 * sockets in it, from which the parent reads too. This closes them. */
	(void)res_init();
	pthread_mutex_lock(&lock);
	for (;;) {
		struct lookup *lookup = TAILQ_FIRST(&queue);
		struct addrinfo *list = NULL;

		while (lookup != NULL && lookup->state == LOOKUP_RUNNING)
			lookup = TAILQ_NEXT(lookup, entry);
		if (lookup == NULL)
			break;
		const struct addrinfo hints = {
			.ai_flags = lookup->resolve->flags,
			.ai_family = lookup->family,
			.ai_socktype = SOCK_STREAM,
			.ai_protocol = IPPROTO_TCP,
		};
		lookup->state = LOOKUP_RUNNING;
		lookup->resolve->running++;
		lookup->begun_us = clock_us();
		pthread_mutex_unlock(&lock);
		int code = getaddrinfo(lookup->name, lookup->resolve->service, &hints, &list);
		int error = errno;
		pthread_mutex_lock(&lock);
		lookup->code = code;
		lookup->error = error;
		lookup->list = list;
		if (lookup->resolve->wake >= 0)
			(void)!eventfd_write(lookup->resolve->wake, 1);
		end(lookup, LOOKUP_ANSWERED);
	}
	threads--;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void in_parent(void)
{
	pthread_mutex_unlock(&lock);
}

/* The threads are the parent's. So are the lookups, and the descriptors that tell of their answers. */
static void in_child(void)
{
	struct lookup *next;

	threads = 0;
	for (struct lookup *lookup = TAILQ_FIRST(&queue); lookup != NULL; lookup = next) {
		next = TAILQ_NEXT(lookup, entry);
		lookup->code = EAI_AGAIN;
		end(lookup, LOOKUP_ANSWERED);
	}
	pthread_mutex_unlock(&lock);
}

/* Lets a thread make the call. Returns 0 or an errno. */
static int ask(struct lookup *lookup)
{
	static bool heeds_forks;
	pthread_t thread;
	sigset_t all;
	sigset_t before;
	int error = 0;

	pthread_mutex_lock(&lock);
	if (!heeds_forks)
		error = pthread_atfork(before_fork, in_parent, in_child);
	heeds_forks = error == 0;
	if (error == 0 && threads < RESOLVE_THREADS) {
		/* The program's signals are for its own threads. */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		error = pthread_create(&thread, NULL, work, NULL);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
		threads += error == 0;
	}
	/* A thread that is there already comes to it. */
	if (threads > 0) {
		error = 0;
		lookup->state = LOOKUP_WAITING;
		TAILQ_INSERT_TAIL(&queue, lookup, entry);
	}
	pthread_mutex_unlock(&lock);
	return error;
}

/* Ends what is under way, as far as it can be ended. The addresses stay, unless @freed. */
static void stop(struct resolve *resolve, bool freed)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < LOOKUPS; i++)
		if (resolve->lookups[i].state == LOOKUP_WAITING)
			end(&resolve->lookups[i], LOOKUP_IDLE);
	if (resolve->wake >= 0)
		close(resolve->wake);
	resolve->wake = -1;
	resolve->freed = freed;
	if (freed && resolve->running == 0)
		destroy(resolve);
	pthread_mutex_unlock(&lock);
}

/* ----------------------------------------------------------------------------------- begin -- */

/*
 * A service that is no name is a port from 1 to 65535. An address in text, or what can only be meant as one, need not
 * be looked up.
 */
static void read_given(struct resolve *resolve, bool bracketed)
{
	struct lookup *whole = &resolve->lookups[LOOKUP_WHOLE];
	const char *name = whole->name;
	const char *service = resolve->service;
	size_t digits = strspn(service, "0123456789");
	unsigned long port = digits < 10 ? strtoul(service, NULL, 10) : 0;
	bool numeric = service[digits] == '\0';
	bool ip6 = strchr(name, ':') != NULL;
	struct address address;

	if (numeric && (port < 1 || port > UINT16_MAX)) {
		failure_set(&resolve->failure, TLSFO_E_SERVICE_NOT_FOUND, 0,
			"service %s: a port is a number from 1 to 65535", service);
	} else if (!isalnum((unsigned char)service[0])) {
		/* getaddrinfo(3) takes blanks and signs before a number for a part of it. */
		failure_set(&resolve->failure, TLSFO_E_SERVICE_NOT_FOUND, 0,
			"service %s: unknown service", service);
	} else if (!address_parse(name, &address)) {
		if (ip6 && strchr(name, '%') != NULL)
			failure_set(&resolve->failure, TLSFO_E_NAME_NOT_FOUND, 0,
				"%s: not an IPv6 address of an interface that exists, or not "
				"a link-local one",
				name);
		else if (ip6 || bracketed)
			failure_set(&resolve->failure, TLSFO_E_NAME_NOT_FOUND, 0,
				"%s: not an IP address", name);
	} else if (whole->family != AF_UNSPEC && whole->family != address_family(&address)) {
		failure_set(&resolve->failure, TLSFO_E_NAME_NOT_FOUND, 0, "%s: not an %s address",
			name, whole->family == AF_INET ? "IPv4" : "IPv6");
	} else if (!numeric) {
		/* The port of a service is the system's to know. */
		resolve->flags = AI_NUMERICHOST;
	} else {
		struct addrinfo one = {.ai_addr = &address.sa.any, .ai_addrlen = address.len};

		address_set_port(&address, (uint16_t)port);
		answers_add(&resolve->answers, AF_UNSPEC, &one, resolve->begun_us);
	}
}

struct resolve *resolve_start(const char *host, const char *service, int family, int64_t now_us)
{
	size_t size = strlen(host) + sizeof(".");
	struct resolve *resolve =
		calloc(1, sizeof(*resolve) + 2 * size + strlen(service) + sizeof(""));
	size_t len;
	const char *bare = host_bare(host, &len);
	bool bracketed = bare != host;

	if (resolve == NULL)
		return NULL;
	char *name = (char *)(resolve + 1);
	char *absolute = name + size;
	/* A final dot is left: it keeps the search list out. */
	memcpy(name, bare, bracketed ? len : strlen(bare));
	snprintf(absolute, size, "%.*s.", (int)len, bare);
	resolve->service = strcpy(absolute + size, service);
	resolve->lookups[LOOKUP_WHOLE] =
		(struct lookup){.resolve = resolve, .name = name, .family = family};
	resolve->lookups[LOOKUP_IPV6] =
		(struct lookup){.resolve = resolve, .name = absolute, .family = AF_INET6};
	resolve->lookups[LOOKUP_IPV4] =
		(struct lookup){.resolve = resolve, .name = absolute, .family = AF_INET};
	/* As getent(1) asks: for no family that this system has no address of. A call for one family
	 * would fail by that where there are loopback addresses alone. */
	resolve->flags = family == AF_UNSPEC ? AI_ADDRCONFIG : 0;
	resolve->wake = -1;
	resolve->begun_us = now_us;
	resolve->split_us = family == AF_UNSPEC ? now_us + ANSWERS_DELAY_US : -1;
	read_given(resolve, bracketed);
	if (resolve->failure.code != 0 || answers_settled(&resolve->answers, now_us))
		return resolve;
	resolve->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int error = resolve->wake >= 0 ? ask(&resolve->lookups[LOOKUP_WHOLE]) : errno;
	if (error == 0)
		return resolve;
	stop(resolve, true);
	errno = error;
	return NULL;
}

void resolve_free(struct resolve *resolve)
{
	if (resolve != NULL)
		stop(resolve, true);
}

/* --------------------------------------------------------------------------------- advance -- */

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
	const struct lookup *whole = &resolve->lookups[LOOKUP_WHOLE];

	pthread_mutex_lock(&lock);
	bool waits = whole->state == LOOKUP_WAITING;
	/* A source that is quick, the hosts file, has answered by then. */
	resolve->split_us = whole->begun_us + ANSWERS_DELAY_US;
	pthread_mutex_unlock(&lock);
	/* While it waits for a thread nothing else would get one, and looking often helps nobody. */
	if (waits)
		resolve->split_us = now_us + (now_us - resolve->begun_us);
	if (now_us < resolve->split_us)
		return;
	resolve->split_us = -1;
	if (!stands_for_itself(whole->name))
		return;
	(void)ask(&resolve->lookups[LOOKUP_IPV6]);
	(void)ask(&resolve->lookups[LOOKUP_IPV4]);
}

/* There is no address: says why. */
static void fail(struct resolve *resolve)
{
	const struct lookup *lookup = &resolve->lookups[LOOKUP_WHOLE];
	struct failure *failure = &resolve->failure;
	int code = lookup->code;

	if (code == EAI_MEMORY)
		failure_memory(failure);
	else if (code == EAI_SERVICE)
		failure_set(failure, TLSFO_E_SERVICE_NOT_FOUND, 0, "service %s: unknown service",
			resolve->service);
	else if (code == EAI_NONAME)
		failure_set(failure, TLSFO_E_NAME_NOT_FOUND, 0, "%s: no such name", lookup->name);
	/* 0: with addresses of neither family. */
	else if (code == EAI_NODATA || code == EAI_ADDRFAMILY || code == 0)
		failure_set(failure, TLSFO_E_NAME_NOT_FOUND, 0, "%s: the name has no %saddress",
			lookup->name,
			lookup->family == AF_INET    ? "IPv4 "
			: lookup->family == AF_INET6 ? "IPv6 "
						     : "");
	else
		failure_set(failure, TLSFO_E_NAME_LOOKUP_FAILED, 0,
			"%s: the name could not be looked up: %s", lookup->name,
			code == EAI_SYSTEM ? strerror(lookup->error) : gai_strerror(code));
}

void resolve_advance(struct resolve *resolve, int64_t now_us)
{
	struct answers *answers = &resolve->answers;
	bool whole = false;
	eventfd_t count;

	if (resolve->wake < 0)
		return;
	/* Read first: an answer that comes later makes it readable again. */
	(void)!eventfd_read(resolve->wake, &count);
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < LOOKUPS && !whole; i++) {
		struct lookup *lookup = &resolve->lookups[i];

		if (lookup->state != LOOKUP_ANSWERED)
			continue;
		lookup->state = LOOKUP_IDLE;
		whole = i == LOOKUP_WHOLE;
		answers_add(answers, whole ? AF_UNSPEC : lookup->family, lookup->list, now_us);
	}
	pthread_mutex_unlock(&lock);
	if (whole && answers->count[0] + answers->count[1] == 0)
		fail(resolve);
	if (whole)
		stop(resolve, false);
	else if (resolve->split_us >= 0 && now_us >= resolve->split_us)
		split(resolve, now_us);
}

int64_t resolve_next(const struct resolve *resolve, int64_t now_us)
{
	int64_t settled_us = resolve->answers.settled_us;
	int64_t next = resolve->split_us;

	if (settled_us > now_us && (next < 0 || settled_us < next))
		next = settled_us;
	return resolve->wake >= 0 ? next : -1;
}
