/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* More than a segment holds and less than a record. */
#define LINE_LENGTH 5000

#define NAME_SIZE 160

/* One fact in one way. */
struct run {
	const char *way_name;
	char name[NAME_SIZE];
	path_fact fact;
	struct way way;
	unsigned int rung;
	unsigned int mtu;
};

static const struct run all_ways[] = {
	{.way_name = "transport, socket engine, IPv4",
		.rung = PATH_TRANSPORT,
		.way = {AF_INET, "NORMAL", TLSFO_TRANSPORT_SOCKET, false}},
	{.way_name = "transport, socket engine, IPv6, blocking",
		.rung = PATH_TRANSPORT,
		.way = {AF_INET6, "NORMAL", TLSFO_TRANSPORT_SOCKET, true}},
	{.way_name = "transport, GnuTLS engine, IPv6",
		.rung = PATH_TRANSPORT,
		.way = {AF_INET6, "NORMAL", TLSFO_TRANSPORT_GNUTLS, false}},
	{.way_name = "connect, IPv6",
		.rung = PATH_CONNECT,
		.way = {AF_INET6, "NORMAL", TLSFO_TRANSPORT_SOCKET, false}},
	{.way_name = "connect, IPv4, blocking",
		.rung = PATH_CONNECT,
		.way = {AF_INET, "NORMAL", TLSFO_TRANSPORT_SOCKET, true}},
	{.way_name = "client, IPv6",
		.rung = PATH_CLIENT,
		.way = {AF_INET6, "NORMAL", TLSFO_TRANSPORT_SOCKET, false}},
};

static void check(int ret, const char *what)
{
	if (ret < 0)
		fail_msg("%s: %s", what, tlsfo_strerror(ret));
}

/* ------------------------------------------------------------------------------------ runs -- */

/* A fact that is run again has not held at once. tools/test lists what is told here. */
static void tell_again(const struct run *run, const char *why)
{
	printf("again: %s: %s\n", run->way_name, why);
}

static void start_lab(struct path *path, const struct run *run)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;
	char evidence[NAME_SIZE + 8];

	snprintf(evidence, sizeof(evidence), "path-%s", run->name);
	for (char *at = evidence; *at != '\0'; at++)
		*at = *at == ' ' || *at == ':' || *at == ',' ? '-' : *at;
	options.rtt_ms = PATH_RTT_MS;
	options.mtu = run->mtu;
	options.evidence = evidence;
	assert_int_equal(lab_new(&options, &path->lab, NULL), 0);
}

void path_start_server(struct path *path, uint16_t port)
{
	char text[8];
	const char *const argv[] = {"gnutls-serv", "--quiet", "--echo", "--port", text,
		"--x509certfile", CERTS_DIR "/server.pem", "--x509keyfile",
		CERTS_DIR "/server-key.pem", NULL};
	pid_t pid;

	snprintf(text, sizeof(text), "%u", port);
	assert_int_equal(lab_spawn(path->lab, LAB_SERVER, argv, -1, -1, -1, &pid), 0);
	assert_int_equal(
		lab_wait_listen(path->lab, LAB_SERVER, port, lab_deadline(PATH_PATIENCE_MS)), 0);
}

static void close_visit(struct path *path)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};

	if (!path->open)
		return;
	path->open = false;
	if (path_fd(path) >= 0)
		setsockopt(path_fd(path), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (path->client) {
		tlsfo_conn_free(path->conn);
		path->conn = NULL;
	} else {
		visit_close(&path->visit);
	}
}

struct running {
	struct path path;
	const struct run *run;
};

static void begin_path(struct path *path, const struct run *run)
{
	*path = (struct path){
		.way = run->way,
		.client = run->rung == PATH_CLIENT,
		.connects = run->rung == PATH_CONNECT,
		.port = PATH_PORT,
		.limit_ms = PATH_PATIENCE_MS,
	};
	path->host = run->way.family == AF_INET ? "server4.test" : "server6.test";
}

static void end_path(struct path *path)
{
	close_visit(path);
	tlsfo_config_free(path->config);
	path->config = NULL;
	if (path->lab != NULL)
		lab_leave(path->lab);
	lab_free(path->lab);
	path->lab = NULL;
}

static int set_up(void **state)
{
	const struct run *run = *state;
	struct running *running = calloc(1, sizeof(*running));

	if (running == NULL)
		return -1;
	running->run = run;
	begin_path(&running->path, run);
	*state = running;
	return 0;
}

static int tear_down(void **state)
{
	struct running *running = *state;

	end_path(&running->path);
	free(running);
	return 0;
}

static void run_one(void **state)
{
	/* For times that were not kept. */
	enum { RUNS = 6 };
	struct running *running = *state;
	struct path *path = &running->path;

	for (int i = 1;; i++) {
		start_lab(path, running->run);
		path_start_server(path, PATH_PORT);
		assert_int_equal(lab_enter_client(path->lab), 0);
		running->run->fact(path);
		close_visit(path);
		if (path->late[0] == '\0')
			break;
		if (i == RUNS)
			fail_msg("%s", path->late);
		tell_again(running->run, path->late);
		lab_passed(path->lab);
		end_path(path);
		begin_path(path, running->run);
	}
	lab_passed(path->lab);
}

/* What a process of ours ends with whose fact failed; a sanitizer's complaint ends with another. */
enum { FACT_FAILED = 3 };

/* Waits for a process. Returns its exit status, -1 when it has none, and how late this one was woken
 * at worst meanwhile. */
static int await_end(pid_t pid, int64_t *ret_late_ms)
{
	const struct timespec step = {.tv_nsec = 5000000};
	int status = 0;
	pid_t ended = 0;

	*ret_late_ms = 0;
	while (ended == 0) {
		int64_t due = tlsfo_deadline_in(5);

		nanosleep(&step, NULL);
		int64_t late = tlsfo_now() - due;
		*ret_late_ms = late > *ret_late_ms ? late : *ret_late_ms;
		ended = waitpid(pid, &status, WNOHANG);
	}
	return ended == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run_in_child(const struct CMUnitTest *test, int64_t *ret_late_ms)
{
	fflush(NULL);
	pid_t pid = fork();

	if (pid < 0)
		suite_abort("no process: %s", strerror(errno));
	if (pid > 0)
		return await_end(pid, ret_late_ms);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (_cmocka_run_group_tests(test->name, test, 1, NULL, NULL) == 0)
		exit(0);
	/* What a failed fact leaves behind is no leak. */
	fflush(NULL);
	_exit(FACT_FAILED);
}

/* Every fact has its times, if only that a server answers before the attempt delay is over. A
 * machine that lets a process wait for so long may not keep them; one that has time must. */
static bool holds(const struct CMUnitTest *test, const struct run *run, bool no_excuse)
{
	enum { RUNS = 6, LATE_MS = 10 };
	char why[80];

	for (int i = 0; i < RUNS; i++) {
		int64_t late_ms = 0;
		int status = run_in_child(test, &late_ms);

		if (status == 0)
			return true;
		if (status != FACT_FAILED || no_excuse || late_ms < LATE_MS)
			return false;
		snprintf(why, sizeof(why), "this machine let a process wait for %d ms",
			(int)late_ms);
		tell_again(run, why);
	}
	return false;
}

int path_run_mtu(const char *name, path_fact fact, unsigned int ways, unsigned int mtu)
{
	int failed = 0;

	lab_free(lab_new_or_exit(NULL));
	for (size_t i = 0; i < suite_length(all_ways); i++) {
		struct run run = all_ways[i];

		if ((ways & run.rung) == 0)
			continue;
		snprintf(run.name, NAME_SIZE, "%s: %s", name, run.way_name);
		run.fact = fact;
		run.mtu = mtu;
		const struct CMUnitTest test = {
			.name = run.name,
			.test_func = run_one,
			.setup_func = set_up,
			.teardown_func = tear_down,
			.initial_state = &run,
		};
		if (!holds(&test, &run, (ways & PATH_NO_EXCUSE) != 0))
			failed++;
	}
	return failed == 0 ? 0 : 1;
}

int path_run(const char *name, path_fact fact, unsigned int ways)
{
	return path_run_mtu(name, fact, ways, 0);
}

int path_add_box(struct path *path, const char *box)
{
	int number = lab_add_box(path->lab, box);

	assert_true(number >= 0);
	return number;
}

/* ---------------------------------------------------------------------------------- visits -- */

static socklen_t server_address(const struct path *path, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)ret_address;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)ret_address;

	*ret_address = (struct sockaddr_storage){.ss_family = (sa_family_t)path->way.family};
	if (path->way.family == AF_INET) {
		ipv4->sin_port = htons(path->port);
		assert_int_equal(inet_pton(AF_INET, LAB_SERVER_IPV4, &ipv4->sin_addr), 1);
		return sizeof(*ipv4);
	}
	ipv6->sin6_port = htons(path->port);
	assert_int_equal(inet_pton(AF_INET6, LAB_SERVER_IPV6, &ipv6->sin6_addr), 1);
	return sizeof(*ipv6);
}

/* To the limit of the visit. */
static int handshake(struct path *path)
{
	/* How often a program with a timeout of its own looks whether it has passed. */
	enum { STEP_MS = 20 };
	struct visit *visit = &path->visit;

	return path->limit_ms < PATH_PATIENCE_MS ? visit_handshake_stepping(visit, STEP_MS)
						 : visit_handshake(visit);
}

static int visit_by_transport(struct path *path)
{
	struct visit *visit = &path->visit;
	struct sockaddr_storage address;
	socklen_t len = server_address(path, &address);

	visit_prepare(visit, &path->way, path->port);
	path->open = true;
	check(tlsfo_transport_set_fastopen(visit->session, visit->fd,
		      (const struct sockaddr *)&address, len, path->way.engine),
		"tlsfo_transport_set_fastopen");
	gnutls_handshake_set_timeout(visit->session, (unsigned int)path->limit_ms);
	return handshake(path);
}

static int visit_by_connect(struct path *path)
{
	struct visit *visit = &path->visit;

	visit_prepare(visit, &path->way, path->port);
	path->open = true;
	visit_offer(visit, path->host, tlsfo_deadline_in(path->limit_ms));
	gnutls_handshake_set_timeout(visit->session, (unsigned int)path->limit_ms);
	check(tlsfo_opening_set_store(visit->opening, path->store, path->host), "store");
	check(tlsfo_opening_set_fast_open(visit->opening, path->mode), "mode");
	int ret = visit_connect(visit, &path->way);

	return ret == 0 ? handshake(path) : ret;
}

struct tlsfo_config *path_config(struct path *path)
{
	if (path->config != NULL)
		return path->config;
	path->config = client_config(&path->way);
	/* Tickets are another matter: every visit says all there is to say. */
	assert_int_equal(tlsfo_config_set_store(path->config, NULL), 0);
	return path->config;
}

static int visit_by_client(struct path *path)
{
	struct tlsfo_config *config = path_config(path);
	char service[8];

	snprintf(service, sizeof(service), "%u", path->port);
	path->open = true;
	return client_reach(
		config, path->host, service, tlsfo_deadline_in(path->limit_ms), &path->conn);
}

void path_visit(struct path *path)
{
	int64_t before = tlsfo_now();

	assert_false(path->open);
	if (path->client)
		path->ret = visit_by_client(path);
	else
		path->ret = path->connects ? visit_by_connect(path) : visit_by_transport(path);
	path->took_ms = tlsfo_now() - before;
}

void path_visit_well(struct path *path)
{
	path_visit(path);
	if (path->ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(path->ret), path_error(path));
	path_talk(path);
}

void path_talk(struct path *path)
{
	char line[LINE_LENGTH];
	char answer[LINE_LENGTH];

	memset(line, 'x', sizeof(line));
	line[LINE_LENGTH - 1] = '\n';
	if (path->client) {
		client_send(path->conn, line, sizeof(line));
		client_receive(path->conn, answer, sizeof(answer));
	} else {
		visit_send(&path->visit, line, sizeof(line));
		visit_receive(&path->visit, answer, sizeof(answer));
	}
	assert_memory_equal(answer, line, sizeof(line));
}

void path_end(struct path *path)
{
	enum { QUIET_MS = 5 };

	close_visit(path);
	assert_int_equal(lab_wait_idle(path->lab, QUIET_MS, lab_deadline(PATH_PATIENCE_MS)), 0);
	lab_trace_reset(path->lab);
}

void path_fetch_cookie(struct path *path)
{
	path_visit_well(path);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, NULL);
	assert_int_equal(path_syn_ack(path, 0).cookie_length, 8);
	path_end(path);
}

int path_fd(const struct path *path)
{
	return path->client ? tlsfo_conn_fd(path->conn) : path->visit.fd;
}

struct tlsfo_report path_report(struct path *path)
{
	return path->client ? client_report(path->conn) : visit_report(&path->visit);
}

const char *path_error(const struct path *path)
{
	return path->client ? tlsfo_conn_error(path->conn)
			    : tlsfo_opening_error(path->visit.opening);
}
