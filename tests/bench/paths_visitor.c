/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A process that visits when it is told to, always with the same configuration and store:
 *
 *	bench-paths-visitor auto|never CA-FILE STORE PORT
 *
 * Reads lines "HOST ordinary|safe NAME" and answers each, when the visit is over, with the line of
 * numbers that paths_visit.h describes.
 */

#include "paths_fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORD = 64, CLOSE_MS = 1000 };

struct question {
	char host[WORD];
	char data[WORD];
	char name[WORD];
};

static void tell(int code, unsigned int responses, uint64_t ended_ns, struct tlsfo_conn *conn)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;

	if (conn == NULL || tlsfo_conn_get_report(conn, &report) != 0)
		report = (struct tlsfo_report)TLSFO_REPORT_INIT;
	printf("%d %u %" PRIu64 " %d %d %d %d\n", code, responses, ended_ns, (int)report.fast_open,
		(int)report.reason, (int)report.reconnected, (int)report.early_data);
	fflush(stdout);
}

static void visit(struct tlsfo_config *config, const char *port, const struct question *question)
{
	unsigned int flags = strcmp(question->data, "safe") == 0 ? TLSFO_FIRST_DATA_REPLAYABLE : 0;
	struct paths_responses responses = {0};
	struct tlsfo_conn *conn = NULL;
	char request[256];
	int len = paths_request(request, sizeof(request), question->host, question->name, true);
	int ret = paths_open(config, question->host, port, request, (size_t)len, flags, &conn);

	if (ret == 0)
		ret = paths_read(conn, 0, &responses);
	uint64_t ended_ns = paths_now_ns();

	if (ret != 0)
		fprintf(stderr, "%s: %s\n", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	tell(ret, responses.whole, ended_ns, conn);
	tlsfo_conn_close(conn, tlsfo_deadline_in(CLOSE_MS));
}

int main(int argc, char **argv)
{
	struct tlsfo_store *store = NULL;
	struct question question;

	if (argc != 5)
		return 2;
	const struct paths_config wanted = {
		.ca = argv[2],
		.store = argv[3],
		.mode = strcmp(argv[1], "never") == 0 ? TLSFO_USE_FAST_OPEN_NEVER
						      : TLSFO_USE_FAST_OPEN_AUTO,
	};
	struct tlsfo_config *config = paths_config_new(&wanted, &store);

	while (scanf("%63s %63s %63s", question.host, question.data, question.name) == 3)
		visit(config, argv[4], &question);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	return 0;
}
