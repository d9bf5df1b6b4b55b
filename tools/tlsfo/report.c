/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include "command.h"
#include "whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

typedef int (*form_function)(const struct tlsfo_report *report, char *buf, size_t size);

/* The report in one form, with a newline at its end, to be freed; NULL when there is no memory. */
static char *form(form_function function, const struct tlsfo_report *report)
{
	int length = function(report, NULL, 0);
	char *text = NULL;

	if (length < 0)
		return NULL;
	text = malloc((size_t)length + 2);
	if (!text)
		return NULL;
	length = function(report, text, (size_t)length + 1);
	if (length > 0 && text[length - 1] != '\n')
		(void)strcpy(text + length, "\n");
	return text;
}

static bool write_to_stderr(const struct tlsfo_report *report, enum report_form wanted)
{
	static const form_function functions[] = {
		[REPORT_LINE] = tlsfo_report_line,
		[REPORT_TEXT] = tlsfo_report_text,
		[REPORT_JSON] = tlsfo_report_json,
	};
	char *text = NULL;

	if (wanted == REPORT_NONE)
		return true;
	text = form(functions[wanted], report);
	if (!text) {
		complain("no memory for the report");
		return false;
	}
	/* Among the lines of other programs it should show whose it is. */
	(void)fprintf(stderr, "%s%s", wanted == REPORT_LINE ? "tlsfo: " : "", text);
	free(text);
	return true;
}

static bool write_to_file(const struct tlsfo_report *report, const char *path)
{
	const char *fault = strerror(ENOMEM);
	char *text = NULL;

	if (!path)
		return true;
	text = form(tlsfo_report_json, report);
	if (text)
		fault = whole_file_write(path, text, strlen(text));
	free(text);
	if (fault)
		complain("--report-file: %s: %s", path, fault);
	return !fault;
}

bool report_file_is_possible(const char *path)
{
	const char *fault = path ? whole_file_check(path) : NULL;

	if (fault)
		complain("--report-file: %s: %s", path, fault);
	return !fault;
}

bool report_write(struct tlsfo_conn *conn, const struct connect_options *options)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	int ret = 0;
	bool good = true;

	if (options->report == REPORT_NONE && !options->report_file)
		return true;
	ret = tlsfo_conn_get_report(conn, &report);
	if (ret < 0) {
		complain("no report: %s", tlsfo_strerror(ret));
		return false;
	}
	good = write_to_stderr(&report, options->report);
	return write_to_file(&report, options->report_file) && good;
}

void report_tickets(struct tlsfo_conn *conn, const struct connect_options *options)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	bool for_people = options->report == REPORT_LINE || options->report == REPORT_TEXT;

	if (!options->early_data || !for_people || tlsfo_conn_get_report(conn, &report) < 0)
		return;
	if (report.tickets_left == 0)
		complain("%s port %s: no ticket is left, so that the next visit sends no early "
			 "data; "
			 "'tlsfo warm' fetches some",
			options->host, options->port);
}
