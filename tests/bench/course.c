/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "course.h"

#include "support/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH = 16, WARM_UP_MS = 5000 };

/*
 * One visit on the server's own side, which is seen by nobody: the first handshake of a server's life
 * takes it some milliseconds longer, and servers in the field have long had theirs.
 */
static int warm_up(struct lab *lab)
{
	char port[16];
	const char *const argv[] = {BENCH_DIR "/bench-client-gnutls", "plain", CERTS_DIR "/ca.pem",
		"server.test", port, NULL};
	pid_t pid;
	int result;

	snprintf(port, sizeof(port), "%d", SERVER_PORT);
	result = lab_spawn(lab, LAB_SERVER, argv, -1, -1, -1, &pid);
	if (result == 0)
		result = lab_wait(lab, pid, lab_deadline(WARM_UP_MS), NULL);
	return result;
}

void course_begin(struct course *course, const struct server *server, double rtt_ms)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;

	*course = (struct course){.directory = "/tmp/tlsfo-bench-XXXXXX"};
	options.rtt_ms = rtt_ms;
	course->lab = lab_new_or_exit(&options);
	if (!mkdtemp(course->directory)) {
		course->error = -errno;
		course->directory[0] = '\0';
		return;
	}
	course->error = server_start(course->lab, server, course->directory);
	if (course->error == 0)
		course->error = warm_up(course->lab);
}

void course_end(struct course *course)
{
	lab_free(course->lab);
	if (course->directory[0])
		tree_remove(course->directory);
}

struct figure course_figure(
	const struct server *server, const struct client *client, double rtt_ms, unsigned int run)
{
	struct figure figure = {.rtt_ms = rtt_ms, .run = run};

	figure_word(figure.server, server->name);
	figure_word(figure.tls, server->tls);
	figure_word(figure.client, client->name);
	figure_word(figure.box, "none");
	figure_clear(&figure);
	return figure;
}
