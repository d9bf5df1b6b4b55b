/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "names.h"

#include "reason.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const char hosts[] =
	"127.0.0.1 localhost\n"
	"::1 localhost ip6-localhost ip6-loopback\n" LAB_SERVER_IPV6
	" server.test www.server.test\n" LAB_SERVER_IPV4
	" server.test www.server.test\n" LAB_SERVER_IPV4 " server4.test\n" LAB_SERVER_IPV6
	" server6.test\n" LAB_DEAD_IPV4 " dead4first.test\n" LAB_SERVER_IPV4
	" dead4first.test\n" LAB_DEAD_IPV6 " dead6.test\n" LAB_SERVER_IPV4
	" dead6.test\n" LAB_DEAD_IPV6 " dead.test\n" LAB_DEAD_IPV4 " dead.test\n" LAB_CLIENT_IPV6
	" client.test\n" LAB_CLIENT_IPV4 " client.test\n";

int names_lay_over(const char *target, const char *text)
{
	char path[] = "/tmp/tlsfo-names-XXXXXX";
	int fd = mkstemp(path);
	int result = 0;

	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0644) < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		result = -errno;
	close(fd);
	if (result == 0 && mount(path, target, "none", MS_BIND, NULL) < 0)
		result = -errno;
	/* The mount keeps the file. */
	unlink(path);
	return result;
}

/* A file that the system does not have is not needed. */
static int lay_over_if_there(const char *target, const char *text)
{
	return access(target, F_OK) < 0 ? 0 : names_lay_over(target, text);
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

static int lay_over_all(const char *more)
{
	char *text = NULL;
	int result = asprintf(&text, "%s%s", hosts, more ? more : "") < 0
			     ? -ENOMEM
			     : names_lay_over("/etc/hosts", text);

	free(text);
	if (result < 0)
		return result;
	text = make_nsswitch();
	result = text ? lay_over_if_there("/etc/nsswitch.conf", text) : -ENOMEM;
	free(text);
	/* glibc reads one line of the hosts file for a name without that. */
	return result < 0 ? result : lay_over_if_there("/etc/host.conf", "multi on\n");
}

int names_mount(const char *more, struct lab_reason *reason)
{
	int result;

	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
		return reason_set(reason, errno, "cannot make mounts private");

	result = lay_over_all(more);
	if (result < 0)
		return reason_set(reason, -result, "cannot mount over /etc/hosts");

	/* nscd would answer from the hosts file of the system. */
	if (access("/run/nscd", F_OK) == 0 && mount("lab", "/run/nscd", "tmpfs", 0, NULL) < 0)
		return reason_set(reason, errno, "cannot hide nscd");
	return 0;
}
