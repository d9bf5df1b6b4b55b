/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An hour after fast open failed one connection tries it again, while others that come along stay plain.
 * When that fails, the next probe is two hours away. A forked child that gives up its copy of the connection
 * ends no probe.
 */

#include <poll.h>
#include <unistd.h>

#include <sys/wait.h>

#include "memory.h"

static void end_in_child(struct memory_test *test)
{
	struct tlsfo_conn *conn = NULL;
	char service[8];
	int status = -1;

	path_end(test->path);
	snprintf(service, sizeof(service), "%u", test->path->port);
	assert_int_equal(client_begin(test->path->config, test->path->host, service, NULL, 0, 0,
				 tlsfo_deadline_in(PATH_PATIENCE_MS), &conn),
		0);
	while (memory_entries(test, TLSFO_STORE_PATH).probing == 0) {
		struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = POLLIN};

		assert_int_equal(tlsfo_conn_advance(conn), GNUTLS_E_AGAIN);
		assert_true(poll(&pfd, 1, 10) >= 0);
	}
	pid_t pid = fork();

	if (pid == 0) {
		tlsfo_conn_free(conn);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).probing, 1);
	tlsfo_conn_free(conn);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).probing, 0);
}

static void fact(struct memory_test *test)
{
	memory_fetch_cookie(test);
	path_add_box(test->path, "drop-syn-data");
	struct tlsfo_report report = memory_visit(test);

	memory_expect_fallback(&report, TLSFO_REASON_SYN_RETRANSMITTED);
	memory_pass(3500);
	report = memory_visit(test);
	memory_expect_plain(test, &report);
	memory_pass(101);
	assert_int_equal(memory_visit_together(test, 4), 1);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 2);
	memory_pass(2 * 3600 - 100);
	assert_int_equal(memory_visit_together(test, 4), 0);
	memory_pass(101);
	report = memory_visit(test);
	memory_expect_fallback(&report, TLSFO_REASON_SYN_RETRANSMITTED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 3);
	memory_pass(4 * 3600 + 1);
	end_in_child(test);
}

int main(void)
{
	return memory_run("one probe when time is up", fact, PATH_CLIENT);
}
