/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connection that is being opened may be freed between any two advances, on any path: no descriptor
 * is left, and no thread once the names that were looked up are answered.
 */

#include "drive.h"

/* More than an opening takes on any of these paths. */
enum { STEPS = 16, LIMIT_MS = 700 };

static const char *const boxes[] = {"clamp-mss=1400", "drop-syn-data", "drop-syn-option",
	"rst-syn-data", "fake-ack-syn-data", "swallow-server-data", "swallow-after-syn",
	"drop-first-synack", "swallow-ipv6", "unreachable"};

/* One connection is freed after its first step, one after its second, and so on. */
static void cancel_everywhere(struct path *path, enum drive_by by)
{
	struct drive drives[STEPS + 1];
	size_t descriptors = suite_open_descriptors();
	size_t threads = suite_threads();

	for (unsigned int i = 0; i <= STEPS; i++) {
		drive_start(&drives[i], path, tlsfo_deadline_in(LIMIT_MS));
		drives[i].most = i;
	}
	/* Before the first step. */
	drive_free(&drives[0], 1);
	drive_all(drives + 1, STEPS, by);
	drive_free(drives + 1, STEPS);
	assert_int_equal(suite_open_descriptors(), descriptors);
	suite_await_threads(threads);
}

static void fact(struct path *path)
{
	path_fetch_cookie(path);
	for (size_t i = 0; i < suite_length(boxes); i++) {
		lab_clear_boxes(path->lab);
		path_add_box(path, boxes[i]);
		path->host = "server.test";
		cancel_everywhere(path, DRIVE_POLL);
		path->host = path->way.family == AF_INET ? "server4.test" : "server6.test";
		cancel_everywhere(path, DRIVE_EPOLL);
	}
	/* The name is not there, and a host in text. */
	path->host = "nowhere.test";
	if (path->client)
		cancel_everywhere(path, DRIVE_POLL);
	path->host = LAB_DEAD_IPV6;
	cancel_everywhere(path, DRIVE_POLL);
}

int main(void)
{
	return path_run(
		"opening can be cancelled at every step", fact, PATH_RACED | PATH_NO_EXCUSE);
}
