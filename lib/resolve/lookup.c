/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/lookup.h"

#include <errno.h>
#include <pthread.h>
#include <resolv.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/deadline.h"

enum state { WAITING, RUNNING, ANSWERED };

struct lookup {
	TAILQ_ENTRY(lookup) entry; /* in one of the lists, until it is answered */
	enum state state;
	bool abandoned; /* while it runs: the thread frees it */
	int64_t begun_us;
	int wake;
	char *name;
	char *service;
	struct addrinfo hints;
	struct addrinfo *list;
	int code;
	int error;
};

TAILQ_HEAD(lookups, lookup);

/* Everything below, and the lookups in it, is under the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lookups waiting = TAILQ_HEAD_INITIALIZER(waiting);
static struct lookups running = TAILQ_HEAD_INITIALIZER(running);
static unsigned int threads;

static void destroy(struct lookup *lookup)
{
	if (lookup->list != NULL)
		freeaddrinfo(lookup->list);
	free(lookup->name);
	free(lookup->service);
	free(lookup);
}

static void call(struct lookup *lookup)
{
	struct addrinfo *list = NULL;

	lookup->state = RUNNING;
	lookup->begun_us = clock_us();
	TAILQ_INSERT_TAIL(&running, lookup, entry);
	pthread_mutex_unlock(&lock);
	int code = getaddrinfo(lookup->name, lookup->service, &lookup->hints, &list);
	int error = errno;
	pthread_mutex_lock(&lock);
	TAILQ_REMOVE(&running, lookup, entry);
	lookup->state = ANSWERED;
	lookup->code = code;
	lookup->error = error;
	lookup->list = list;
	if (lookup->abandoned)
		destroy(lookup);
	else
		(void)!eventfd_write(lookup->wake, 1);
}

static void *work(void *unused)
{
	struct lookup *lookup;

	(void)unused;
	/* glibc gives a thread of a forked child the memory of one that stayed with the parent, and the
	 * sockets in it, from which the parent reads too. This closes them. */
	(void)res_init();
	pthread_mutex_lock(&lock);
	while ((lookup = TAILQ_FIRST(&waiting)) != NULL) {
		TAILQ_REMOVE(&waiting, lookup, entry);
		call(lookup);
	}
	threads--;
	pthread_mutex_unlock(&lock);
	return NULL;
}

/* The program's signals are for its own threads. Returns 0 or an errno. */
static int start_thread(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all;
	sigset_t before;
	int error = pthread_attr_init(&attr);

	if (error != 0)
		return error;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attr, work, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	threads += error == 0;
	return error;
}

/* ------------------------------------------------------------------------------------ forks -- */

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void in_parent(void)
{
	pthread_mutex_unlock(&lock);
}

static void give_up(struct lookups *lookups)
{
	struct lookup *lookup;

	while ((lookup = TAILQ_FIRST(lookups)) != NULL) {
		TAILQ_REMOVE(lookups, lookup, entry);
		lookup->state = ANSWERED;
		lookup->code = EAI_AGAIN;
		if (lookup->abandoned)
			destroy(lookup);
	}
}

/* The threads are the parent's. So are the lookups, and the descriptors that tell of their answers. */
static void in_child(void)
{
	give_up(&waiting);
	give_up(&running);
	threads = 0;
	pthread_mutex_unlock(&lock);
}

static int fork_error;

static void heed_forks(void)
{
	fork_error = pthread_atfork(before_fork, in_parent, in_child);
}

/* --------------------------------------------------------------------------------- lookups -- */

/* Returns 0 or an errno. */
static int enqueue(struct lookup *lookup)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int error = pthread_once(&once, heed_forks);

	if (error != 0 || fork_error != 0)
		return error != 0 ? error : fork_error;
	pthread_mutex_lock(&lock);
	if (threads < LOOKUP_THREADS)
		error = start_thread();
	/* A thread that is there already comes to it. */
	if (threads > 0) {
		error = 0;
		TAILQ_INSERT_TAIL(&waiting, lookup, entry);
	}
	pthread_mutex_unlock(&lock);
	return error;
}

struct lookup *lookup_start(const char *name, const char *service, int family, int flags, int wake)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (lookup == NULL)
		return NULL;
	lookup->begun_us = DEADLINE_NEVER;
	lookup->wake = wake;
	lookup->hints.ai_flags = flags;
	lookup->hints.ai_family = family;
	lookup->hints.ai_socktype = SOCK_STREAM;
	lookup->hints.ai_protocol = IPPROTO_TCP;
	lookup->name = strdup(name);
	lookup->service = service != NULL ? strdup(service) : NULL;
	int error = ENOMEM;
	if (lookup->name != NULL && (service == NULL || lookup->service != NULL))
		error = enqueue(lookup);
	if (error == 0)
		return lookup;
	destroy(lookup);
	errno = error;
	return NULL;
}

int64_t lookup_begun_us(struct lookup *lookup)
{
	pthread_mutex_lock(&lock);
	int64_t begun_us = lookup->begun_us;
	pthread_mutex_unlock(&lock);
	return begun_us;
}

bool lookup_answered(struct lookup *lookup, struct lookup_answer *ret_answer)
{
	pthread_mutex_lock(&lock);
	bool answered = lookup->state == ANSWERED;
	pthread_mutex_unlock(&lock);
	/* The thread is done with it. */
	if (answered)
		*ret_answer = (struct lookup_answer){lookup->code, lookup->error, lookup->list};
	return answered;
}

void lookup_free(struct lookup *lookup)
{
	if (lookup == NULL)
		return;
	pthread_mutex_lock(&lock);
	bool runs = lookup->state == RUNNING;
	lookup->abandoned = runs;
	if (lookup->state == WAITING)
		TAILQ_REMOVE(&waiting, lookup, entry);
	pthread_mutex_unlock(&lock);
	if (!runs)
		destroy(lookup);
}
