/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "paths_crowd.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE = 256, END_MS = 10000 };

static bool spawn(struct crowd *crowd, const char *const *argv)
{
	int errors = getenv("TLSFO_BENCH_VERBOSE") ? STDERR_FILENO : -1;
	int to[2];
	int from[2];

	if (pipe2(to, O_CLOEXEC) < 0)
		return false;
	if (pipe2(from, O_CLOEXEC) < 0) {
		close(to[0]);
		close(to[1]);
		return false;
	}
	bool started =
		lab_spawn(crowd->lab, LAB_CLIENT, argv, to[0], from[1], errors, &crowd->pid) == 0;

	close(to[0]);
	close(from[1]);
	crowd->to = fdopen(to[1], "w");
	crowd->from = fdopen(from[0], "r");
	return started && crowd->to && crowd->from;
}

bool crowd_start(struct crowd *crowd, const struct course *course, const char *kind,
	const char *host, unsigned int count, unsigned int at_once)
{
	char port[16];
	char counted[16];
	char together[16];
	char line[LINE];
	const char *const argv[] = {BENCH_DIR "/bench-paths-crowd", kind, CERTS_DIR "/ca.pem", host,
		port, counted, together, NULL};

	*crowd = (struct crowd){.lab = course->lab};
	snprintf(port, sizeof(port), "%d", SERVER_PORT);
	snprintf(counted, sizeof(counted), "%u", count);
	snprintf(together, sizeof(together), "%u", at_once);
	return course->error == 0 && spawn(crowd, argv) && fgets(line, sizeof(line), crowd->from) &&
	       sscanf(line, "ready %u", &crowd->prepared) == 1;
}

static bool read_visit(FILE *file, struct crowd_visit *visit)
{
	char line[LINE];

	return fgets(line, sizeof(line), file) &&
	       sscanf(line, "%u %d %u %u %d %d", &visit->number, &visit->code, &visit->port,
		       &visit->responses, &visit->early_data, &visit->reconnected) == 6;
}

size_t crowd_go(struct crowd *crowd, struct crowd_visit *ret_visits, size_t room)
{
	size_t count = 0;

	fputs("go\n", crowd->to);
	if (fflush(crowd->to) == EOF)
		return 0;
	while (count < room && read_visit(crowd->from, &ret_visits[count]))
		count++;
	return count;
}

void crowd_end(struct crowd *crowd)
{
	if (crowd->to)
		fclose(crowd->to);
	if (crowd->from)
		fclose(crowd->from);
	if (crowd->pid > 0) {
		(void)lab_wait(crowd->lab, crowd->pid, lab_deadline(END_MS), NULL);
		lab_stop(crowd->lab, crowd->pid);
	}
	*crowd = (struct crowd){.lab = crowd->lab};
}
