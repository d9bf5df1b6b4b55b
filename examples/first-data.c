/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks for a page with the request as first data, and keeps tickets in a directory. A run that finds
 * a cookie and a ticket there sends the request in the SYN, where the server allows it:
 *
 *	first-data STORE HOST PORT [CAFILE]
 *
 * Each run uses up one ticket, and the report says when none is left. How many a server gives is its own
 * affair: nginx gives two after a full handshake, and none in a visit with early data after which it
 * closes, as it does here, so that every third run is without early data. "tlsfo warm" fetches tickets
 * ahead of need, and so does a program with TLSFO_TICKETS_COLLECT.
 */
#include <stdio.h>
#include <string.h>
#include <tlsfo/tlsfo.h>

static int set_store(struct tlsfo_config *config, const char *path)
{
	struct tlsfo_store *store = NULL;
	int ret = tlsfo_store_open(path, NULL, 0, &store);

	if (ret == 0)
		ret = tlsfo_config_set_store(config, store);
	else
		fprintf(stderr, "%s: %s\n", path, tlsfo_store_error(store));
	/* The configuration has its own reference. */
	tlsfo_store_free(store);
	return ret;
}

/* A GET changes nothing, so it does no harm when it reaches the server twice. */
static int ask(struct tlsfo_config *config, const char *host, const char *service,
	struct tlsfo_conn **ret_conn)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";

	int ret = tlsfo_conn_new(config, host, service, ret_conn);

	if (ret == 0)
		ret = tlsfo_conn_set_first_data(
			*ret_conn, request, strlen(request), TLSFO_FIRST_DATA_REPLAYABLE, NULL);
	return ret == 0 ? tlsfo_conn_open(*ret_conn, tlsfo_deadline_in(5000)) : ret;
}

static int print_answer(struct tlsfo_conn *conn)
{
	int64_t deadline = tlsfo_deadline_in(5000);
	char buf[4096];
	ssize_t ret;

	while ((ret = tlsfo_conn_read(conn, buf, sizeof(buf), deadline)) > 0)
		fwrite(buf, 1, (size_t)ret, stdout);
	return (int)ret;
}

static void print_report(struct tlsfo_conn *conn)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	char line[512];

	if (tlsfo_conn_get_report(conn, &report) == 0 &&
		tlsfo_report_line(&report, line, sizeof(line)) > 0)
		fprintf(stderr, "%s\n", line);
}

int main(int argc, char **argv)
{
	struct tlsfo_config *config;
	struct tlsfo_conn *conn = NULL;
	int ret;

	if (argc < 4 || argc > 5) {
		fputs("usage: first-data STORE HOST PORT [CAFILE]\n", stderr);
		return 2;
	}
	if (tlsfo_config_new(&config) < 0)
		return 1;
	ret = set_store(config, argv[1]);
	if (ret == 0 && argc == 5)
		ret = tlsfo_config_set_ca_file(config, argv[4]);
	if (ret == 0)
		ret = ask(config, argv[2], argv[3], &conn);
	if (ret == 0)
		ret = print_answer(conn);
	if (conn != NULL)
		print_report(conn);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", argv[2], tlsfo_strerror(ret));
	/* Tickets may come behind the answer: closing waits a moment for them. */
	tlsfo_conn_close(conn, tlsfo_deadline_in(1000));
	tlsfo_config_free(config);
	return ret < 0;
}
