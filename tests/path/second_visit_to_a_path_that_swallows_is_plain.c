/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that swallows what follows the SYN is remembered, also when the program has read with GnuTLS itself,
 * or has only seen that the socket ended, and gives the connection up without asking why.
 */

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#include "memory.h"
#include "path_nginx.h"

static void read_with_gnutls(gnutls_session_t session)
{
	char answer[16];

	assert_int_equal(gnutls_record_recv(session, answer, sizeof(answer)), GNUTLS_E_PULL_ERROR);
}

static void ask_nothing(gnutls_session_t session)
{
	(void)session;
}

/* A forked child that gives its copy back has nothing to tell. */
static void end_in_child(struct memory_test *test, gnutls_session_t session)
{
	unsigned int failures = memory_entries(test, TLSFO_STORE_PATH).failures;
	pid_t pid = fork();

	if (pid == 0) {
		gnutls_deinit(session);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, failures);
}

static void visit(struct memory_test *test, void (*end)(gnutls_session_t session))
{
	struct path *path = test->path;

	path_visit(path);
	assert_int_equal(path->ret, 0);
	gnutls_session_t session =
		path->client ? tlsfo_conn_session(path->conn) : path->visit.session;
	assert_int_equal(gnutls_record_send(session, "is anybody there?", 17), 17);
	struct pollfd pfd = {.fd = path_fd(path), .events = POLLIN};
	/* Tickets may have been sent with the server's first flight. */
	while (poll(&pfd, 1, PATH_PATIENCE_MS) == 1 && (pfd.revents & POLLERR) == 0) {
		char answer[16];

		/* A socket that blocks would be waited for. */
		if (path->connects && path->way.blocking)
			assert_true(recv(path_fd(path), answer, 1, MSG_DONTWAIT) == 1);
		else
			assert_int_equal(gnutls_record_recv(session, answer, sizeof(answer)),
				GNUTLS_E_AGAIN);
	}
	end(session);
	if (path->connects)
		end_in_child(test, session);
	path_end(path);
}

static void fact(struct memory_test *test)
{
	struct path *path = test->path;
	struct path_nginx nginx;
	struct tlsfo_report report;

	path->port = PATH_NGINX_PORT;
	path_start_nginx(path, "", &nginx);
	memory_mode(test, TLSFO_USE_FAST_OPEN_AUTO);
	path_add_box(path, "swallow-after-syn");
	path_visit(path);
	path_end(path);
	visit(test, read_with_gnutls);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
	memory_pass(3601);
	visit(test, ask_nothing);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 2);
	path_visit(path);
	report = path_report(path);
	memory_expect_plain(test, &report);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return memory_run("the second visit to a path that swallows is plain", fact, PATH_RACED);
}
