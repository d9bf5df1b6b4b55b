/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that takes long until its first byte gets as long the next time: the visit whose data was acknowledged
 * waits for it, and no plain attempt starts beside.
 */

#include "memory.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOW_PORT = PATH_PORT + 1, THINK_MS = 1000, VISITS = 2 };

static int listen_at_port(void *argument)
{
	const struct path *path = argument;
	struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6, .sin6_port = htons(SLOW_PORT)};
	struct sockaddr_in ip4 = {.sin_family = AF_INET, .sin_port = htons(SLOW_PORT)};
	bool is_ip4 = path->way.family == AF_INET;
	int fd = socket(path->way.family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
		bind(fd, is_ip4 ? (struct sockaddr *)&ip4 : (struct sockaddr *)&ip6,
			is_ip4 ? sizeof(ip4) : sizeof(ip6)) != 0 ||
		listen(fd, 64) != 0)
		return -1;
	return fd;
}

/* What it says when its time is over is of no interest: a fatal alert. */
static void *serve(void *listener)
{
	static const unsigned char alert[] = {21, 3, 3, 0, 2, 2, 40};
	unsigned char hello[4096];

	for (int i = 0; i < VISITS; i++) {
		int fd = accept(*(int *)listener, NULL, NULL);

		(void)!recv(fd, hello, sizeof(hello), 0);
		poll(NULL, 0, THINK_MS);
		(void)!send(fd, alert, sizeof(alert), MSG_NOSIGNAL);
		close(fd);
	}
	return NULL;
}

static void visit(struct path *path)
{
	path_visit(path);
	assert_int_equal(path->ret, GNUTLS_E_FATAL_ALERT_RECEIVED);
	path_expect_syns(path, 1, 1);
}

static void fact(struct memory_test *test)
{
	struct path *path = test->path;
	int listener = lab_call(path->lab, LAB_SERVER, listen_at_port, path);
	pthread_t server;

	assert_true(listener >= 0);
	assert_int_equal(pthread_create(&server, NULL, serve, &listener), 0);
	path->port = SLOW_PORT;
	path->limit_ms = PATH_PATIENCE_MS;
	visit(path);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, NULL);
	path_end(path);
	/* The cookie is known now. */
	visit(path);
	path_expect_hello_syn(path, 0, NULL);
	path_end(path);
	assert_int_equal(pthread_join(server, NULL), 0);
	close(listener);
}

int main(void)
{
	return memory_run("a slow server is remembered", fact, PATH_CLIENT);
}
