/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that swallows what follows the SYN, at the transport rung: nothing can take the connection's place, and the
 * socket ends with ETIMEDOUT within six seconds, also for a program that never calls tlsfo or GnuTLS again. The
 * report tells that it was the path.
 */

#include <errno.h>
#include <poll.h>

#include <tlsfo/error.h>

#include "path_nginx.h"

enum { NOTICED_MS = 6000 };

static void expect_report(struct path *path)
{
	struct tlsfo_report report = path_report(path);

	assert_int_equal(report.error, TLSFO_E_PATH_SWALLOWS);
	assert_int_equal(report.system_error, ETIMEDOUT);
	assert_non_null(strstr(report.error_text, path_address(path)));
	assert_non_null(strstr(report.error_text, "swallows"));
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
}

static void handshake_well(struct path *path)
{
	path_visit(path);
	assert_int_equal(path->ret, 0);
	path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	assert_int_equal(gnutls_record_send(path->visit.session, "is anybody there?", 17), 17);
}

static void by_polling(struct path *path)
{
	int64_t begun = tlsfo_now();
	struct pollfd pfd = {.events = POLLIN};
	int error = 0;
	socklen_t len = sizeof(error);
	char thrown_away[4096];

	handshake_well(path);
	pfd.fd = path_fd(path);
	/* The server's first flight may have had tickets behind it. */
	while (poll(&pfd, 1, PATH_PATIENCE_MS) == 1 && (pfd.revents & POLLERR) == 0)
		assert_true(recv(path_fd(path), thrown_away, sizeof(thrown_away), 0) > 0);
	assert_true(tlsfo_now() - begun < NOTICED_MS);
	assert_int_equal(getsockopt(path_fd(path), SOL_SOCKET, SO_ERROR, &error, &len), 0);
	assert_int_equal(error, ETIMEDOUT);
	expect_report(path);
	path_end(path);
}

static void by_reading(struct path *path)
{
	int64_t begun = tlsfo_now();
	char answer[16];
	ssize_t n;

	handshake_well(path);
	while ((n = gnutls_record_recv(path->visit.session, answer, sizeof(answer))) ==
		GNUTLS_E_AGAIN)
		visit_wait(&path->visit);
	assert_int_equal(n, GNUTLS_E_PULL_ERROR);
	assert_true(tlsfo_now() - begun < NOTICED_MS);
	expect_report(path);
	path_end(path);
}

static void fact(struct path *path)
{
	struct path_nginx nginx;

	path_start_nginx(path, "", &nginx);
	path_add_box(path, "swallow-after-syn");
	path_fetch_cookie(path);
	path->port = PATH_NGINX_PORT;
	by_polling(path);
	by_reading(path);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run(
		"what is swallowed after the SYN ends at every socket", fact, PATH_TRANSPORT);
}
