/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/resolve.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <resolv.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/host.h"
#include "resolve/answers.h"

/*
 * The whole answer is that for both families in one call. Only in that call does the system walk its
 * sources (nsswitch.conf) and its search list for both at once, so that both are of one name and of one
 * source; by themselves the families may end at different hosts. It takes as long as the slower of the
 * two. So when it has run for 50 ms, each family is asked by itself too, for the name with a final dot:
 * its addresses are those that the first step of the whole answer's walk finds.
 */
enum { WHOLE, IPV6, IPV4, LOOKUPS };
static const int families[LOOKUPS] = {AF_UNSPEC, AF_INET6, AF_INET};

enum state { IDLE, WAITING, RUNNING, ANSWERED };

/* One call of getaddrinfo(3). */
struct lookup {
	TAILQ_ENTRY(lookup) entry; /* of the queue, while it waits or runs */
	struct resolve *resolve;
	const char *name;
	int family;
	enum state state;
	int64_t begun_us; /* DEADLINE_NEVER: not yet */
	int code;
	int error; /* errno, for EAI_SYSTEM */
	struct addrinfo *list;
};

struct resolve {
	int family;
	int flags; /* of getaddrinfo(3) */
	enum resolve_status status;
	int64_t begun_us;
	int64_t split_at; /* a deadline: ask for each family then */
	struct answers answers;
	char error[384];
	/* Under the lock, as the lookups are: */
	struct lookup lookups[LOOKUPS];
	unsigned int running; /* so many of them */
	int wake;	      /* an eventfd, or -1 */
	bool freed;	      /* by its owner: the last thread that is at it frees the memory */
	/* In the memory behind: */
	char *name;	/* without brackets */
	char *absolute; /* with a final dot */
	char *service;
};

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
	free(resolve);
}

/* Takes a lookup out of the queue. */
static void end(struct lookup *lookup, enum state state)
{
	struct resolve *resolve = lookup->resolve;

	TAILQ_REMOVE(&queue, lookup, entry);
	resolve->running -= lookup->state == RUNNING;
	lookup->state = state;
	if (resolve->freed && resolve->running == 0)
		destroy(resolve);
}

static void run(struct lookup *lookup)
{
	const struct addrinfo hints = {
		.ai_flags = lookup->resolve->flags,
		.ai_family = lookup->family,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
	};
	struct addrinfo *list = NULL;

	lookup->state = RUNNING;
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
	end(lookup, ANSWERED);
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

		while (lookup != NULL && lookup->state == RUNNING)
			lookup = TAILQ_NEXT(lookup, entry);
		if (lookup == NULL)
			break;
		run(lookup);
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
		end(lookup, ANSWERED);
	}
	pthread_mutex_unlock(&lock);
}

/* Under the lock. Returns 0 or an errno. */
static int start_thread(void)
{
	static bool heeds_forks;
	pthread_t thread;
	sigset_t all;
	sigset_t before;
	int error = heeds_forks ? 0 : pthread_atfork(before_fork, in_parent, in_child);

	if (error != 0)
		return error;
	heeds_forks = true;
	/* The program's signals are for its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, work, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	threads += error == 0;
	return error;
}

/* Returns 0 or an errno. */
static int ask(struct resolve *resolve, size_t i, const char *name, int family)
{
	struct lookup *lookup = &resolve->lookups[i];
	int error = 0;

	pthread_mutex_lock(&lock);
	if (threads < RESOLVE_THREADS)
		error = start_thread();
	/* A thread that is there already comes to it. */
	if (threads > 0) {
		error = 0;
		*lookup = (struct lookup){.resolve = resolve,
			.name = name,
			.family = family,
			.state = WAITING,
			.begun_us = DEADLINE_NEVER};
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
		if (resolve->lookups[i].state == WAITING)
			end(&resolve->lookups[i], IDLE);
	if (resolve->wake >= 0)
		close(resolve->wake);
	resolve->wake = -1;
	resolve->freed = freed;
	if (freed && resolve->running == 0)
		destroy(resolve);
	pthread_mutex_unlock(&lock);
}

/* ----------------------------------------------------------------------------------- begin -- */

static format_printf(3, 4) void fail(
	struct resolve *resolve, enum resolve_status status, const char *format, ...)
{
	va_list args;

	resolve->status = status;
	va_start(args, format);
	vsnprintf(resolve->error, sizeof(resolve->error), format, args);
	va_end(args);
}

/* A service that is no name is a port from 1 to 65535. Returns it, or 0. */
static uint16_t read_service(struct resolve *resolve)
{
	const char *service = resolve->service;
	size_t digits = strspn(service, "0123456789");
	unsigned long port = digits < 10 ? strtoul(service, NULL, 10) : 0;

	if (service[digits] == '\0' && port >= 1 && port <= UINT16_MAX)
		return (uint16_t)port;
	if (service[digits] == '\0')
		fail(resolve, RESOLVE_NO_SERVICE, "service %s: a port is a number from 1 to 65535",
			service);
	/* getaddrinfo(3) takes blanks and signs before a number for a part of it. */
	else if (!isalnum((unsigned char)service[0]))
		fail(resolve, RESOLVE_NO_SERVICE, "service %s: unknown service", service);
	return 0;
}

/* An address in text, or what can only be meant as one, need not be looked up. */
static void read_host(struct resolve *resolve, bool bracketed, uint16_t port)
{
	const char *name = resolve->name;
	bool ip6 = strchr(name, ':') != NULL;
	struct address address;

	if (!address_parse(name, &address)) {
		if (ip6 && strchr(name, '%') != NULL)
			fail(resolve, RESOLVE_NO_ADDRESS,
				"%s: not an IPv6 address of an interface that exists, or not "
				"a link-local one",
				name);
		else if (ip6 || bracketed)
			fail(resolve, RESOLVE_NO_ADDRESS, "%s: not an IP address", name);
	} else if (resolve->family != AF_UNSPEC && resolve->family != address_family(&address)) {
		fail(resolve, RESOLVE_NO_ADDRESS, "%s: not an %s address", name,
			resolve->family == AF_INET ? "IPv4" : "IPv6");
	} else if (port == 0) {
		/* The port of a service is the system's to know. */
		resolve->flags = AI_NUMERICHOST;
	} else {
		struct addrinfo one = {.ai_addr = &address.sa.any, .ai_addrlen = address.len};

		address_set_port(&address, port);
		answers_add(&resolve->answers, AF_UNSPEC, &one, 0);
		resolve->status = RESOLVE_DONE;
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
	resolve->family = family;
	/* As getent(1) asks: for no family that this system has no address of. A call for one family
	 * would fail by that where there are loopback addresses alone. */
	resolve->flags = family == AF_UNSPEC ? AI_ADDRCONFIG : 0;
	resolve->wake = -1;
	resolve->begun_us = now_us;
	resolve->split_at =
		family == AF_UNSPEC ? deadline_in(now_us, ANSWERS_DELAY_MS) : DEADLINE_NEVER;
	answers_init(&resolve->answers);
	resolve->name = (char *)(resolve + 1);
	resolve->absolute = resolve->name + size;
	resolve->service = resolve->absolute + size;
	/* A final dot is left: it keeps the search list out. */
	memcpy(resolve->name, bare, bracketed ? len : strlen(bare));
	snprintf(resolve->absolute, size, "%.*s.", (int)len, bare);
	strcpy(resolve->service, service);
	uint16_t port = read_service(resolve);
	if (resolve->status == RESOLVE_ASKING)
		read_host(resolve, bracketed, port);
	if (resolve->status != RESOLVE_ASKING)
		return resolve;
	resolve->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int error = resolve->wake >= 0 ? ask(resolve, WHOLE, resolve->name, family) : errno;
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

/* --------------------------------------------------------------------------------- answers -- */

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
	pthread_mutex_lock(&lock);
	int64_t begun_us = resolve->lookups[WHOLE].begun_us;
	pthread_mutex_unlock(&lock);
	/* While it waits for a thread nothing else would get one, and looking often helps nobody. */
	if (begun_us == DEADLINE_NEVER) {
		resolve->split_at = deadline_of_us(now_us + (now_us - resolve->begun_us));
		return;
	}
	/* A source that is quick, the hosts file, has answered by then. */
	resolve->split_at = deadline_in(begun_us, ANSWERS_DELAY_MS);
	if (!deadline_passed(resolve->split_at, now_us))
		return;
	resolve->split_at = DEADLINE_NEVER;
	if (!stands_for_itself(resolve->name))
		return;
	for (size_t i = IPV6; i < LOOKUPS; i++)
		(void)ask(resolve, i, resolve->absolute, families[i]);
}

static void fail_by_answer(struct resolve *resolve, const struct lookup *lookup)
{
	int code = lookup->code;

	if (code == EAI_MEMORY)
		resolve->status = RESOLVE_NO_MEMORY;
	else if (code == EAI_SERVICE)
		fail(resolve, RESOLVE_NO_SERVICE, "service %s: unknown service", resolve->service);
	else if (code == EAI_NONAME)
		fail(resolve, RESOLVE_NO_ADDRESS, "%s: no such name", resolve->name);
	/* 0: with addresses of neither family. */
	else if (code == EAI_NODATA || code == EAI_ADDRFAMILY || code == 0)
		fail(resolve, RESOLVE_NO_ADDRESS, "%s: the name has no %saddress", resolve->name,
			resolve->family == AF_INET    ? "IPv4 "
			: resolve->family == AF_INET6 ? "IPv6 "
						      : "");
	else
		fail(resolve, RESOLVE_FAILED, "%s: the name could not be looked up: %s",
			resolve->name,
			code == EAI_SYSTEM ? strerror(lookup->error) : gai_strerror(code));
}

void resolve_advance(struct resolve *resolve, int64_t now_us)
{
	struct answers *answers = &resolve->answers;
	eventfd_t count;

	if (resolve->status != RESOLVE_ASKING)
		return;
	/* Read first: an answer that comes later makes it readable again. */
	(void)!eventfd_read(resolve->wake, &count);
	for (size_t i = 0; i < LOOKUPS && resolve->status == RESOLVE_ASKING; i++) {
		struct lookup *lookup = &resolve->lookups[i];

		pthread_mutex_lock(&lock);
		bool answered = lookup->state == ANSWERED;
		if (answered)
			lookup->state = IDLE;
		pthread_mutex_unlock(&lock);
		if (!answered)
			continue;
		answers_add(answers, families[i], lookup->list, now_us);
		if (i == WHOLE && answers->count[0] + answers->count[1] > 0)
			resolve->status = RESOLVE_DONE;
		else if (i == WHOLE)
			fail_by_answer(resolve, lookup);
	}
	if (resolve->status != RESOLVE_ASKING)
		stop(resolve, false);
	else if (deadline_passed(resolve->split_at, now_us))
		split(resolve, now_us);
}

bool resolve_take(struct resolve *resolve, int64_t now_us, struct address *ret_address)
{
	return answers_take(&resolve->answers, now_us, ret_address);
}

bool resolve_settled(const struct resolve *resolve, int64_t now_us)
{
	return resolve->status != RESOLVE_ASKING || answers_settled(&resolve->answers, now_us);
}

int64_t resolve_next(const struct resolve *resolve, int64_t now_us)
{
	if (resolve->status != RESOLVE_ASKING)
		return DEADLINE_NEVER;
	return deadline_earlier(resolve->split_at, answers_next(&resolve->answers, now_us));
}

enum resolve_status resolve_status(const struct resolve *resolve)
{
	return resolve->status;
}

int resolve_fd(const struct resolve *resolve)
{
	return resolve->wake;
}

const char *resolve_error(const struct resolve *resolve)
{
	return resolve->error;
}
