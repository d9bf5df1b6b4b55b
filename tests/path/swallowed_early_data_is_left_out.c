/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that swallows a hello with early data because of its length: a second connection goes without
 * early data, long before the deadline, and so do the next visits. Fast open is not blamed, and goes on. What
 * was learned is forgotten when a hello with early data gets through. A path that loses two copies of a hello in
 * a row is not taken for such a path.
 */

#include <signal.h>
#include <sys/wait.h>

#include "box.h"
#include "memory.h"
#include "path_nginx.h"

/* A hello is shorter than the longest segment that gets through, with a ticket too, and the request makes it
 * longer. */
#define BOX "swallow-long=900"
enum { FILLING = 600, NOTICED_MS = 4000, SLOW_US = 1000000 };

static struct tlsfo_report ask(struct path *path)
{
	char request[FILLING + 100];
	char back[8];
	struct tlsfo_conn *conn = NULL;
	int64_t begun = tlsfo_now();
	int len = snprintf(request, sizeof(request),
		"GET / HTTP/1.0\r\nHost: server.test\r\nX: %0*d\r\n\r\n", FILLING, 0);
	int ret = client_connect_first(path->config, path->host, PATH_NGINX_PORT, request,
		(size_t)len, TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	client_receive(conn, back, sizeof(back));
	assert_memory_equal(back, "HTTP/1.1", sizeof(back));
	assert_true(tlsfo_now() - begun < NOTICED_MS);
	struct tlsfo_report report = client_report(conn);
	/* The server may have hung up. */
	(void)tlsfo_conn_close(conn, tlsfo_deadline_in(PATH_PATIENCE_MS));
	return report;
}

/* Fast open is used where it is wanted, as if early data had never been in the way. */
static void expect_fast_open(const struct memory_test *test, const struct tlsfo_report *report)
{
	bool wanted = test->mode != TLSFO_USE_FAST_OPEN_NEVER;

	assert_int_equal(
		report->fast_open, wanted ? TLSFO_FAST_OPEN_ACKNOWLEDGED : TLSFO_FAST_OPEN_OFF);
}

static void expect_left_out(struct memory_test *test, unsigned int failures)
{
	struct tlsfo_report report = ask(test->path);

	assert_int_equal(report.reconnected, TLSFO_RECONNECT_EARLY_DATA_SWALLOWED);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
	expect_fast_open(test, &report);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 0);
	assert_int_equal(memory_entries(test, TLSFO_STORE_HOST).failures, failures);
}

static void expect_remembered(struct memory_test *test)
{
	unsigned int failures = memory_entries(test, TLSFO_STORE_HOST).failures;

	lab_trace_reset(test->path->lab);
	struct tlsfo_report report = ask(test->path);

	path_expect_syns(test->path, 1, 1);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(report.resumed, 1);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report.early_data_reason, TLSFO_WITHHELD_PATH_REMEMBERED);
	expect_fast_open(test, &report);
	assert_int_equal(memory_entries(test, TLSFO_STORE_HOST).failures, failures);
}

/* Its kernel acknowledges everything meanwhile. */
static void expect_slow_server_is_waited_for(struct memory_test *test, pid_t server)
{
	assert_int_equal(kill(server, SIGSTOP), 0);
	pid_t waker = fork();

	assert_true(waker >= 0);
	if (waker == 0) {
		usleep(SLOW_US);
		_exit(kill(server, SIGCONT));
	}
	struct tlsfo_report report = ask(test->path);

	assert_int_equal(waitpid(waker, NULL, 0), waker);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_HOST).failures, 0);
}

/* Of every connection, the first copies of what the client sends behind its SYN. */
static enum box_verdict lose_copies(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);
	bool carries = packet->from == LAB_CLIENT && packet->info.payload_length > 0;

	return flow != NULL && carries && flow->marks++ < box->argument ? BOX_DROP : BOX_PASS;
}

static const struct lab_box losing = {.name = "lose-copies", .packet = lose_copies};

/* Its hello is one segment, which gets through at the third time. */
static void expect_losses_are_outlived(struct memory_test *test)
{
	ask(test->path);
	int box = lab_add_own_box(test->path->lab, &losing, 2);

	assert_true(box >= 0);
	struct tlsfo_report report = ask(test->path);

	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_HOST).failures, 0);
	assert_int_equal(lab_switch_box(test->path->lab, box, false), 0);
}

static void visits(struct memory_test *test, pid_t server)
{
	struct path *path = test->path;

	ask(path);
	int box = path_add_box(path, BOX);
	expect_left_out(test, 1);
	expect_remembered(test);
	expect_remembered(test);
	/* The pause is over, and so is the ticket's life. */
	memory_pass(3601);
	ask(path);
	expect_left_out(test, 2);
	expect_remembered(test);
	memory_pass(7201);
	assert_int_equal(lab_switch_box(path->lab, box, false), 0);
	ask(path);
	assert_int_equal(memory_entries(test, TLSFO_STORE_HOST).failures, 2);
	assert_int_equal(ask(path).early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_HOST).failures, 0);
	expect_slow_server_is_waited_for(test, server);
}

static void fact(struct memory_test *test)
{
	struct path_nginx nginx;

	test->path->port = PATH_NGINX_PORT;
	path_start_nginx(test->path, "ssl_early_data on;", &nginx);
	visits(test, nginx.pid);
	assert_true(tlsfo_store_clear(test->store) > 0);
	memory_mode(test, TLSFO_USE_FAST_OPEN_NEVER);
	visits(test, nginx.pid);
	expect_losses_are_outlived(test);
	path_stop_nginx(test->path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return memory_run("swallowed early data is left out", fact, PATH_CLIENT);
}
