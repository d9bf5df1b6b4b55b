/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * First data that leaves as early data in the SYN of a path that loses 1, 5 or 10 % of its packets:
 * every connection is opened before its deadline, and its session carries the data exactly once, however
 * many flights with it were sent and taken. The server tells which request of its connection each is.
 *
 * TLSFO_TEST_LOSSY_VISITS sets how many connections are made at each rate.
 */

#include "drive.h"
#include "loss.h"
#include "path_nginx.h"

enum { VISITS = 20, AT_ONCE = 10, LIMIT_MS = 30000, ROOM = 160, ANSWERS = 2048 };

static const char answering[] =
	"ssl_early_data on;\n"
	"location /asked { return 200 \"<$arg_n:$connection_requests>\"; }\n";

static int request(char *buf, const char *name, bool last)
{
	return snprintf(buf, ROOM, "GET /asked?n=%s HTTP/1.1\r\nHost: server.test\r\n%s\r\n", name,
		last ? "Connection: close\r\n" : "");
}

/* Reads on until this has been answered; NULL: to the end. */
static void read_until(struct tlsfo_conn *conn, char answers[ANSWERS], const char *wanted)
{
	size_t len = strlen(answers);

	while (wanted == NULL || strstr(answers, wanted) == NULL) {
		ssize_t n = tlsfo_conn_read(conn, answers + len, ANSWERS - 1 - len,
			tlsfo_deadline_in(PATH_PATIENCE_MS));

		if (n == 0 && wanted == NULL)
			return;
		if (n <= 0)
			fail_msg("read: %s", n == 0 ? "the end" : tlsfo_strerror((int)n));
		len += (size_t)n;
		answers[len] = '\0';
	}
}

/* A request that came twice would be answered twice, and the one behind it be the third. */
static void expect_once(struct tlsfo_conn *conn)
{
	char answers[ANSWERS] = "";
	char line[ROOM];

	read_until(conn, answers, "<first:1>");
	client_send(conn, line, (size_t)request(line, "second", true));
	read_until(conn, answers, NULL);
	const char *first = strchr(answers, '<');
	assert_non_null(first);
	assert_memory_equal(first, "<first:1>", 9);
	const char *second = strchr(first + 1, '<');
	assert_non_null(second);
	assert_string_equal(second, "<second:2>");
}

/* The data left early; where the connection was made again, before that. */
static void expect_early(struct tlsfo_conn *conn)
{
	struct tlsfo_report report = client_report(conn);

	if (report.reconnected != TLSFO_RECONNECT_NONE)
		return;
	assert_int_equal(report.resumed, 1);
	assert_true(report.early_data == TLSFO_EARLY_DATA_ACCEPTED ||
		    report.early_data == TLSFO_EARLY_DATA_REJECTED);
}

/* A visit that brings the cookie and a ticket. */
static void fetch_ticket(struct path *path, struct tlsfo_config *config)
{
	char answers[ANSWERS] = "";
	struct tlsfo_conn *conn = NULL;
	char line[ROOM];
	int ret = client_connect_first(config, path->host, PATH_NGINX_PORT, line,
		(size_t)request(line, "ticket", true), 0, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	read_until(conn, answers, NULL);
	client_close(conn);
}

/* Each connection has a store of its own, with a ticket of its own in it. */
static struct tlsfo_config *new_config(struct path *path)
{
	struct tlsfo_config *config = client_config(&path->way);

	/* What a loss looked like to the one before is not to keep the next from trying. */
	assert_int_equal(tlsfo_config_set_fast_open(config, TLSFO_USE_FAST_OPEN_ALWAYS), 0);
	fetch_ticket(path, config);
	return config;
}

static void start(struct drive *drive, struct path *path, struct tlsfo_config *config)
{
	char line[ROOM];
	int len = request(line, "first", false);

	*drive = (struct drive){.ret = GNUTLS_E_AGAIN, .fd = -1};
	assert_int_equal(
		client_begin(config, path->host, PATH_NGINX_SERVICE, line, (size_t)len,
			TLSFO_FIRST_DATA_REPLAYABLE, tlsfo_deadline_in(LIMIT_MS), &drive->conn),
		0);
}

static void open_some(struct path *path, size_t count, double probability)
{
	struct tlsfo_config *configs[AT_ONCE];
	struct drive drives[AT_ONCE];

	for (size_t i = 0; i < count; i++)
		configs[i] = new_config(path);
	assert_int_equal(lab_set_loss(path->lab, probability), 0);
	for (size_t i = 0; i < count; i++)
		start(&drives[i], path, configs[i]);
	drive_all(drives, count, DRIVE_POLL);
	drive_expect_open(drives, count);
	for (size_t i = 0; i < count; i++) {
		expect_early(drives[i].conn);
		expect_once(drives[i].conn);
	}
	drive_free(drives, count);
	assert_int_equal(lab_set_loss(path->lab, 0), 0);
	for (size_t i = 0; i < count; i++)
		tlsfo_config_free(configs[i]);
}

/* Connections whose SYN carried early data, in a trace of so many visits. */
static void expect_early_syns(struct path *path, size_t expected)
{
	struct lab_early_data early;
	size_t found = 0;

	for (int i = 0; lab_trace_early_data(path->lab, i, &early) == 0; i++)
		found += early.in_syn > 0;
	assert_true(found >= expected);
	path_end(path);
}

static void lose(struct path *path, double probability, uint64_t seed)
{
	lab_set_seed(path->lab, seed);
	for (size_t left = loss_visits(VISITS); left > 0;) {
		size_t count = left < AT_ONCE ? left : AT_ONCE;

		open_some(path, count, probability);
		left -= count;
	}
	expect_early_syns(path, loss_visits(VISITS));
}

static void fact(struct path *path)
{
	struct path_nginx nginx;

	path_start_nginx(path, answering, &nginx);
	loss_at_every_rate(path, lose);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run("early data on a lossy path is carried once", fact, PATH_CLIENT);
}
