/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/hide_proc.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

bool hide_descriptors(void)
{
	char path[64] = "";

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)getpid());
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", path, "tmpfs", 0, NULL) == 0;
}

bool hide_is_permitted(void)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0)
		_exit(hide_descriptors() ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}
