/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/etc.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support/net.h"
#include "support/suite.h"

void etc_need(void)
{
	net_begin();
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("tlsfo", "/etc", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") != 0)
		suite_skip("this system does not let the test have an /etc of its own: %s",
			strerror(errno));
	/* nscd would answer from the files of the system. */
	if (access("/run/nscd", F_OK) == 0 && mount("tlsfo", "/run/nscd", "tmpfs", 0, NULL) != 0)
		suite_skip("this system does not let the test hide nscd: %s", strerror(errno));
	etc_write("nsswitch.conf", "hosts: files dns\n");
	/* glibc reads one line of the hosts file for a name without that. */
	etc_write("host.conf", "multi on\n");
}

/* glibc reads its files again when they are others, so each text is a new file. */
void etc_write(const char *name, const char *text)
{
	char path[64];
	FILE *file = fopen("/etc/.new", "we");

	snprintf(path, sizeof(path), "/etc/%s", name);
	if (file == NULL || fputs(text, file) == EOF || fclose(file) != 0 ||
		rename("/etc/.new", path) != 0)
		suite_abort("cannot write %s: %s", path, strerror(errno));
}

void etc_remove(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/etc/%s", name);
	if (unlink(path) != 0)
		suite_abort("cannot remove %s: %s", path, strerror(errno));
}
