/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "names.h"

#include "reason.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/*
 * The files are written to a tmpfs that covers this directory for a moment and are then mounted
 * over those in /etc. When the tmpfs is taken off, what was mounted from it stays.
 */
#define SCRATCH "/tmp"

static const char hosts[] =
	"127.0.0.1 localhost\n"
	"::1 localhost ip6-localhost ip6-loopback\n" LAB_SERVER_IPV6
	" server.test www.server.test\n" LAB_SERVER_IPV4
	" server.test www.server.test\n" LAB_SERVER_IPV4 " server4.test\n" LAB_SERVER_IPV6
	" server6.test\n" LAB_DEAD_IPV4 " dead4first.test\n" LAB_SERVER_IPV4
	" dead4first.test\n" LAB_DEAD_IPV6 " dead6.test\n" LAB_SERVER_IPV4
	" dead6.test\n" LAB_DEAD_IPV6 " dead.test\n" LAB_DEAD_IPV4 " dead.test\n" LAB_CLIENT_IPV6
	" client.test\n" LAB_CLIENT_IPV4 " client.test\n";

static int write_all(const char *path, const char *text, const char *more)
{
	FILE *file = fopen(path, "we");
	int result = 0;

	if (!file)
		return -errno;

	if (fputs(text, file) == EOF || (more && fputs(more, file) == EOF))
		result = -EIO;
	if (fclose(file) == EOF && result == 0)
		result = -errno;
	return result;
}

/* Mounts the new file over the system's. One that the system does not have is not needed. */
static int cover(const char *made, const char *target)
{
	if (access(target, F_OK) < 0)
		return 0;
	return mount(made, target, "none", MS_BIND, NULL) < 0 ? -errno : 0;
}

/* The system's nsswitch.conf, but for the line about hosts. NULL without memory. */
static char *make_nsswitch(void)
{
	FILE *system = fopen("/etc/nsswitch.conf", "re");
	char *made = NULL;
	size_t made_length = 0;
	FILE *file = open_memstream(&made, &made_length);
	char *line = NULL;
	size_t size = 0;

	while (file && system && getline(&line, &size, system) > 0) {
		if (strncmp(line, "hosts:", 6) != 0)
			fputs(line, file);
	}
	free(line);
	if (system)
		fclose(system);
	if (!file)
		return NULL;

	fputs("\nhosts: files dns\n", file);
	if (fclose(file) == EOF) {
		free(made);
		return NULL;
	}
	return made;
}

static int cover_nsswitch(void)
{
	char *text = make_nsswitch();
	int result = text ? write_all(SCRATCH "/nsswitch.conf", text, NULL) : -ENOMEM;

	free(text);
	return result < 0 ? result : cover(SCRATCH "/nsswitch.conf", "/etc/nsswitch.conf");
}

static int cover_all(const char *more)
{
	int result = write_all(SCRATCH "/hosts", hosts, more);

	if (result == 0 && mount(SCRATCH "/hosts", "/etc/hosts", "none", MS_BIND, NULL) < 0)
		result = -errno;
	if (result == 0)
		result = cover_nsswitch();
	if (result == 0)
		result = write_all(SCRATCH "/host.conf", "multi on\n", NULL);
	if (result == 0)
		result = cover(SCRATCH "/host.conf", "/etc/host.conf");
	return result;
}

int names_mount(const char *more, struct lab_reason *reason)
{
	int result;

	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
		return reason_set(reason, errno, "cannot make mounts private");
	if (mount("lab", SCRATCH, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") < 0)
		return reason_set(reason, errno, "cannot mount a tmpfs");

	result = cover_all(more);
	umount2(SCRATCH, MNT_DETACH);
	if (result < 0)
		return reason_set(reason, -result, "cannot mount over /etc/hosts");

	/* nscd would answer from the hosts file of the system. */
	if (access("/run/nscd", F_OK) == 0 && mount("lab", "/run/nscd", "tmpfs", 0, NULL) < 0)
		return reason_set(reason, errno, "cannot hide nscd");
	return 0;
}
