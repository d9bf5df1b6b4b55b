/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command fetches the page of gnutls-serv on the first and on the second visit; the first asks
 * for a cookie, and the ClientHello of the second rides in the SYN. */
#include "command/run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/net.h"
#include "support/program.h"
#include "support/suite.h"

#define REQUEST "GET / HTTP/1.0\r\n\r\n"

struct server {
	pid_t pid;
	int log;
	struct port_text port;
};

/* gnutls-serv says "... listening on IPv4 ...done" on standard error, then the same of IPv6. */
static void await_listening(struct server *server)
{
	char text[1024] = "";
	size_t have = 0;
	const char *last = NULL;

	while (last == NULL || strstr(last, "done") == NULL) {
		ssize_t n = read(server->log, text + have, sizeof(text) - 1 - have);

		if (n <= 0)
			fail_msg("gnutls-serv: %s", text);
		have += (size_t)n;
		text[have] = '\0';
		last = strstr(text, "IPv6");
	}
}

static void start(struct server *server)
{
	pid_t parent = getpid();
	int ends[2];

	server->port = run_port(net_unused_port(AF_INET6));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fflush(NULL);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent || dup2(ends[1], STDERR_FILENO) < 0)
			_exit(1);
		execlp("gnutls-serv", "gnutls-serv", "--http", "--quiet", "--port",
			server->port.text, "--x509certfile", CERTS_DIR "/server.pem",
			"--x509keyfile", CERTS_DIR "/server-key.pem", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	server->log = ends[0];
	await_listening(server);
}

static void stop(struct server *server)
{
	kill(server->pid, SIGKILL);
	assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
	close(server->log);
}

static void visit(
	const struct server *server, const char *host, const char *fast_open, bool hello_in_syn)
{
	struct outcome outcome;
	char path[64];
	json_t *report;
	json_int_t syn_bytes;

	run_path(path);
	run_command(&outcome, REQUEST,
		RUN_ARGS("connect", "--cafile", CERTS_DIR "/ca.pem", "--report-file", path, host,
			server->port.text));
	if (outcome.status != 0)
		fail_msg("status %d: %s", outcome.status, outcome.err);
	assert_contains(outcome.out, "HTTP/1.0 200 OK");
	assert_contains(outcome.out, "</HTML>");
	assert_contains(outcome.err, "fast open");

	report = run_json_file(path);
	assert_string_equal(run_json_string(report, "fast_open"), fast_open);
	assert_string_equal(run_json_string(report, "host"), host);
	syn_bytes = json_integer_value(json_object_get(report, "syn_bytes"));
	if (hello_in_syn)
		assert_true(syn_bytes > 300 && syn_bytes == json_integer_value(json_object_get(
								    report, "flight_bytes")));
	else
		assert_int_equal(syn_bytes, 0);
	json_decref(report);
	run_remove(path);
}

static void visit_twice(const char *host)
{
	struct server server;

	start(&server);
	visit(&server, host, "cookie-requested", false);
	visit(&server, host, "acknowledged", true);
	stop(&server);
}

static void by_name(void **state)
{
	(void)state;
	visit_twice("localhost");
}

static void over_ipv4(void **state)
{
	(void)state;
	visit_twice("127.0.0.1");
}

static void over_ipv6(void **state)
{
	(void)state;
	visit_twice("::1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name),
		cmocka_unit_test(over_ipv4),
		cmocka_unit_test(over_ipv6),
	};

	program_need("gnutls-serv");
	return suite_run("page_on_both_visits", tests, suite_length(tests));
}
