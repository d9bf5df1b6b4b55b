/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "configure.h"
#include "connecting.h"
#include "early_input.h"
#include "failure.h"
#include "options.h"
#include "relay.h"
#include "report.h"
#include "store_place.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#include <tlsfo/tlsfo.h>

/* How long the last close_notify may take when everything else is done. */
#define CLOSE_MS 1000

static enum command_status tell_relay_end(const struct tlsfo_conn *conn, enum relay_end end,
	int error, const struct connect_options *options)
{
	const char *host = options->host;
	const char *port = options->port;

	switch (end) {
	case RELAY_DONE:
		return STATUS_DONE;
	case RELAY_NO_ANSWER:
		complain("%s port %s: the server closed without an answer%s", host, port,
			options->half_close ? ", perhaps because of --half-close" : "");
		return STATUS_TLS;
	case RELAY_INPUT_LEFT:
		complain("%s port %s: the server closed before it had taken all input", host, port);
		return STATUS_TLS;
	case RELAY_TRUNCATED:
		complain("%s port %s: the server closed without close_notify, data may be missing",
			host, port);
		return STATUS_TLS;
	case RELAY_FAILED:
		complain("%s", words_for(conn, error));
		return STATUS_TLS;
	case RELAY_INPUT_FAILED:
		complain("standard input: %s", strerror(error));
		return STATUS_LOCAL;
	case RELAY_OUTPUT_FAILED:
		complain("standard output: %s", strerror(error));
		return STATUS_LOCAL;
	case RELAY_IDLE:
		complain("%s port %s: nothing moved for %g seconds", host, port,
			(double)options->idle_timeout_ms / 1000);
		return STATUS_DEADLINE;
	}
	return STATUS_LOCAL;
}

/* A server that closed gets its answer. In any other case close_notify would claim that the input
 * was complete. */
static void hang_up(struct tlsfo_conn *conn, enum relay_end end)
{
	if (end == RELAY_DONE || end == RELAY_NO_ANSWER)
		(void)tlsfo_conn_close(conn, tlsfo_deadline_in(CLOSE_MS));
	else
		tlsfo_conn_free(conn);
}

static enum command_status converse(struct tlsfo_conn *conn, const struct connect_options *options,
	const struct early_input *input)
{
	const struct relay_terms terms = {
		.host = options->host,
		.port = options->port,
		.idle_timeout_ms = options->idle_timeout_ms,
		.half_close = options->half_close,
		.input_begun = input->len > 0,
		.input_ended = input->ended,
	};
	bool reported = report_write(conn, options);
	int error = 0;
	enum relay_end end = relay_run(conn, &terms, &error);
	enum command_status status = tell_relay_end(conn, end, error, options);

	report_tickets(conn, options);
	hang_up(conn, end);
	return status == STATUS_DONE && !reported ? STATUS_LOCAL : status;
}

/* The configuration, with the store that was asked for. */
static enum command_status prepare(
	const struct connect_options *options, struct tlsfo_config **ret_config)
{
	struct tlsfo_store *store = NULL;
	enum command_status status = STATUS_DONE;

	if (!report_file_is_possible(options->report_file))
		return STATUS_USAGE;
	status = store_for_connections(options, &store);
	if (status == STATUS_DONE)
		status = configure(options, TLSFO_TICKETS_USE, store, ret_config);
	tlsfo_store_free(store);
	return status;
}

static enum command_status connect_first(struct tlsfo_config *config,
	const struct connect_options *options, const struct early_input *input)
{
	struct tlsfo_conn *conn = NULL;
	enum command_status status = STATUS_DONE;
	int ret = make_conn(config, options, options->port, &conn);

	if (ret == 0)
		ret = tlsfo_conn_set_first_data(
			conn, input->data, input->len, TLSFO_FIRST_DATA_REPLAYABLE, NULL);
	if (ret == 0)
		ret = tlsfo_conn_open(conn, tlsfo_deadline_in(options->timeout_ms));
	if (ret == 0)
		return converse(conn, options, input);
	status = tell_connect_failure(conn, ret, options, options->port);
	tlsfo_conn_free(conn);
	return status;
}

static enum command_status connect_with(const struct connect_options *options)
{
	struct tlsfo_config *config = NULL;
	struct early_input input = {.len = 0};
	enum command_status status = prepare(options, &config);
	int error = 0;

	if (status == STATUS_DONE && options->early_data)
		error = early_input_read(STDIN_FILENO, &input);
	if (error != 0) {
		complain("standard input: %s", strerror(error));
		status = STATUS_LOCAL;
	}
	if (status == STATUS_DONE)
		status = connect_first(config, options, &input);
	gnutls_memset(input.data, 0, input.len);
	tlsfo_config_free(config);
	return status;
}

enum command_status connect_run(int argc, char **argv)
{
	static const struct connecting connect = {
		"connect", connect_help, connect_options_parse, connect_with};

	return connecting_run(&connect, argc, argv);
}
