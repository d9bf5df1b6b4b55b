/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "spawn.h"

#include "poll_until.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void children_init(struct children *children)
{
	*children = (struct children){.list = NULL};
	pthread_mutex_init(&children->lock, NULL);
}

/* By the pidfd, whose number cannot be another process's meanwhile; kernels since 5.1 know how. */
static int send_signal(const struct child *child, int signal)
{
	long result = syscall(SYS_pidfd_send_signal, child->pidfd, signal, NULL, 0);

	if (result < 0 && errno == ENOSYS)
		result = kill(child->pid, signal);
	return result < 0 && errno != ESRCH ? -errno : 0;
}

static pid_t reap(pid_t pid, int *ret_status)
{
	pid_t ended;

	do {
		ended = waitpid(pid, ret_status, 0);
	} while (ended < 0 && errno == EINTR);
	return ended;
}

static void child_close(struct child *child)
{
	close(child->pidfd);
	close(child->status);
}

static int add(struct children *children, const struct child *child)
{
	int result = 0;

	pthread_mutex_lock(&children->lock);
	if (children->used == children->room) {
		size_t room = children->room ? children->room * 2 : 8;
		struct child *list = reallocarray(children->list, room, sizeof(*list));

		if (list) {
			children->list = list;
			children->room = room;
		}
		result = list ? 0 : -ENOMEM;
	}
	if (result == 0)
		children->list[children->used++] = *child;
	pthread_mutex_unlock(&children->lock);
	return result;
}

static struct child *find(struct children *children, pid_t pid)
{
	size_t i;

	for (i = 0; i < children->used; i++) {
		if (children->list[i].pid == pid)
			return &children->list[i];
	}
	return NULL;
}

/* Returns false when there is no such child. With `take` it is the caller's from then on. */
static bool get(struct children *children, pid_t pid, bool take, struct child *ret_child)
{
	struct child *child;

	pthread_mutex_lock(&children->lock);
	child = find(children, pid);
	if (child) {
		*ret_child = *child;
		if (take)
			*child = children->list[--children->used];
	}
	pthread_mutex_unlock(&children->lock);
	return child != NULL;
}

/* Reads until the other ends are closed: by the exec, or with the error in hand. */
static int read_error(int fd)
{
	int error = 0;
	ssize_t length;

	do {
		length = read(fd, &error, sizeof(error));
	} while (length < 0 && errno == EINTR);
	return length == (ssize_t)sizeof(error) ? -error : 0;
}

static int fork_init(
	const struct program *program, int error_fd, int status_fd, struct child *child)
{
	sigset_t all;
	sigset_t kept;
	int result = 0;

	/* No handler of the caller's may run in the child. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &kept);
	child->pid = process_fork_init(&child->pidfd);
	if (child->pid == 0)
		init_run(program, error_fd, status_fd);
	if (child->pid < 0)
		result = -errno;
	pthread_sigmask(SIG_SETMASK, &kept, NULL);
	return result;
}

/* Takes the write ends, and on failure the child's read end. */
static int start(const struct program *program, int errors[2], int status_fd, struct child *child)
{
	int result = fork_init(program, errors[1], status_fd, child);

	close(errors[1]);
	close(status_fd);
	if (result == 0) {
		result = read_error(errors[0]);
		if (result < 0) {
			(void)send_signal(child, SIGKILL);
			reap(child->pid, NULL);
			close(child->pidfd);
		}
	}
	close(errors[0]);
	if (result < 0)
		close(child->status);
	return result;
}

/* The program's own status if it came to one, else what became of the init. */
static int collect(struct child *child)
{
	int init_status = 0;
	int status;
	ssize_t length;

	reap(child->pid, &init_status);
	length = read(child->status, &status, sizeof(status));
	child_close(child);
	return length == (ssize_t)sizeof(status) ? status : init_status;
}

int children_spawn(struct children *children, enum lab_side side, const struct program *program,
	pid_t *ret_pid)
{
	struct child child = {.side = side};
	int errors[2];
	int status[2];
	int result;

	if (pipe2(errors, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(status, O_CLOEXEC) < 0) {
		result = -errno;
		close(errors[0]);
		close(errors[1]);
		return result;
	}

	child.status = status[0];
	result = start(program, errors, status[1], &child);
	if (result < 0)
		return result;

	result = add(children, &child);
	if (result < 0) {
		(void)send_signal(&child, SIGKILL);
		(void)collect(&child);
		return result;
	}
	*ret_pid = child.pid;
	return 0;
}

int children_wait(struct children *children, pid_t pid, int64_t deadline, int *ret_status)
{
	struct child child;
	struct pollfd ended = {.events = POLLIN};
	int status;

	if (!get(children, pid, false, &child))
		return -ECHILD;

	ended.fd = child.pidfd;
	if (poll_until(&ended, 1, deadline) == 0)
		return -ETIMEDOUT;
	if (!get(children, pid, true, &child))
		return -ECHILD;

	status = collect(&child);
	if (ret_status)
		*ret_status = status;
	return 0;
}

int children_pidfd(struct children *children, pid_t pid)
{
	struct child child;

	return get(children, pid, false, &child) ? child.pidfd : -ECHILD;
}

int children_kill(struct children *children, pid_t pid, int signal)
{
	struct child child;

	if (!get(children, pid, false, &child))
		return -ECHILD;
	return send_signal(&child, signal);
}

void children_clear(struct children *children)
{
	size_t i;

	for (i = 0; i < children->used; i++) {
		(void)send_signal(&children->list[i], SIGKILL);
		(void)collect(&children->list[i]);
	}
	free(children->list);
	pthread_mutex_destroy(&children->lock);
	*children = (struct children){.list = NULL};
}

/* Descriptors of the side's programs, ended or not; only so many are watched at once. */
static nfds_t list_side(
	struct children *children, enum lab_side side, struct pollfd *fds, nfds_t room)
{
	nfds_t count = 0;
	size_t i;

	pthread_mutex_lock(&children->lock);
	for (i = 0; i < children->used && count < room; i++) {
		if (children->list[i].side == side)
			fds[count++] =
				(struct pollfd){.fd = children->list[i].pidfd, .events = POLLIN};
	}
	pthread_mutex_unlock(&children->lock);
	return count;
}

int children_watch(struct children *children, enum lab_side side, int milliseconds)
{
	struct pollfd fds[16];
	nfds_t count = list_side(children, side, fds, sizeof(fds) / sizeof(fds[0]));
	nfds_t running = 0;
	nfds_t i;

	(void)poll(fds, count, 0);
	for (i = 0; i < count; i++) {
		if (!fds[i].revents)
			fds[running++] = fds[i];
	}
	if (running || !count)
		(void)poll(fds, running, milliseconds);
	return count ? (int)running : -ENOENT;
}
