/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "configure.h"
#include "connecting.h"
#include "cookies.h"
#include "failure.h"
#include "holdings.h"
#include "last_words.h"
#include "options.h"
#include "report.h"
#include "store_place.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <tlsfo/tlsfo.h>

#include "base/text.h"

/* For the cookies of the other addresses: a dead one does not answer ever. */
#define COOKIE_WAIT_MS 1000

/* What every port has in common. */
struct warming {
	const struct connect_options *options;
	struct tlsfo_config *config;
	struct tlsfo_store *store; /* or NULL */
};

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

/* Of one address the report knows more than a count. */
static void describe_cookies(const struct tlsfo_report *report, const struct cookies *cookies,
	char *ret_text, size_t size)
{
	if (cookies->count > 1 && cookies->known > 0)
		(void)snprintf(ret_text, size, "cookies known for %u of %u addresses",
			cookies->known, cookies->count);
	else
		(void)snprintf(ret_text, size, "%s", cookie_words(report));
}

static enum command_status tell(const struct warming *warming, const char *port,
	const struct tlsfo_report *report, const char *cookies, unsigned int got)
{
	struct holdings holdings = {.tickets = 0};
	char kept[32] = "none kept";
	char early_data[48] = "no early data";
	char line[TLSFO_HOST_SIZE + 256] = "";

	if (warming->store &&
		holdings_count(warming->store, warming->options->host, report->port, &holdings) < 0)
		complain("the store cannot be read");
	if (holdings.tickets > 0)
		(void)snprintf(kept, sizeof(kept), "%u kept", holdings.tickets);
	if (holdings.early_data > 0)
		(void)snprintf(early_data, sizeof(early_data), "%lu bytes of early data",
			(unsigned long)holdings.early_data);
	(void)snprintf(line, sizeof(line) - 1, "%s port %s: %s, %u ticket%s got, %s, %s",
		warming->options->host, port, cookies, got, got == 1 ? "" : "s", kept, early_data);
	text_make_printable(line);
	(void)strcat(line, "\n");
	return say(line);
}

static bool is_address(const char *host)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST};
	struct addrinfo *found = NULL;
	char text[TLSFO_HOST_SIZE] = "";
	size_t length = 0;
	const char *bare = host_bare(host, &length);

	(void)snprintf(text, sizeof(text), "%.*s", (int)length, bare);
	if (getaddrinfo(text, NULL, &hints, &found) != 0)
		return false;
	freeaddrinfo(found);
	return true;
}

/* The cookies of the addresses that were not connected to. */
static void fetch_cookies(const struct warming *warming, const char *port,
	const struct tlsfo_report *report, struct cookies *ret_cookies)
{
	int64_t rtt_ms = report->rtt_us > 0 ? report->rtt_us / 1000 : 0;

	*ret_cookies = (struct cookies){.asked = false};
	if (report->fast_open == TLSFO_FAST_OPEN_UNAVAILABLE ||
		report->fast_open == TLSFO_FAST_OPEN_OFF || is_address(warming->options->host))
		return;
	cookies_fetch(warming->config, warming->options->host, port, COOKIE_WAIT_MS + 2 * rtt_ms,
		ret_cookies);
}

static enum command_status warm_port(const struct warming *warming, const char *port)
{
	const struct connect_options *options = warming->options;
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	struct tlsfo_conn *conn = NULL;
	enum command_status status = STATUS_DONE;
	struct last_words words = {.tickets = 0};
	struct cookies cookies;
	char cookie_text[64] = "";
	bool reported = false;
	int ret = make_conn(warming->config, options, port, &conn);

	if (ret == 0)
		ret = tlsfo_conn_open(conn, tlsfo_deadline_in(options->timeout_ms));
	if (ret == 0)
		ret = tlsfo_conn_get_report(conn, &report);
	if (ret < 0) {
		status = tell_connect_failure(conn, ret, options, port);
		tlsfo_conn_free(conn);
		return status;
	}
	reported = report_write(conn, options);
	last_words(conn, report.rtt_us, &words);
	if (last_words_refuse(&words)) {
		complain("%s", words_for(conn, words.end));
		tlsfo_conn_free(conn);
		return status_of(words.end);
	}
	tlsfo_conn_free(conn);
	fetch_cookies(warming, port, &report, &cookies);
	describe_cookies(&report, &cookies, cookie_text, sizeof(cookie_text));
	status = tell(warming, port, &report, cookie_text, words.tickets);
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
	static const struct connecting warm = {"warm", warm_help, warm_options_parse, warm_with};

	return connecting_run(&warm, argc, argv);
}
