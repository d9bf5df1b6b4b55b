/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command, in a process of its own, which gets the library that lets calls fail by LD_PRELOAD. */

#include "faults/scene.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/inject.h"
#include "support/early.h"
#include "support/suite.h"

#define REQUEST	    "how is the weather?\n"
#define STATUS_MOST 6  /* of the command's, as its help says */
#define ODD_STATUS  99 /* of the sanitizers */

/* What is asked for, where the command finds it; what was told comes back there. */
static struct inject *hand_over(int *ret_fd)
{
	char number[16];
	int fd = memfd_create("inject", 0);

	if (fd < 0 || ftruncate(fd, sizeof(struct inject)) != 0)
		return NULL;
	struct inject *page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return NULL;
	*ret_fd = fd;
	*page = *inject_control();
	page->armed = 0;
	snprintf(number, sizeof(number), "%d", fd);
	setenv(INJECT_FD, number, 1);
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0:exitcode=99", 1);
	setenv("UBSAN_OPTIONS", "halt_on_error=1:exitcode=99", 1);
	return page;
}

static void take_back(const struct inject *page)
{
	struct inject *control = inject_control();

	control->calls = page->calls;
	control->failed = page->failed;
}

static pid_t start(char *const argv[], int input, int output)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	/* A command that hangs ends with the run, which is killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execv(argv[0], argv);
	_exit(ODD_STATUS);
}

/* Gives it the input, and returns what it says when it ends; or -1. */
static int converse(char *const argv[], const char *input, char *ret_output, size_t size)
{
	int in[2];
	int out[2];
	size_t len = 0;
	ssize_t n = 1;
	int status = -1;

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		return -1;
	pid_t pid = start(argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	signal(SIGPIPE, SIG_IGN);
	if (write(in[1], input, strlen(input)) < 0 && errno != EPIPE)
		scene_broken("write: %s", strerror(errno));
	close(in[1]);
	while (n > 0 && len + 1 < size) {
		n = read(out[0], ret_output + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	ret_output[len] = '\0';
	close(out[0]);
	waitpid(pid, &status, 0);
	return status;
}

/* 0 or its exit status. */
static int run(char *const argv[], const char *input, char *ret_output, size_t size)
{
	int fd = -1;
	struct inject *page = hand_over(&fd);
	int status = page != NULL ? converse(argv, input, ret_output, size) : -1;

	if (page == NULL)
		scene_broken("nothing can be handed over");
	else
		take_back(page);
	close(fd);
	if (WIFSIGNALED(status))
		scene_broken("the command ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) > STATUS_MOST)
		scene_broken("the command's exit status is %d", WEXITSTATUS(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The options are of static strings, which nobody changes. */
#define WORD(text) ((char *)(uintptr_t)(text))

int play_command(const struct scene *scene)
{
	char output[256] = "";
	char port[8];
	char timeout[16];
	char report[sizeof(scene->dir) + 8];
	char *const argv[] = {WORD(TLSFO_COMMAND), WORD("connect"), WORD("--cafile"),
		WORD(CERTS_DIR "/ca.pem"), WORD("--half-close"), WORD("--early-data"),
		WORD("--store"), WORD(scene->dir), WORD("--timeout"), timeout,
		WORD("--idle-timeout"), timeout, WORD("--report-file"), report, WORD("127.0.0.1"),
		port, NULL};

	snprintf(port, sizeof(port), "%u", scene->port);
	snprintf(timeout, sizeof(timeout), "%d.%03d", scene->deadline_ms / 1000,
		scene->deadline_ms % 1000);
	snprintf(report, sizeof(report), "%s/report", scene->dir);
	int status = run(argv, REQUEST, output, sizeof(output));
	if (status == 0 && strcmp(output, EARLY_ANSWER) != 0)
		scene_broken("exit status 0, and the answer is \"%s\"", output);
	if (status == 0 && access(report, F_OK) != 0)
		scene_broken("exit status 0 without a report file");
	return status;
}

/* What the list shows or, when there is nothing, not. */
int play_command_list(const struct scene *scene)
{
	static char output[8192];
	char *const argv[] = {WORD(TLSFO_COMMAND), WORD("store"), WORD("list"), WORD("--store"),
		WORD(scene->dir), NULL};
	int status = run(argv, "", output, sizeof(output));

	if (status == 0 && strstr(output, "127.0.0.1") == NULL)
		scene_broken("exit status 0, and the list is \"%s\"", output);
	return status;
}
