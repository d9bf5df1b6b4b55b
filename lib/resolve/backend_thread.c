/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names asked of getaddrinfo(3), which blocks and cannot be cancelled: a thread waits for it. Both
 * families are one question, because a name in the hosts file with one family would be looked up
 * elsewhere with the other.
 *
 * The thread is detached and shares with its asker nothing but a job. Who comes last frees it: the
 * asker, who has the answer or wants it no more, or the thread.
 */

#include "resolve/backend.h"

#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char backend_name[] = "system";

struct job {
	pthread_mutex_t lock;
	bool answered;
	bool abandoned;
	int pipe[2]; /* the asker's: closed when it abandons the job */
	char *name;
	int family;
	int code; /* of getaddrinfo(3) */
	struct addrinfo *list;
};

struct backend {
	struct resolve *resolve;
	int family;
	struct job *job;
};

static void job_free(struct job *job)
{
	if (job->list != NULL)
		freeaddrinfo(job->list);
	pthread_mutex_destroy(&job->lock);
	free(job->name);
	free(job);
}

static struct job *job_new(const char *name, int family)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->name = strdup(name);
	job->family = family;
	if (job->name == NULL || pthread_mutex_init(&job->lock, NULL) != 0) {
		free(job->name);
		free(job);
		return NULL;
	}
	if (pipe2(job->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
		job_free(job);
		return NULL;
	}
	return job;
}

/* Ends the asker's part. */
static void job_abandon(struct job *job)
{
	pthread_mutex_lock(&job->lock);
	bool last = job->answered;
	job->abandoned = true;
	close(job->pipe[0]);
	close(job->pipe[1]);
	pthread_mutex_unlock(&job->lock);
	if (last)
		job_free(job);
}

static void *job_run(void *arg)
{
	struct job *job = arg;
	const struct addrinfo hints = {
		.ai_family = job->family,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
	};
	struct addrinfo *list = NULL;
	int code = getaddrinfo(job->name, NULL, &hints, &list);

	pthread_mutex_lock(&job->lock);
	bool last = job->abandoned;
	job->answered = true;
	job->code = code;
	job->list = list;
	/* The pipe is empty: one byte always fits. */
	if (!last && write(job->pipe[1], "", 1) < 0)
		job->code = EAI_SYSTEM;
	pthread_mutex_unlock(&job->lock);
	if (last)
		job_free(job);
	return NULL;
}

/* Starts the thread, in which no signal is handled. */
static bool job_start(struct job *job)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all;
	sigset_t before;

	if (pthread_attr_init(&attr) != 0)
		return false;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(&thread, &attr, job_run, job) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return started;
}

bool backend_start(struct resolve *resolve, const char *name, int family,
	struct backend **ret_backend, enum answer *ret_answer)
{
	struct backend *backend = calloc(1, sizeof(*backend));
	struct job *job = job_new(name, family);

	*ret_answer = ANSWER_NO_MEMORY;
	if (backend == NULL || job == NULL || !job_start(job)) {
		free(backend);
		if (job != NULL) {
			job->answered = true;
			job_abandon(job);
		}
		return false;
	}
	*backend = (struct backend){.resolve = resolve, .family = family, .job = job};
	*ret_backend = backend;
	return true;
}

void backend_free(struct backend *backend)
{
	if (backend == NULL)
		return;
	job_abandon(backend->job);
	free(backend);
}

size_t backend_wait(const struct backend *backend, struct pollfd *fds, size_t room)
{
	if (room == 0)
		return 0;
	fds[0] = (struct pollfd){.fd = backend->job->pipe[0], .events = POLLIN};
	return 1;
}

int64_t backend_patience(const struct backend *backend)
{
	(void)backend;
	return -1;
}

static enum answer to_answer(int code)
{
	switch (code) {
	case 0:
		return ANSWER_ADDRESSES;
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
		return ANSWER_NO_ADDRESS;
	case EAI_NONAME:
		return ANSWER_NO_NAME;
	case EAI_AGAIN:
		return ANSWER_TIMEOUT;
	case EAI_MEMORY:
		return ANSWER_NO_MEMORY;
	default:
		return ANSWER_FAILED;
	}
}

void backend_advance(struct backend *backend, const struct pollfd *fds, size_t count)
{
	struct job *job = backend->job;

	(void)fds;
	(void)count;
	pthread_mutex_lock(&job->lock);
	bool answered = job->answered;
	pthread_mutex_unlock(&job->lock);
	if (!answered)
		return;
	/* The thread is done with it. */
	for (const struct addrinfo *info = job->list; info != NULL; info = info->ai_next)
		resolve_add(backend->resolve, info->ai_addr, info->ai_addrlen);
	resolve_end(backend->resolve, AF_INET6, to_answer(job->code));
	resolve_end(backend->resolve, AF_INET, to_answer(job->code));
}
