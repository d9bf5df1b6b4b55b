/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "configure.h"
#include "failure.h"
#include "host_text.h"
#include "options.h"
#include "report.h"
#include "store_place.h"

#include <stdio.h>
#include <strings.h>

#include <gnutls/gnutls.h>

#include <tlsfo/tlsfo.h>

/* Tickets come with the server's first words after the handshake: they are waited for for two round
 * trips, but not for less than a second, because servers are busy, and not for more than three. */
#define WAIT_LEAST_MS 1000
#define WAIT_MOST_MS  3000

/* What the store holds for one host and port. */
struct holdings {
	char host[TLSFO_HOST_SIZE];
	unsigned int port;
	unsigned int tickets;
	int64_t newest;
	uint32_t early_data; /* bytes that the newest ticket allows */
};

/* What every port has in common. */
struct warming {
	const struct connect_options *options;
	struct tlsfo_config *config;
	struct tlsfo_store *store; /* or NULL */
};

/* Between GnuTLS and tlsfo's own hook: counts the tickets that the server gives. */
static int count_tickets(gnutls_session_t session, unsigned int type, unsigned int when,
	unsigned int incoming, const gnutls_datum_t *message)
{
	unsigned int *tickets = gnutls_session_get_ptr(session);
	int ret = tlsfo_transport_hook(session, type, when, incoming, message);

	if (ret == 0 && type == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET && when == GNUTLS_HOOK_POST)
		(*tickets)++;
	return ret;
}

/* Says goodbye, and reads until the server has done so too, so that every ticket has come; what
 * else comes is thrown away. Returns how many tickets the server gave. */
static unsigned int collect_tickets(struct tlsfo_conn *conn, int64_t rtt_us)
{
	gnutls_session_t session = tlsfo_conn_session(conn);
	int64_t wait_ms = 2 * rtt_us / 1000;
	int64_t until = 0;
	unsigned int tickets = 0;
	char thrown_away[4096];
	ssize_t count = 1;

	if (wait_ms < WAIT_LEAST_MS)
		wait_ms = WAIT_LEAST_MS;
	until = tlsfo_deadline_in(wait_ms < WAIT_MOST_MS ? wait_ms : WAIT_MOST_MS);
	gnutls_session_set_ptr(session, &tickets);
	gnutls_handshake_set_hook_function(
		session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, count_tickets);
	if (tlsfo_conn_shutdown(conn, until) == 0)
		while (count > 0 && tlsfo_now() < until)
			count = tlsfo_conn_read(conn, thrown_away, sizeof(thrown_away), until);
	gnutls_handshake_set_hook_function(
		session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
	gnutls_session_set_ptr(session, NULL);
	/* Older versions give theirs within the handshake, which may have been over before we counted. */
	if (gnutls_protocol_get_version(session) < GNUTLS_TLS1_3)
		return gnutls_session_get_flags(session) & GNUTLS_SFLAGS_SESSION_TICKET ? 1 : 0;
	return tickets;
}

static int add_holding(const struct tlsfo_store_entry *entry, void *userdata)
{
	struct holdings *holdings = userdata;

	if (entry->kind != TLSFO_STORE_TICKET || entry->port != holdings->port ||
		strcasecmp(entry->host, holdings->host) != 0)
		return 0;
	if (holdings->tickets == 0 || entry->received > holdings->newest ||
		(entry->received == holdings->newest &&
			entry->max_early_data < holdings->early_data)) {
		holdings->newest = entry->received;
		holdings->early_data = entry->max_early_data;
	}
	holdings->tickets++;
	return 0;
}

static const char *cookie_words(const struct tlsfo_report *report)
{
	switch (report->fast_open) {
	case TLSFO_FAST_OPEN_ACKNOWLEDGED:
	case TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED:
	case TLSFO_FAST_OPEN_COOKIE_REQUESTED:
		return "cookie known";
	case TLSFO_FAST_OPEN_NO_COOKIE_GIVEN:
		return "cookie not given";
	case TLSFO_FAST_OPEN_FELL_BACK:
		return "no cookie (no answer to the SYN that asked)";
	case TLSFO_FAST_OPEN_OFF:
		if (report->reason == TLSFO_REASON_PATH_REMEMBERED)
			return "no cookie (fast open failed here before)";
		return "no cookie (fast open unavailable here)";
	case TLSFO_FAST_OPEN_UNAVAILABLE:
		return "no cookie (fast open unavailable here)";
	case TLSFO_FAST_OPEN_UNKNOWN:
	default:
		return "cookie not known";
	}
}

static enum command_status tell(const struct warming *warming, const char *port,
	const struct tlsfo_report *report, unsigned int got)
{
	struct holdings holdings = {.port = report->port};
	char kept[32] = "none kept";
	char early_data[48] = "no early data";
	char line[TLSFO_HOST_SIZE + 256] = "";

	host_text(warming->options->host, holdings.host, sizeof(holdings.host));
	if (warming->store && tlsfo_store_list(warming->store, add_holding, &holdings) < 0)
		complain("the store cannot be read");
	if (holdings.tickets > 0)
		(void)snprintf(kept, sizeof(kept), "%u kept", holdings.tickets);
	if (holdings.early_data > 0)
		(void)snprintf(early_data, sizeof(early_data), "%lu bytes of early data",
			(unsigned long)holdings.early_data);
	(void)snprintf(line, sizeof(line), "%s port %s: %s, %u ticket%s got, %s, %s\n",
		warming->options->host, port, cookie_words(report), got, got == 1 ? "" : "s", kept,
		early_data);
	return say(line);
}

static enum command_status warm_port(const struct warming *warming, const char *port)
{
	const struct connect_options *options = warming->options;
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	struct tlsfo_conn *conn = NULL;
	enum command_status status = STATUS_DONE;
	unsigned int got = 0;
	bool reported = false;
	int ret = tlsfo_connect(warming->config, options->host, port,
		tlsfo_deadline_in(options->timeout_ms), &conn);

	if (ret == 0)
		ret = tlsfo_conn_get_report(conn, &report);
	if (ret < 0) {
		status = tell_connect_failure(conn, ret, options, port);
		tlsfo_conn_free(conn);
		return status;
	}
	reported = report_write(conn, options);
	got = collect_tickets(conn, report.rtt_us);
	tlsfo_conn_free(conn);
	status = tell(warming, port, &report, got);
	return status == STATUS_DONE && !reported ? STATUS_LOCAL : status;
}

/* Every port is tried; the first failure decides the status. */
static enum command_status warm_with(const struct connect_options *options)
{
	struct warming warming = {.options = options};
	enum command_status first = store_for_connections(options, &warming.store);

	if (first == STATUS_DONE)
		first = configure(options, TLSFO_TICKETS_COLLECT, warming.store, &warming.config);
	for (size_t i = 0; warming.config && i < options->port_count; i++) {
		enum command_status status = warm_port(&warming, options->ports[i]);

		if (first == STATUS_DONE)
			first = status;
	}
	tlsfo_config_free(warming.config);
	tlsfo_store_free(warming.store);
	return first;
}

enum command_status warm_run(int argc, char **argv)
{
	struct connect_options options;

	switch (warm_options_parse(&options, argc, argv)) {
	case OPTIONS_HELP:
		return say(warm_help);
	case OPTIONS_VERSION:
		return say_version();
	case OPTIONS_CONNECT:
		return warm_with(&options);
	case OPTIONS_WRONG:
		break;
	}
	complain("warm: %s", options.error);
	(void)fputs("Try 'tlsfo warm --help'.\n", stderr);
	return STATUS_USAGE;
}
