/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that takes its time once it has accepted is no reason to connect twice, because its
 * SYN-ACK has shown that the path works. Only where the SYN-ACK acknowledged data, which a path may
 * do that goes silent then, one plain attempt follows, once.
 */

#include "path.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MUTE_PORT = PATH_PORT + 1, LIMIT_MS = 1500 };

/* The kernel accepts for it, and nobody ever reads. */
static int listen_mutely(void *argument)
{
	const struct path *path = argument;
	struct sockaddr_storage address = {.ss_family = (sa_family_t)path->way.family};
	int fd = socket(path->way.family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (path->way.family == AF_INET)
		((struct sockaddr_in *)&address)->sin_port = htons(MUTE_PORT);
	else
		((struct sockaddr_in6 *)&address)->sin6_port = htons(MUTE_PORT);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(fd, 64) != 0)
		return -1;
	return fd;
}

static void visit_mute(struct path *path)
{
	path->port = MUTE_PORT;
	path->limit_ms = LIMIT_MS;
	path_visit(path);
	path_expect_deadline(path);
}

static void fact(struct path *path)
{
	int listener = lab_call(path->lab, LAB_SERVER, listen_mutely, path);

	assert_true(listener >= 0);
	visit_mute(path);
	path_expect_syns(path, 1, 1);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, NULL);
	path_end(path);
	/* The cookie is known now. */
	visit_mute(path);
	path_expect_syns(path, 2, 2);
	path_expect_hello_syn(path, 0, NULL);
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	path_expect_loser_closed(path, 0, 1);
	path_end(path);
	close(listener);
}

int main(void)
{
	return path_run("a slow server gets no second connection", fact, PATH_CLIENT);
}
