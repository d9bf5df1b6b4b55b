/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * On a path that loses 1, 5 or 10 % of its packets every connection is opened before its deadline,
 * and carries its first data exactly once, however many attempts were made.
 *
 * TLSFO_TEST_LOSSY_VISITS sets how many connections are made at each rate.
 */

#include "drive.h"
#include "loss.h"

/* No more at once than gnutls-serv keeps waiting. */
enum { VISITS = 60, AT_ONCE = 10, BLOCKING = 5, LIMIT_MS = 30000, ROOM = 64 };

static int first_line(size_t i, char *buf)
{
	return snprintf(buf, ROOM, "first data of connection %zu\n", i);
}

/* gnutls-serv sends back each line it gets: what came twice would be here in place of the second. */
static void expect_once(struct tlsfo_conn *conn, size_t i)
{
	char lines[2 * ROOM];
	char answer[2 * ROOM] = "";
	int first = first_line(i, lines);
	int second = snprintf(lines + first, ROOM, "and no more of %zu\n", i);

	client_receive(conn, answer, (size_t)first);
	client_send(conn, lines + first, (size_t)second);
	client_receive(conn, answer + first, (size_t)second);
	assert_string_equal(answer, lines);
}

static void start(struct drive *drive, struct path *path, size_t i)
{
	char line[ROOM];
	int len = first_line(i, line);

	*drive = (struct drive){.ret = GNUTLS_E_AGAIN, .fd = -1};
	assert_int_equal(
		client_begin(path_config(path), path->host, "4433", line, (size_t)len,
			TLSFO_FIRST_DATA_REPLAYABLE, tlsfo_deadline_in(LIMIT_MS), &drive->conn),
		0);
}

static void connect_blocking(struct path *path, size_t i)
{
	struct tlsfo_conn *conn = NULL;
	char line[ROOM];
	int len = first_line(i, line);
	int ret = client_open(path_config(path), path->host, "4433", line, (size_t)len,
		TLSFO_FIRST_DATA_REPLAYABLE, tlsfo_deadline_in(LIMIT_MS), &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	expect_once(conn, i);
	tlsfo_conn_free(conn);
}

static void open_some(struct path *path, size_t count)
{
	struct drive drives[AT_ONCE];

	for (size_t i = 0; i < count; i++)
		start(&drives[i], path, i);
	drive_all(drives, count, DRIVE_EPOLL);
	drive_expect_open(drives, count);
	for (size_t i = 0; i < count; i++)
		expect_once(drives[i].conn, i);
	drive_free(drives, count);
}

static void lose(struct path *path, double probability, uint64_t seed)
{
	lab_set_seed(path->lab, seed);
	assert_int_equal(lab_set_loss(path->lab, probability), 0);
	for (size_t left = loss_visits(VISITS); left > 0;) {
		size_t count = left < AT_ONCE ? left : AT_ONCE;

		open_some(path, count);
		left -= count;
	}
	for (size_t i = 0; i < BLOCKING; i++)
		connect_blocking(path, i);
	assert_int_equal(lab_set_loss(path->lab, 0), 0);
}

static void fact(struct path *path)
{
	/* First visits, and with them ones that have the cookie. */
	loss_at_every_rate(path, lose);
}

int main(void)
{
	return path_run("loss is survived by every connection", fact, PATH_CLIENT | PATH_NO_EXCUSE);
}
