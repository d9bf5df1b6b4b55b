/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Without the headers, from Python by ctypes, examples/report.py connects and prints the report in JSON, and where
 * nobody listens the error and the report.
 */

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/program.h"

/* Runs the example, and returns what it prints, with the exit status. */
static json_t *run(uint16_t port, int *ret_status)
{
	char service[8];
	int ends[2];

	snprintf(service, sizeof(service), "%u", port);
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		setenv("LD_LIBRARY_PATH", LIBRARY_DIR, 1);
		execlp("python3", "python3", EXAMPLE, "127.0.0.1", service, CERTS_DIR "/ca.pem",
			(char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	json_t *report = json_loadfd(ends[0], 0, NULL);
	close(ends[0]);
	assert_int_equal(waitpid(pid, ret_status, 0), pid);
	assert_non_null(report);
	return report;
}

static const char *string(const json_t *report, const char *key)
{
	return json_string_value(json_object_get(report, key));
}

static void open_port(void **state)
{
	struct peer peer;
	int status;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	json_t *report = run(peer.port, &status);
	assert_int_equal(status, 0);
	assert_string_equal(string(report, "address"), "127.0.0.1");
	assert_true(json_is_true(json_object_get(report, "verified")));
	json_decref(report);
	peer_stop(&peer);
}

static void closed_port(void **state)
{
	int status;

	(void)state;
	json_t *report = run(net_unused_port(AF_INET), &status);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(string(report, "error"), "refused"));
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_port),
		cmocka_unit_test(closed_port),
	};

	program_widen_path();
	program_need("python3");
	return suite_run("Python gets the report", tests, suite_length(tests));
}
