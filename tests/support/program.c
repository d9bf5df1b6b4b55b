/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab/namespace.h"
#include "support/net.h"
#include "support/suite.h"
#include "support/tree.h"

#define PATH	    "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
#define PATIENCE_MS 30000
#define STEP_MS	    5

/* Where programs are looked for; TLSFO_TEST_PATH names more directories. */
static void search_path(char *buf, size_t size)
{
	const char *more = getenv("TLSFO_TEST_PATH");

	snprintf(buf, size, "%s%s%s", PATH, more != NULL ? ":" : "", more != NULL ? more : "");
}

void program_widen_path(void)
{
	char dirs[1024];

	search_path(dirs, sizeof(dirs));
	assert_int_equal(setenv("PATH", dirs, 1), 0);
}

bool program_is_installed(const char *name)
{
	char path[1024];
	char dirs[1024];
	char *rest = dirs;

	search_path(dirs, sizeof(dirs));

	for (char *dir = strtok_r(dirs, ":", &rest); dir != NULL;
		dir = strtok_r(NULL, ":", &rest)) {
		snprintf(path, sizeof(path), "%s/%s", dir, name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

void program_need(const char *name)
{
	if (!program_is_installed(name))
		suite_skip("%s is not installed", name);
}

static bool listens(const char *table, uint16_t port)
{
	int fd = open(table, O_RDONLY | O_CLOEXEC);
	bool found = fd >= 0 && socket_table_listens(fd, port);

	close(fd);
	return found;
}

static bool is_ready(const struct program *program, const char *name)
{
	bool ipv4 = listens("/proc/self/net/tcp", program->port);
	bool ipv6 = listens("/proc/self/net/tcp6", program->port);

	/* It has a socket for each family, and IPv4's comes first. */
	return strcmp(name, "gnutls-serv") == 0 ? ipv4 && ipv6 : ipv4 || ipv6;
}

/* A server tells nobody that it listens: the table is asked until it says so. */
static void await_listening(struct program *program, const char *name)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};

	for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
		if (is_ready(program, name))
			return;
		if (waitpid(program->pid, NULL, WNOHANG) != 0)
			fail_msg("%s ended at once", name);
		nanosleep(&step, NULL);
	}
	fail_msg("%s does not listen", name);
}

static _Noreturn void exec_program(char *const argv[], pid_t parent)
{
	int null = open("/dev/null", O_RDWR);
	char dirs[1024];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0)
		_exit(1);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	search_path(dirs, sizeof(dirs));
	setenv("PATH", dirs, 1);
	execvp(argv[0], argv);
	_exit(127);
}

/* Starts it with an open standard input: openssl s_server ends with it. */
static void start(struct program *program, const char *const argv[])
{
	pid_t parent = getpid();
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fflush(NULL);
	program->pid = fork();
	assert_true(program->pid >= 0);
	if (program->pid == 0) {
		dup2(ends[0], STDIN_FILENO);
		/* Kept beyond exec, so that reading waits. */
		fcntl(ends[1], F_SETFD, 0);
		exec_program((char *const *)(uintptr_t)argv, parent);
	}
	close(ends[0]);
	close(ends[1]);
	await_listening(program, argv[0]);
}

void program_gnutls_serv(struct program *program, const char *priority)
{
	char port[8];

	*program = (struct program){.port = net_unused_port(AF_INET6)};
	snprintf(port, sizeof(port), "%u", program->port);
	const char *const argv[] = {"gnutls-serv", "--quiet", "--echo", "--port", port,
		"--x509certfile", CERTS_DIR "/server.pem", "--x509keyfile",
		CERTS_DIR "/server-key.pem", "--priority", priority != NULL ? priority : "NORMAL",
		NULL};
	start(program, argv);
}

void program_openssl(struct program *program, const char *version)
{
	program_openssl_on(
		program, net_unused_port(AF_INET6), (const char *const[]){version, NULL});
}

void program_openssl_on(struct program *program, uint16_t number, const char *const *more)
{
	enum { FIXED = 10, MORE_MAX = 8 };
	char port[8];

	*program = (struct program){.port = number};
	snprintf(port, sizeof(port), "%u", program->port);
	const char *argv[FIXED + MORE_MAX + 1] = {"openssl", "s_server", "-quiet", "-rev",
		"-accept", port, "-cert", CERTS_DIR "/server.pem", "-key",
		CERTS_DIR "/server-key.pem"};
	for (size_t i = 0; more[i] != NULL; i++) {
		assert_true(i < MORE_MAX);
		argv[FIXED + i] = more[i];
	}
	start(program, argv);
}

static void write_nginx_conf(
	const struct program *program, const char *more, char *path, size_t size)
{
	snprintf(path, size, "%s/nginx.conf", program->dir);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fprintf(file,
		"user root root;\ndaemon off;\nmaster_process off;\npid %s/pid;\nerror_log "
		"/dev/null;\n"
		"events {}\n"
		"http {\naccess_log off;\n"
		"client_body_temp_path %s/a;\nproxy_temp_path %s/b;\nfastcgi_temp_path %s/c;\n"
		"uwsgi_temp_path %s/d;\nscgi_temp_path %s/e;\n"
		"server {\nlisten [::]:%u ssl fastopen=16 ipv6only=off;\n"
		"ssl_protocols TLSv1.2 TLSv1.3;\n"
		"ssl_certificate %s/server.pem;\nssl_certificate_key %s/server-key.pem;\n%s\n"
		"location / { return 200 \"nginx was here\\n\"; }\n}\n}\n",
		program->dir, program->dir, program->dir, program->dir, program->dir, program->dir,
		program->port, CERTS_DIR, CERTS_DIR, more);
	assert_int_equal(fclose(file), 0);
}

void program_nginx_prepare(
	struct program *program, uint16_t port, const char *more, char *ret_conf, size_t size)
{
	*program = (struct program){.port = port, .dir = "/tmp/tlsfo-XXXXXX"};
	assert_non_null(mkdtemp(program->dir));
	write_nginx_conf(program, more, ret_conf, size);
}

void program_nginx(struct program *program)
{
	program_nginx_on(program, net_unused_port(AF_INET6), "");
}

void program_nginx_on(struct program *program, uint16_t port, const char *more)
{
	char conf[128];

	program_nginx_prepare(program, port, more, conf, sizeof(conf));
	const char *const argv[] = {
		"nginx", "-e", "/dev/null", "-p", program->dir, "-c", conf, NULL};
	start(program, argv);
}

void program_stop(struct program *program)
{
	if (program->pid > 0) {
		kill(program->pid, SIGKILL);
		assert_int_equal(waitpid(program->pid, NULL, 0), program->pid);
	}
	if (program->dir[0] != '\0')
		assert_int_equal(tree_remove(program->dir), 0);
}
