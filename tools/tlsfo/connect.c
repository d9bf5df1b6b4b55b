/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "options.h"
#include "relay.h"
#include "report.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>

#include <tlsfo/tlsfo.h>

/* How long the last close_notify may take when everything else is done. */
#define CLOSE_MS 1000

static enum command_status status_of(int error)
{
	switch (error) {
	case TLSFO_E_INVALID_ARGUMENT:
	case TLSFO_E_INVALID_FILE:
		return STATUS_USAGE;
	case TLSFO_E_NAME_NOT_FOUND:
	case TLSFO_E_NOT_CONNECTED:
	case TLSFO_E_SYSTEM:
		return STATUS_CONNECT;
	case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
	case GNUTLS_E_CERTIFICATE_ERROR:
		return STATUS_CERTIFICATE;
	case GNUTLS_E_TIMEDOUT:
		return STATUS_DEADLINE;
	case GNUTLS_E_MEMORY_ERROR:
		return STATUS_LOCAL;
	default:
		return STATUS_TLS;
	}
}

/* Hands the options to the configuration, as far as they were given. Returns 0 or a code, and the
 * option that it is about. */
static int configure_trust(
	struct tlsfo_config *config, const struct connect_options *options, const char **ret_option)
{
	int ret = 0;

	*ret_option = "--cafile";
	if (options->cafile && (ret = tlsfo_config_set_ca_file(config, options->cafile)) < 0)
		return ret;
	*ret_option = "--cert, --key";
	if (options->cert &&
		(ret = tlsfo_config_set_client_cert_file(config, options->cert, options->key)) < 0)
		return ret;
	*ret_option = "--servername";
	if (options->servername &&
		(ret = tlsfo_config_set_servername(config, options->servername)) < 0)
		return ret;
	*ret_option = "--insecure";
	if (options->insecure && (ret = tlsfo_config_insecure_noverify(config)) < 0)
		return ret;
	return 0;
}

static int configure_rest(
	struct tlsfo_config *config, const struct connect_options *options, const char **ret_option)
{
	int ret = 0;

	*ret_option = "--alpn";
	if (options->alpn_count > 0 &&
		(ret = tlsfo_config_set_alpn(config, options->alpn, options->alpn_count)) < 0)
		return ret;
	*ret_option = "--priority";
	if (options->priority && (ret = tlsfo_config_set_priority(config, options->priority)) < 0)
		return ret;
	*ret_option = "--bind";
	if (options->bind && (ret = tlsfo_config_set_local_address(config, options->bind)) < 0)
		return ret;
	*ret_option = options->family == AF_INET ? "-4" : "-6";
	if ((ret = tlsfo_config_set_family(config, options->family)) < 0)
		return ret;
	*ret_option = "--fast-open";
	if ((ret = tlsfo_config_set_fast_open(config, options->fast_open)) < 0)
		return ret;
	*ret_option = "--engine";
	return tlsfo_config_set_engine(config, options->engine);
}

static enum command_status configure(
	const struct connect_options *options, struct tlsfo_config **ret_config)
{
	struct tlsfo_config *config = NULL;
	const char *option = "";
	const char *text = NULL;
	int ret = tlsfo_config_new(&config);

	if (ret == 0)
		ret = configure_trust(config, options, &option);
	if (ret == 0)
		ret = configure_rest(config, options, &option);
	if (ret == 0) {
		*ret_config = config;
		return STATUS_DONE;
	}
	text = config ? tlsfo_config_error(config) : "";
	complain("%s%s%s", option, option[0] ? ": " : "", text[0] ? text : tlsfo_strerror(ret));
	tlsfo_config_free(config);
	return status_of(ret);
}

/* What is known about a code on this connection. */
static const char *words_for(const struct tlsfo_conn *conn, int error)
{
	const char *text = tlsfo_conn_error(conn);

	return text[0] ? text : tlsfo_strerror(error);
}

/* A report that was printed has the failure in it. */
static enum command_status tell_connect_failure(
	struct tlsfo_conn *conn, int error, const struct connect_options *options)
{
	bool told = conn && report_write(conn, options) && options->report != REPORT_NONE;

	if (!told && conn)
		complain("%s", words_for(conn, error));
	else if (!told)
		complain("%s port %s: %s", options->host, options->port, tlsfo_strerror(error));
	return status_of(error);
}

static enum command_status tell_relay_end(const struct tlsfo_conn *conn, enum relay_end end,
	int error, const struct connect_options *options)
{
	const char *host = options->host;
	const char *port = options->port;

	switch (end) {
	case RELAY_DONE:
		return STATUS_DONE;
	case RELAY_INPUT_LEFT:
		complain("%s port %s: the server closed before it had taken all input", host, port);
		return STATUS_TLS;
	case RELAY_TRUNCATED:
		complain("%s port %s: the server closed without close_notify, data may be missing",
			host, port);
		return STATUS_TLS;
	case RELAY_FAILED:
		complain("%s port %s: %s", host, port, words_for(conn, error));
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
	if (end == RELAY_DONE)
		(void)tlsfo_conn_close(conn, tlsfo_deadline_in(CLOSE_MS));
	else
		tlsfo_conn_free(conn);
}

static enum command_status converse(struct tlsfo_conn *conn, const struct connect_options *options)
{
	bool reported = report_write(conn, options);
	int error = 0;
	enum relay_end end = relay_run(conn, options->idle_timeout_ms, options->half_close, &error);
	enum command_status status = tell_relay_end(conn, end, error, options);

	hang_up(conn, end);
	return status == STATUS_DONE && !reported ? STATUS_LOCAL : status;
}

static enum command_status connect_with(const struct connect_options *options)
{
	struct tlsfo_config *config = NULL;
	struct tlsfo_conn *conn = NULL;
	enum command_status status = STATUS_DONE;
	int ret = 0;

	if (!report_file_is_possible(options->report_file))
		return STATUS_USAGE;
	status = configure(options, &config);
	if (status != STATUS_DONE)
		return status;

	ret = tlsfo_connect(config, options->host, options->port,
		tlsfo_deadline_in(options->timeout_ms), &conn);
	tlsfo_config_free(config);
	if (ret == 0)
		return converse(conn, options);
	status = tell_connect_failure(conn, ret, options);
	tlsfo_conn_free(conn);
	return status;
}

enum command_status connect_run(int argc, char **argv)
{
	struct connect_options options;

	switch (connect_options_parse(&options, argc, argv)) {
	case OPTIONS_HELP:
		return say(connect_help);
	case OPTIONS_VERSION:
		return say_version();
	case OPTIONS_CONNECT:
		return connect_with(&options);
	case OPTIONS_WRONG:
		break;
	}
	complain("connect: %s", options.error);
	(void)fputs("Try 'tlsfo connect --help'.\n", stderr);
	return STATUS_USAGE;
}
