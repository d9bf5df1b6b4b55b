/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * On a clean path whose round trip is shorter than the attempt delay every first visit costs one
 * SYN, however near or far the server is, blocking or not, and when every processor is busy. Where
 * the wire itself was late, what it saw has to excuse the second SYN.
 */

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drive.h"
#include "packet.h"

/* No more at once than gnutls-serv keeps waiting. */
enum { VISITS = 20, AT_ONCE = 10, DELAY_MS = 250, BUSY = 2 };

/* How many at each round-trip time and in each way: TLSFO_TEST_CLEAN_VISITS, in tens. */
static size_t visits(void)
{
	const char *wanted = getenv("TLSFO_TEST_CLEAN_VISITS");
	size_t count = wanted != NULL ? strtoul(wanted, NULL, 10) : VISITS;

	return count >= AT_ONCE ? count / AT_ONCE * AT_ONCE : VISITS;
}

struct load {
	pid_t pids[BUSY];
};

static void start_load(struct load *load)
{
	for (size_t i = 0; i < BUSY; i++) {
		load->pids[i] = fork();
		assert_true(load->pids[i] >= 0);
		if (load->pids[i] > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			;
	}
}

static void stop_load(const struct load *load)
{
	for (size_t i = 0; i < BUSY; i++) {
		kill(load->pids[i], SIGKILL);
		waitpid(load->pids[i], NULL, 0);
	}
}

/* A connection whose SYN-ACK was not there @DELAY_MS after its SYN, when another SYN was sent. */
static bool one_was_late(struct lab *lab, uint64_t when_ns)
{
	/* The wire may notice a packet later than it was sent, but not before. */
	const uint64_t slack_ns = 3000000;
	struct lab_packet syn;
	struct lab_packet packet;

	for (size_t i = 0; lab_trace_syn(lab, i, &syn) == 0; i++) {
		uint64_t arrived_ns = UINT64_MAX; /* never */

		for (size_t j = syn.index; lab_trace_packet(lab, j, &packet) == 0; j++)
			if (packet.connection == syn.connection && packet.from == LAB_SERVER &&
				packet.arrived_ns != 0 && packet.arrived_ns < arrived_ns)
				arrived_ns = packet.arrived_ns;
		if (syn.sent_ns + DELAY_MS * 1000000ULL <= when_ns + 60000000 &&
			arrived_ns > when_ns - slack_ns)
			return true;
	}
	return false;
}

/* Every visit's first SYN asks for a cookie; all others need an excuse. */
static void check_wire(struct path *path, const char *how, double rtt_ms)
{
	size_t extra = 0;
	struct lab_packet syn;

	for (size_t i = 0; lab_trace_syn(path->lab, i, &syn) == 0; i++) {
		if (syn.fastopen_kind != 0)
			continue;
		extra++;
		if (!one_was_late(path->lab, syn.sent_ns))
			fail_msg("%s, %.0f ms: a SYN too many", how, rtt_ms);
	}
	/* A machine that is always late shows nothing. */
	if (extra > visits() / 5)
		snprintf(path->late, sizeof(path->late), "%s, %.0f ms: %zu SYNs too many", how,
			rtt_ms, extra);
	assert_int_equal(lab_trace_syns(path->lab) - extra, visits());
	path_end(path);
}

static void visit_driven(struct path *path, double rtt_ms)
{
	struct drive drives[AT_ONCE];

	for (size_t wave = 0; wave < visits() / AT_ONCE; wave++) {
		for (size_t i = 0; i < AT_ONCE; i++)
			drive_start(&drives[i], path, tlsfo_deadline_in(PATH_PATIENCE_MS));
		drive_all(drives, AT_ONCE, DRIVE_POLL);
		drive_expect_open(drives, AT_ONCE);
		drive_free(drives, AT_ONCE);
	}
	check_wire(path, "driven", rtt_ms);
}

/* Some visits, one after the other. Returns NULL, or an argument to complain with. */
static void *visit_some(void *argument)
{
	struct path *path = argument;

	for (size_t i = 0; path->connects && i < visits() / AT_ONCE; i++) {
		const struct way way = {
			path->way.family, path->way.priority, path->way.engine, .blocking = true};
		struct visit visit;

		visit_prepare(&visit, &way, PATH_PORT);
		visit_offer(&visit, path->host, tlsfo_deadline_in(PATH_PATIENCE_MS));
		int ret = visit_connect(&visit, &way);
		if (ret == 0)
			ret = visit_handshake(&visit);
		visit_close(&visit);
		if (ret != 0)
			return path;
	}
	for (size_t i = 0; path->client && i < visits() / AT_ONCE; i++) {
		struct tlsfo_conn *conn = NULL;
		int ret = client_reach(path->config, path->host, "4433",
			tlsfo_deadline_in(PATH_PATIENCE_MS), &conn);

		tlsfo_conn_free(conn);
		if (ret != 0)
			return path;
	}
	return NULL;
}

static void visit_blocking(struct path *path, double rtt_ms)
{
	pthread_t threads[AT_ONCE];
	void *complaint = NULL;

	for (size_t i = 0; i < AT_ONCE; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, visit_some, path), 0);
	for (size_t i = 0; i < AT_ONCE; i++) {
		void *its = NULL;

		assert_int_equal(pthread_join(threads[i], &its), 0);
		complaint = its != NULL ? its : complaint;
	}
	assert_null(complaint);
	check_wire(path, "blocking", rtt_ms);
}

static void visit_all(struct path *path)
{
	static const double rtts_ms[] = {1, 50, 100, 200};

	for (size_t i = 0; i < suite_length(rtts_ms); i++) {
		assert_int_equal(lab_set_rtt(path->lab, rtts_ms[i]), 0);
		visit_driven(path, rtts_ms[i]);
		visit_blocking(path, rtts_ms[i]);
	}
}

static void fact(struct path *path)
{
	/* The server gives no cookie: every visit is a first one. */
	assert_int_equal(lab_set_fastopen(path->lab, LAB_SERVER, 0), 0);
	if (path->client)
		assert_int_equal(tlsfo_config_load(path_config(path)), 0);
	visit_all(path);
}

static void fact_when_busy(struct path *path)
{
	struct load load;

	start_load(&load);
	fact(path);
	stop_load(&load);
	/* The wire needs the processor too: its lateness is excused here. */
	path->late[0] = '\0';
}

int main(void)
{
	int idle = path_run("a clean path gets one SYN", fact, PATH_RACED | PATH_NO_EXCUSE);

	return idle != 0 ? idle
			 : path_run("a clean path gets one SYN, busy", fact_when_busy,
				   PATH_RACED | PATH_NO_EXCUSE);
}
