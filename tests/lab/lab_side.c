/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Code and programs on a side of the lab. */

#include "lab_internal.h"

#include "poll_until.h"
#include "sysctl.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int enter(struct lab *lab, int mount, int net)
{
	char *directory = getcwd(NULL, 0);
	int result = namespace_enter(mount, net, directory);

	(void)lab;
	free(directory);
	return result;
}

int lab_enter(struct lab *lab, enum lab_side side)
{
	return enter(lab, lab->namespaces.mount, lab->namespaces.net[side]);
}

int lab_leave(struct lab *lab)
{
	return enter(lab, lab->namespaces.home_mount, lab->namespaces.home_net);
}

struct call {
	struct lab *lab;
	enum lab_side side;
	int (*function)(void *argument);
	void *argument;
};

static int enter_and_call(void *argument)
{
	const struct call *call = argument;
	int result = lab_enter(call->lab, call->side);

	return result < 0 ? result : call->function(call->argument);
}

int lab_call(struct lab *lab, enum lab_side side, int (*function)(void *argument), void *argument)
{
	struct call call = {lab, side, function, argument};

	return thread_call(enter_and_call, &call);
}

struct sysctl_call {
	const char *name;
	const char *value;
	char *read;
	size_t size;
};

static int write_sysctl(void *argument)
{
	const struct sysctl_call *call = argument;

	return sysctl_write(call->name, call->value);
}

static int read_sysctl(void *argument)
{
	const struct sysctl_call *call = argument;

	return (int)sysctl_read(call->name, call->read, call->size);
}

int lab_set_sysctl(struct lab *lab, enum lab_side side, const char *name, const char *value)
{
	struct sysctl_call call = {.name = name, .value = value};

	return lab_call(lab, side, write_sysctl, &call);
}

ssize_t lab_get_sysctl(
	struct lab *lab, enum lab_side side, const char *name, char *ret_value, size_t size)
{
	struct sysctl_call call = {.name = name, .read = ret_value, .size = size};

	return lab_call(lab, side, read_sysctl, &call);
}

int lab_set_fastopen(struct lab *lab, enum lab_side side, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	return lab_set_sysctl(lab, side, "net/ipv4/tcp_fastopen", text);
}

/* ------------------------------------------------------------------------------- programs -- */

int lab_spawn(struct lab *lab, enum lab_side side, const char *const *argv, int stdin_fd,
	int stdout_fd, int stderr_fd, pid_t *ret_pid)
{
	char *directory = getcwd(NULL, 0);
	struct program program = {
		.argv = argv,
		.directory = directory,
		.mount = lab->namespaces.mount,
		.net = lab->namespaces.net[side],
		.stdio = {stdin_fd, stdout_fd, stderr_fd},
	};
	int result = children_spawn(&lab->children, side, &program, ret_pid);

	free(directory);
	return result;
}

int lab_wait(struct lab *lab, pid_t pid, int64_t deadline, int *ret_status)
{
	return children_wait(&lab->children, pid, deadline, ret_status);
}

int lab_pidfd(struct lab *lab, pid_t pid)
{
	return children_pidfd(&lab->children, pid);
}

int lab_kill(struct lab *lab, pid_t pid, int signal)
{
	return children_kill(&lab->children, pid, signal);
}

void lab_stop(struct lab *lab, pid_t pid)
{
	if (lab_kill(lab, pid, SIGKILL) == 0)
		(void)lab_wait(lab, pid, -1, NULL);
}

int lab_exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ------------------------------------------------------------------------------ listeners -- */

/* The kernel tells nobody when a socket begins to listen: its table is read again this often. */
enum { LISTEN_POLL_MS = 2, STATE_LISTEN = 0x0a };

/* "  0: 00000000:1F90 00000000:0000 0A …": local address and port, remote ones, state, in hex. */
static bool line_listens(const char *line, uint16_t port)
{
	unsigned local;
	unsigned state;

	if (sscanf(line, "%*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x", &local, &state) != 2)
		return false;
	return state == STATE_LISTEN && (port == 0 || local == port);
}

/* The table may be larger than a page: the descriptor is read through from its start. */
bool socket_table_listens(int table, uint16_t port)
{
	char text[4096];
	size_t used = 0;
	off_t offset = 0;
	ssize_t length;

	while ((length = pread(table, text + used, sizeof(text) - 1 - used, offset)) > 0) {
		char *line = text;
		char *end;

		offset += length;
		text[used + (size_t)length] = '\0';
		while ((end = strchr(line, '\n'))) {
			*end = '\0';
			if (line_listens(line, port))
				return true;
			line = end + 1;
		}
		used = strlen(line);
		memmove(text, line, used + 1);
	}
	return false;
}

int lab_wait_listen(struct lab *lab, enum lab_side side, uint16_t port, int64_t deadline)
{
	const int *tables = lab->namespaces.listeners[side];
	int running = 1;

	for (;;) {
		if (socket_table_listens(tables[0], port) || socket_table_listens(tables[1], port))
			return 0;
		if (running == 0)
			return -ECHILD;
		if (poll_time_left(deadline) == 0)
			return -ETIMEDOUT;
		running = children_watch(&lab->children, side, LISTEN_POLL_MS);
	}
}
