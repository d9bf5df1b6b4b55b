/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * On a path that swallows what the client sends after SYN data, a plain connection takes the place
 * of the first, or an error tells it within three seconds. The plain connection is made while the
 * first is being opened, or while first data that may be repeated is all that was written. The
 * error comes where data must not be repeated, counted from the first write that was never
 * acknowledged, in whatever way the program waits for the answer.
 */

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "path_nginx.h"

/* From the issue of the lost write to the word about it. */
enum { NOTICED_MS = 3000 };

static const char request[] = "GET / HTTP/1.0\r\nHost: server.test\r\n\r\n";

static struct tlsfo_conn *connect_first(struct path *path, unsigned int flags, int *ret_code)
{
	struct tlsfo_conn *conn = NULL;

	*ret_code = client_open(path->config, path->host, PATH_NGINX_SERVICE, request,
		sizeof(request) - 1, flags, tlsfo_deadline_in(PATH_PATIENCE_MS), &conn);
	return conn;
}

static void expect_plain_repetition(struct path *path, struct tlsfo_conn *conn)
{
	struct tlsfo_report report = client_report(conn);

	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_FELL_BACK);
	assert_int_equal(report.reason, TLSFO_REASON_SWALLOWED);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_PATH_SWALLOWS);
	assert_int_equal(report.attempts[0].mode, TLSFO_MODE_FAST_OPEN);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(report.attempts[report.attempt_count - 1].mode, TLSFO_MODE_PLAIN);
	assert_int_equal(report.attempts[report.attempt_count - 1].result, TLSFO_ATTEMPT_WON);
	(void)path;
}

static void first_data_that_may_be_repeated(struct path *path)
{
	char back[8];
	int ret;
	int64_t begun = tlsfo_now();
	struct tlsfo_conn *conn = connect_first(path, TLSFO_FIRST_DATA_REPLAYABLE, &ret);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	client_receive(conn, back, sizeof(back));
	assert_memory_equal(back, "HTTP/1.1", sizeof(back));
	assert_true(tlsfo_now() - begun < NOTICED_MS);
	expect_plain_repetition(path, conn);
	tlsfo_conn_free(conn);
}

static void wait_by_poll(struct tlsfo_conn *conn)
{
	struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = POLLIN};

	assert_int_equal(poll(&pfd, 1, PATH_PATIENCE_MS), 1);
}

static void wait_by_epoll(struct tlsfo_conn *conn)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	assert_true(epoll >= 0);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, tlsfo_conn_fd(conn), &event), 0);
	assert_int_equal(epoll_wait(epoll, &event, 1, PATH_PATIENCE_MS), 1);
	close(epoll);
}

/* As many programs do that find POLLERR. */
static void wait_and_take_the_error(struct tlsfo_conn *conn)
{
	int error = 0;
	socklen_t len = sizeof(error);

	wait_by_poll(conn);
	assert_int_equal(getsockopt(tlsfo_conn_fd(conn), SOL_SOCKET, SO_ERROR, &error, &len), 0);
	assert_int_equal(error, ETIMEDOUT);
}

static void wait_by_writing(struct tlsfo_conn *conn)
{
	while (tlsfo_conn_write(conn, request, 1, TLSFO_NOW) == 1)
		poll(NULL, 0, 50);
}

static void do_not_wait(struct tlsfo_conn *conn)
{
	(void)conn;
}

typedef void (*wait_for_answer)(struct tlsfo_conn *conn);

static void data_that_must_not_be_repeated(struct path *path, wait_for_answer wait)
{
	char back[8];
	int ret;
	struct tlsfo_conn *conn = connect_first(path, 0, &ret);
	int64_t begun = tlsfo_now();

	assert_int_equal(ret, 0);
	assert_int_equal(tlsfo_conn_deadline(conn), TLSFO_NEVER);
	wait(conn);
	assert_int_equal(
		tlsfo_conn_read(conn, back, sizeof(back), tlsfo_deadline_in(PATH_PATIENCE_MS)),
		TLSFO_E_PATH_SWALLOWS);
	assert_true(tlsfo_now() - begun < NOTICED_MS);
	assert_non_null(strstr(tlsfo_conn_error(conn), "swallows"));
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.error, TLSFO_E_PATH_SWALLOWS);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	/* The session ran over it; what ended it then is the connection's failure. */
	assert_int_equal(report.attempts[report.attempt_count - 1].result, TLSFO_ATTEMPT_WON);
	assert_int_equal(report.attempts[report.attempt_count - 1].error, 0);
	tlsfo_conn_free(conn);
}

static void visit(struct path *path)
{
	const wait_for_answer waits[] = {
		wait_by_poll, wait_by_epoll, wait_and_take_the_error, wait_by_writing, do_not_wait};

	first_data_that_may_be_repeated(path);
	for (size_t i = 0; i < suite_length(waits); i++)
		data_that_must_not_be_repeated(path, waits[i]);
}

static void fact(struct path *path)
{
	struct path_nginx nginx;

	path_start_nginx(path, "", &nginx);
	path_add_box(path, "swallow-after-syn");
	path_fetch_cookie(path);
	/* With a ticket the server's flight would be short, and the data early. */
	tlsfo_config_free(path->config);
	path->config = client_config(&path->way);
	assert_int_equal(tlsfo_config_set_store(path->config, NULL), 0);
	visit(path);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run("what is swallowed after the SYN is noticed", fact, PATH_CLIENT);
}
