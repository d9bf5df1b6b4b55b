/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The demo on the lab: plain GnuTLS, gnutls_transport_set_fastopen() and tlsfo, each three visits: the
 * first knows nothing of the server, the second has a cookie and a ticket, the third also sends its
 * request as early data. The packets of tlsfo's are kept.
 *
 *	bench-show DIRECTORY
 *
 * Prints a table. Leaves first.pcap, first.json (the report), second..., third... and, of the last
 * visit, ladder in the directory. There is no third visit where the server takes no early data. Exit
 * status 0; 77, with the reason on standard error, where the system permits no lab; 1 when a visit has
 * no response.
 */

#include "course.h"
#include "options.h"
#include "visit.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum {
	RTT_MS = 50,
	BOUND_MS = 10000,
	IDLE_MS = 20,
	IDLE_MOST_MS = 2000,
	PATH_SIZE = 4096,
	VISITS = 3
};

/* What the demo is shown with: nginx, or gnutls-serv where there is no nginx. */
static const struct server *server;

static const char *const shown[] = {"gnutls-plain", "gnutls-fastopen", "tlsfo-command"};

static const struct {
	const char *name;
	const char *title;
	enum scenario scenario;
	bool fresh;
} visits[VISITS] = {
	{"first", "first visit", SCENARIO_TICKET, true},
	{"second", "second visit", SCENARIO_TICKET, false},
	{"third", "with early data", SCENARIO_EARLY, false},
};

static int visit_count(void)
{
	return server->early_data ? VISITS : VISITS - 1;
}

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "bench-show: %s: %s\n", what, why);
	return 1;
}

static int draw(struct lab *lab, const char *path)
{
	const struct lab_ladder ladder = {
		.connection = LAB_ALL,
		.min_record = LAB_RESPONSE_RECORD,
		.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
	};
	FILE *file = fopen(path, "we");
	int result;

	if (!file)
		return -errno;
	result = lab_ladder_text(lab, file, &ladder);
	return fclose(file) == EOF ? -EIO : result;
}

static int keep(struct lab *lab, const char *directory, const char *visit)
{
	char path[PATH_SIZE];
	char report[PATH_SIZE];
	int result;

	snprintf(report, sizeof(report), "%s/report.json", directory);
	snprintf(path, sizeof(path), "%s/%s.json", directory, visit);
	(void)rename(report, path);
	(void)lab_wait_idle(lab, IDLE_MS, lab_deadline(IDLE_MOST_MS));
	snprintf(path, sizeof(path), "%s/%s.pcap", directory, visit);
	result = lab_write_pcap(lab, LAB_CLIENT, path);
	if (result < 0)
		return fail(path, strerror(-result));

	snprintf(path, sizeof(path), "%s/ladder", directory);
	result = draw(lab, path);
	return result < 0 ? fail(path, strerror(-result)) : 0;
}

static void write_row(const struct client *client, const struct figure *figures)
{
	int i;

	printf("  %-38s", client->title);
	for (i = 0; i < visit_count(); i++)
		printf("  %4.1f RTT (%3.0f ms)", figures[i].round_trips, figures[i].ms);
	fputc('\n', stdout);
	fflush(stdout);
}

static void write_head(void)
{
	int i;

	printf("  %-38s", "");
	for (i = 0; i < visit_count(); i++)
		printf("  %-*s", i + 1 < visit_count() ? 17 : 0, visits[i].title);
	fputc('\n', stdout);
}

static int show_visit(const struct course *course, const struct client *client,
	const char *directory, int number, struct figure *figure)
{
	const struct visit visit = {
		.lab = course->lab,
		.client = client,
		.scenario = visits[number].scenario,
		.target = {"server4.test", SERVER_PORT, directory},
		.bound_ms = BOUND_MS,
		.whole = true,
		.fresh = visits[number].fresh,
	};

	*figure = course_figure(server, client, RTT_MS, 1);
	visit_run(&visit, figure);
	if (isnan(figure->ms))
		return fail(client->title, figure->outcome);
	return keep(course->lab, directory, visits[number].name);
}

static int show_client(const struct client *client, const char *directory)
{
	struct figure figures[VISITS];
	struct course course;
	int status = 0;
	int i;

	course_begin(&course, server, RTT_MS);
	if (course.error < 0)
		status = fail(server->name, strerror(-course.error));
	for (i = 0; i < visit_count() && status == 0; i++)
		status = show_visit(&course, client, directory, i, &figures[i]);
	if (status == 0)
		write_row(client, figures);
	course_end(&course);
	return status;
}

/* Also the place that ends the process where no lab is permitted, before anything is printed. */
static void choose_server(void)
{
	struct course course;

	server = server_find("nginx", "1.3");
	course_begin(&course, server, RTT_MS);
	if (course.error == -ENOENT)
		server = server_find("gnutls-serv", "1.3");
	course_end(&course);
}

int main(int argc, char **argv)
{
	size_t i;
	int status = 0;

	if (argc != 2)
		return 2;
	options_extend_path();
	setlocale(LC_CTYPE, "");
	choose_server();
	write_head();
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]) && status == 0; i++)
		status = show_client(client_find(shown[i]), argv[1]);
	if (status == 0 && strcmp(server->name, "gnutls-serv") == 0)
		printf("  (gnutls-serv needs one of these itself: it does not switch Nagle's "
		       "algorithm off.)\n");
	return status;
}
