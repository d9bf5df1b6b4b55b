/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_SPAWN_H
#define TLSFO_LAB_SPAWN_H

/*
 * Programs on a side. Each runs under an init of its own, process 1 of a PID namespace: the kernel
 * kills everything in the namespace as soon as the init ends, so nothing a program started outlives
 * it.
 */

#include "lab.h"

#include <pthread.h>

struct child {
	pid_t pid; /* of the init, outside */
	int pidfd;
	int status; /* read end: the init writes the program's wait status, then ends */
	enum lab_side side;
};

struct children {
	pthread_mutex_t lock;
	struct child *list;
	size_t used;
	size_t room;
};

/* What to start, all of it prepared: after the fork nothing may be allocated. */
struct program {
	const char *const *argv;
	const char *directory; /* or NULL */
	int mount;	       /* namespaces to enter */
	int net;
	int stdio[3]; /* −1: /dev/null */
};

void children_init(struct children *children);

/* Kills and reaps what is left, then frees. */
void children_clear(struct children *children);

/* Starts a program; see lab_spawn(). */
int children_spawn(struct children *children, enum lab_side side, const struct program *program,
	pid_t *ret_pid);
int children_wait(struct children *children, pid_t pid, int64_t deadline, int *ret_status);
int children_pidfd(struct children *children, pid_t pid);
int children_kill(struct children *children, pid_t pid, int signal);

/*
 * Waits until a running program of the side ends, at most so many milliseconds. Returns how many of
 * them ran when it was called, and −ENOENT when there are none, running or to be waited for.
 */
int children_watch(struct children *children, enum lab_side side, int milliseconds);

/*
 * The init's side of it, in the new process: enters the namespaces, starts the program, and passes
 * signals on until it ends. Errors go to `error_fd` as an int, the wait status to `status_fd`.
 */
_Noreturn void init_run(const struct program *program, int error_fd, int status_fd);

/*
 * fork() into a PID namespace of its own, with a pidfd (close-on-exec) for the parent: its number
 * may be another process's already when the caller ignores SIGCHLD. 0 in the child, which may only
 * make system calls.
 */
pid_t process_fork_init(int *ret_pidfd);

#endif
