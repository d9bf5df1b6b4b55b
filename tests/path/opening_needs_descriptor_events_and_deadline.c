/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An event loop opens connections by descriptor, events and deadline alone, by poll(2) or by
 * epoll(7), on every path that is survived; no advance waits for anything, and advances too many make
 * no attempt and no packet more.
 */

#include "drive.h"

struct scene {
	const char *box; /* or NULL */
	const char *host;
	bool cookie; /* known before */
	size_t attempts;
};

static const struct scene scenes[] = {
	{NULL, "server6.test", false, 1},
	{NULL, "server6.test", true, 1},
	{"drop-syn-option", "server6.test", false, 2},
	{"drop-syn-data", "server6.test", true, 2},
	{"rst-syn-data", "server6.test", true, 2},
	{"fake-ack-syn-data", "server6.test", true, 2},
	{"swallow-server-data", "server6.test", true, 2},
	{"drop-first-synack", "server6.test", true, 2},
	{"swallow-ipv6", "server.test", false, 3},
	{NULL, "dead4first.test", false, 3},
};

/* What is open is used. Its report. */
static struct tlsfo_report use(struct path *path, struct drive *drive)
{
	char answer[4] = "";

	if (path->client) {
		assert_int_equal(tlsfo_conn_advance(drive->conn), 0);
		client_send(drive->conn, "yes\n", 4);
		client_receive(drive->conn, answer, 4);
	} else {
		assert_int_equal(visit_handshake(&drive->visit), 0);
		visit_send(&drive->visit, "yes\n", 4);
		visit_receive(&drive->visit, answer, 4);
	}
	assert_memory_equal(answer, "yes\n", 4);
	return path->client ? client_report(drive->conn) : visit_report(&drive->visit);
}

static void open_once(struct path *path, const struct scene *scene, enum drive_by by)
{
	struct drive drive;

	path->host = scene->host;
	drive_start(&drive, path, tlsfo_deadline_in(PATH_PATIENCE_MS));
	drive_all(&drive, 1, by);
	drive_expect_open(&drive, 1);
	struct tlsfo_report report = use(path, &drive);
	/* More there can be where the wire was late, never fewer. */
	assert_true(report.attempt_count >= scene->attempts);
	assert_true(report.attempt_count <= 4);
	if (report.attempt_count != scene->attempts)
		snprintf(path->late, sizeof(path->late), "%s: %zu attempts, not %zu",
			scene->box != NULL ? scene->box : scene->host, report.attempt_count,
			scene->attempts);
	drive_free(&drive, 1);
}

static void play(struct path *path, const struct scene *scene)
{
	lab_clear_boxes(path->lab);
	/* Without a cookie: the server gives none. */
	assert_int_equal(lab_set_fastopen(path->lab, LAB_SERVER, scene->cookie ? 0x403 : 0), 0);
	path->host = scene->host;
	if (scene->cookie) {
		path_visit_well(path);
		path_end(path);
	}
	if (scene->box != NULL)
		path_add_box(path, scene->box);
	open_once(path, scene, DRIVE_POLL);
	open_once(path, scene, DRIVE_EPOLL);
	open_once(path, scene, DRIVE_RESTLESS);
}

static void fact(struct path *path)
{
	if (path->client)
		assert_int_equal(tlsfo_config_load(path_config(path)), 0);
	for (size_t i = 0; i < suite_length(scenes); i++)
		play(path, &scenes[i]);
}

int main(void)
{
	return path_run("opening needs descriptor, events and deadline", fact, PATH_RACED);
}
