/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that swallows what follows the SYN, at the transport rung: nothing can take the connection's place, and the
 * socket ends with ETIMEDOUT within six seconds, in whatever way the program waits, also if it never calls tlsfo or
 * GnuTLS again. The report tells that it was the path.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <tlsfo/error.h>

#include "path_nginx.h"

enum { NOTICED_MS = 6000 };

static int epoll_fd;

static void expect_no_data(struct path *path)
{
	char answer[16];
	ssize_t n;

	while ((n = gnutls_record_recv(path->visit.session, answer, sizeof(answer))) ==
		GNUTLS_E_AGAIN)
		visit_wait(&path->visit);
	assert_int_equal(n, GNUTLS_E_PULL_ERROR);
}

static void expect_error(struct path *path)
{
	int error = 0;
	socklen_t len = sizeof(error);

	assert_int_equal(getsockopt(path_fd(path), SOL_SOCKET, SO_ERROR, &error, &len), 0);
	assert_int_equal(error, ETIMEDOUT);
}

/* The server's first flight may have had tickets behind it, which wake the program too. */
static void throw_away(struct path *path)
{
	char buf[4096];

	assert_true(recv(path_fd(path), buf, sizeof(buf), MSG_DONTWAIT) > 0);
}

static void poll_alone(struct path *path)
{
	struct pollfd pfd = {.fd = path_fd(path), .events = POLLIN};

	while (poll(&pfd, 1, PATH_PATIENCE_MS) == 1 && (pfd.revents & POLLERR) == 0)
		throw_away(path);
	expect_error(path);
}

static void watch_edges(struct path *path)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	assert_true(epoll_fd >= 0);
	assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, path_fd(path), &event), 0);
}

static void epoll_alone(struct path *path)
{
	struct epoll_event event;

	do
		assert_int_equal(epoll_wait(epoll_fd, &event, 1, PATH_PATIENCE_MS), 1);
	while ((event.events & EPOLLERR) == 0);
	close(epoll_fd);
	expect_error(path);
}

static void make_blocking(struct path *path)
{
	int flags = fcntl(path_fd(path), F_GETFL);

	assert_int_equal(fcntl(path_fd(path), F_SETFL, flags & ~O_NONBLOCK), 0);
}

static void write_on(struct path *path)
{
	while (gnutls_record_send(path->visit.session, "x", 1) == 1)
		poll(NULL, 0, 50);
}

static const struct row {
	bool says_nothing; /* after the handshake: what is swallowed is its end */
	void (*prepare)(struct path *path);
	void (*wait)(struct path *path);
} rows[] = {
	{.wait = poll_alone},
	{.prepare = watch_edges, .wait = epoll_alone},
	{.wait = expect_no_data},
	{.says_nothing = true, .wait = expect_no_data},
	{.prepare = make_blocking, .wait = expect_no_data},
	{.wait = write_on},
};

static void expect_report(struct path *path)
{
	struct tlsfo_report report = path_report(path);

	assert_int_equal(report.error, TLSFO_E_PATH_SWALLOWS);
	assert_int_equal(report.system_error, ETIMEDOUT);
	assert_non_null(strstr(report.error_text, path_address(path)));
	assert_non_null(strstr(report.error_text, "swallows"));
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
}

/* All at once: each takes five seconds. */
static void after_the_handshake(struct path *path)
{
	struct path paths[suite_length(rows)];
	int64_t begun = tlsfo_now();

	for (size_t i = 0; i < suite_length(rows); i++) {
		paths[i] = *path;
		path_visit(&paths[i]);
		assert_int_equal(paths[i].ret, 0);
		path_expect_kernel(&paths[i], true, KERNEL_FAIL_NONE);
		if (!rows[i].says_nothing)
			assert_int_equal(
				gnutls_record_send(paths[i].visit.session, "is anybody there?", 17),
				17);
		if (rows[i].prepare != NULL)
			rows[i].prepare(&paths[i]);
	}
	for (size_t i = 0; i < suite_length(rows); i++) {
		rows[i].wait(&paths[i]);
		assert_true(tlsfo_now() - begun < NOTICED_MS);
		expect_report(&paths[i]);
	}
	for (size_t i = 0; i < suite_length(rows); i++)
		path_end(&paths[i]);
}

/* gnutls-serv leaves Nagle's algorithm on: the end of its first flight waits for an acknowledgement of the
 * beginning. What the client has sent by then is the ChangeCipherSpec. */
static void in_the_handshake(struct path *path)
{
	uint16_t port = path->port;

	path->port = PATH_PORT;
	path_visit(path);
	assert_int_equal(path->ret, GNUTLS_E_PULL_ERROR);
	assert_true(path->took_ms < NOTICED_MS);
	expect_report(path);
	path_end(path);
	path->port = port;
}

static void fact(struct path *path)
{
	struct path_nginx nginx;

	path_start_nginx(path, "", &nginx);
	path_add_box(path, "swallow-after-syn");
	path_fetch_cookie(path);
	path->port = PATH_NGINX_PORT;
	after_the_handshake(path);
	in_the_handshake(path);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run(
		"what is swallowed after the SYN ends at every socket", fact, PATH_TRANSPORT);
}
