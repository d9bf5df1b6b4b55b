/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * On a path that loses 1, 5 or 10 % of its packets no connection of the transport rung is taken for one on a path that
 * swallows what follows the SYN: nothing could take its place.
 *
 * TLSFO_TEST_LOSSY_VISITS sets how many connections are made at each rate. What ended is told for each rate: by
 * TCP_USER_TIMEOUT, and otherwise.
 */

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tlsfo/error.h>

#include "loss.h"
#include "path_nginx.h"

enum { VISITS = 20, AT_ONCE = 10, LIMIT_MS = 18000, SWALLOWED = 1, OTHERWISE = 16, MOST = 15 };

/* A program that wants an answer. Returns 0, or one of GnuTLS's codes. */
static ssize_t ask(struct visit *visit)
{
	static const char request[] = "GET / HTTP/1.0\r\nHost: server.test\r\n\r\n";
	struct pollfd pfd = {.fd = visit->fd, .events = POLLIN};
	char answer[16];
	ssize_t n = gnutls_record_send(visit->session, request, sizeof(request) - 1);

	if (n < 0)
		return n;
	while ((n = gnutls_record_recv(visit->session, answer, sizeof(answer))) == GNUTLS_E_AGAIN)
		if (poll(&pfd, 1, LIMIT_MS) == 0)
			return GNUTLS_E_TIMEDOUT;
	return n < 0 ? n : 0;
}

/* In a process of its own: the exit status counts both kinds of end. */
static int visit_some(struct path *path, size_t count)
{
	unsigned int ended[2] = {0};

	for (; count > 0; count--) {
		path_visit(path);
		if (path->ret != 0 || ask(&path->visit) != 0) {
			struct tlsfo_report report = path_report(path);

			ended[report.system_error != ETIMEDOUT &&
				report.error != TLSFO_E_PATH_SWALLOWS]++;
			fprintf(stderr, "# %s, after %d ms: %s\n", path_address(path),
				(int)path->took_ms, report.error_text);
		}
		visit_close(&path->visit);
		path->open = false;
	}
	return (int)(SWALLOWED * (ended[0] < MOST ? ended[0] : MOST) +
		     OTHERWISE * (ended[1] < MOST ? ended[1] : MOST));
}

static void lose(struct path *path, double probability, uint64_t seed)
{
	size_t each = (loss_visits(VISITS) + AT_ONCE - 1) / AT_ONCE;
	pid_t pids[AT_ONCE];
	int swallowed = 0;
	int otherwise = 0;

	lab_set_seed(path->lab, seed);
	assert_int_equal(lab_set_loss(path->lab, probability), 0);
	for (int i = 0; i < AT_ONCE; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(visit_some(path, each));
	}
	for (int i = 0; i < AT_ONCE; i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		swallowed += WEXITSTATUS(status) % OTHERWISE;
		otherwise += WEXITSTATUS(status) / OTHERWISE;
	}
	assert_int_equal(lab_set_loss(path->lab, 0), 0);
	print_message("%.0f %%: of %zu connections %d ended by the watch, %d otherwise\n",
		probability * 100, each * AT_ONCE, swallowed, otherwise);
	assert_int_equal(swallowed, 0);
}

static void fact(struct path *path)
{
	struct path_nginx nginx;

	path_start_nginx(path, "", &nginx);
	path_fetch_cookie(path);
	path->port = PATH_NGINX_PORT;
	path->limit_ms = LIMIT_MS;
	loss_at_every_rate(path, lose);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run("loss ends no transport", fact, PATH_TRANSPORT | PATH_NO_EXCUSE);
}
