/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What runs between the fork and the exec, and beside the program afterwards. The process forked
 * may have had other threads, so only async-signal-safe calls are made here (signal-safety(7)).
 */

#include "namespace.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FALLBACK_DESCRIPTORS = 4096 };

/*
 * glibc has no fork with flags; the raw call is safe because the child never returns to libc. The
 * kernel returns the pidfd in place of the parent's copy of the thread id.
 */
pid_t process_fork_init(int *ret_pidfd)
{
	unsigned long flags = CLONE_NEWPID | CLONE_PIDFD | SIGCHLD;

	return (pid_t)syscall(SYS_clone, flags, NULL, ret_pidfd, NULL, NULL);
}

static pid_t process_fork(void)
{
	return (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, NULL, NULL, NULL, NULL);
}

static void close_all_from(int first, int kept)
{
	int fd;

#ifdef SYS_close_range
	if (kept < first)
		kept = first - 1;
	if ((kept == first - 1 || kept == first ||
		    syscall(SYS_close_range, first, kept - 1, 0) == 0) &&
		syscall(SYS_close_range, kept + 1, ~0U, 0) == 0)
		return;
#endif
	for (fd = first; fd < FALLBACK_DESCRIPTORS; fd++) {
		if (fd != kept)
			close(fd);
	}
}

static _Noreturn void fail(int error_fd, int error)
{
	(void)!write(error_fd, &error, sizeof(error));
	_exit(127);
}

/* First out of the way of 0, 1 and 2, then into place. */
static int arrange_stdio(const int stdio[3])
{
	int moved[3];
	int i;

	for (i = 0; i < 3; i++) {
		int fd = stdio[i] < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : stdio[i];

		moved[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (moved[i] < 0)
			return -errno;
	}
	for (i = 0; i < 3; i++) {
		if (dup2(moved[i], i) < 0)
			return -errno;
	}
	return 0;
}

static _Noreturn void run_program(const struct program *program, int error_fd)
{
	char *const *argv;
	sigset_t none;
	int moved;
	int result;

	moved = fcntl(error_fd, F_DUPFD_CLOEXEC, 3);
	if (moved < 0)
		fail(error_fd, errno);
	result = arrange_stdio(program->stdio);
	if (result < 0)
		fail(moved, -result);
	close_all_from(3, moved);

	/* Handlers are reset by exec, what is ignored is not. */
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	/*
	 * POSIX gives execvp an array of pointers to char for historical reasons and does not
	 * write.
	 */
	argv = (char *const *)(uintptr_t)program->argv;
	execvp(argv[0], argv);
	fail(moved, errno);
}

/*
 * Ends when the program has: orphans that the program left are reaped on the way, and the kernel
 * kills the rest. A terminal sends its signals to the program itself (si_code SI_KERNEL).
 */
static _Noreturn void attend(pid_t program, int status_fd)
{
	sigset_t all;
	siginfo_t info;
	int status;
	pid_t ended;

	sigfillset(&all);
	for (;;) {
		int number = sigwaitinfo(&all, &info);

		if (number > 0 && number != SIGCHLD && info.si_code <= 0)
			kill(program, number);
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
			if (ended != program)
				continue;
			(void)!write(status_fd, &status, sizeof(status));
			_exit(0);
		}
	}
}

/*
 * True if nobody holds the other end: the one who forked is gone, perhaps before PR_SET_PDEATHSIG.
 */
static bool is_abandoned(int status_fd)
{
	struct pollfd fd = {.fd = status_fd};

	return poll(&fd, 1, 0) == 1 && fd.revents & POLLERR;
}

_Noreturn void init_run(const struct program *program, int error_fd, int status_fd)
{
	pid_t pid;
	int result;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (is_abandoned(status_fd))
		_exit(127);

	result = namespace_enter(program->mount, program->net, program->directory);
	if (result < 0)
		fail(error_fd, -result);

	/* Where the caller ignores SIGCHLD there would be no status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	pid = process_fork();
	if (pid < 0)
		fail(error_fd, errno);
	if (pid == 0)
		run_program(program, error_fd);

	/* Pipes of the caller must not stay open here when the program closes them. */
	close_all_from(0, status_fd);
	attend(pid, status_fd);
}
