/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The report of a connection: what each of its parts knows. */

#include "client/conn.h"

#include <stdio.h>

#include <tlsfo/error.h>

#include "net/stream.h"

/* Without a session: tlsfo_prime() asks for cookies and closes. What became of fast open is not known
 * then, and that a system cannot do it is. */
static void report_primed(struct tlsfo_report *report, const struct opening *opening)
{
	for (size_t i = 0; i < opening->attempt_count; i++) {
		const struct attempt *attempt = &opening->attempts[i];

		if (attempt->state == ATTEMPT_CONNECTED)
			report->connected = 1;
		if (!attempt->sent)
			continue;
		report->fast_open =
			attempt->asked ? TLSFO_FAST_OPEN_UNKNOWN : TLSFO_FAST_OPEN_UNAVAILABLE;
		report->reason = TLSFO_REASON_NONE;
		if (attempt->absence == FASTOPEN_DISABLED)
			report->reason = TLSFO_REASON_DISABLED_HERE;
		if (attempt->absence == FASTOPEN_NOT_SUPPORTED)
			report->reason = TLSFO_REASON_NOT_SUPPORTED;
	}
}

/* Fast open, over the attempt that the session runs over, or NULL. */
static void report_fast_open(
	struct tlsfo_report *report, const struct tlsfo_conn *conn, const struct attempt *adopted)
{
	struct tlsfo_transport *transport = conn->handshake.transport;
	struct attempt *described = adopted == NULL ? opening_described(&conn->opening) : NULL;

	if (transport == NULL) {
		report_primed(report, &conn->opening);
	} else if (described == NULL) {
		report_transport(transport, report);
	} else {
		/* No attempt is the session's yet, so the report is of the one that tells most. */
		struct tlsfo_transport copy = *transport;

		copy.attempt = described;
		copy.socket_cookie = described->fd >= 0 ? stream_cookie(described->fd) : 0;
		report_transport(&copy, report);
	}
	/* The first connection gave fast open up, or the race did. */
	enum tlsfo_reason fell_back = conn->reconnected == TLSFO_RECONNECT_PATH_SWALLOWS
					      ? TLSFO_REASON_SWALLOWED
					      : conn->opening.verdict.fell_back;
	if (fell_back == TLSFO_REASON_NONE)
		return;
	report->fast_open = TLSFO_FAST_OPEN_FELL_BACK;
	report->reason = fell_back;
}

static void report_attempts(
	struct tlsfo_report *report, const struct tlsfo_conn *conn, const struct attempt *adopted)
{
	const struct opening *opening = &conn->opening;
	bool left = false;

	report->attempt_count = opening->attempt_count;
	for (size_t i = 0; i < opening->attempt_count; i++) {
		const struct attempt *attempt = &opening->attempts[i];

		left = left || attempt->flight_sent > 0;
		if (i >= TLSFO_ATTEMPTS_MAX)
			continue;
		attempt_to_report(attempt, conn->begun_us, &report->attempts[i]);
		/* The attempt is connected, and another one may still win. */
		if (attempt != adopted && attempt->fd >= 0 && attempt->state == ATTEMPT_CONNECTED)
			report->attempts[i].result = TLSFO_ATTEMPT_PENDING;
	}
	report->early_data = conn->first.fate;
	report->early_data_reason = conn->first.withheld;
	/* Nobody can have seen early data that was made as long as no attempt carried anything. */
	if (conn->first.early > 0 && !left)
		report->early_data = TLSFO_EARLY_DATA_WITHHELD;
	else if (conn->first.early > 0)
		report->early_data_bytes = (int64_t)conn->first.early;
}

int tlsfo_conn_get_report(struct tlsfo_conn *conn, struct tlsfo_report *report)
{
	if (conn == NULL || report == NULL || report->size != sizeof(*report))
		return TLSFO_E_INVALID_ARGUMENT;
	const struct attempt *adopted = conn->io.transport != NULL ? conn_attempt(conn) : NULL;

	report_init(report);
	snprintf(report->host, sizeof(report->host), "%s", conn->target.host);
	report_fast_open(report, conn, adopted);
	report_attempts(report, conn, adopted);
	report->engine = TLSFO_ENGINE_SOCKET;
	report->reconnected = conn->reconnected;
	report->resolved_us = conn->resolved_us;
	if (adopted != NULL && adopted->answered_us >= 0)
		report->first_byte_us = adopted->answered_us - conn->begun_us;
	if (conn->handshake.over_us != 0) {
		report->handshake_us = conn->handshake.over_us - conn->begun_us;
		report_session(conn->handshake.session, report);
		report->verified = !conn->config->insecure;
		if (report->hello_retried == TLSFO_UNKNOWN)
			report->hello_retried = 0;
	}
	report->tickets_left = tickets_left(&conn->tickets);
	/* The server may still send one. */
	if (report->tickets_left == 0 && conn->failure.code == 0 && !conn->io.read_ended)
		report->tickets_left = TLSFO_UNKNOWN;
	report->error = conn->failure.code;
	report->system_error = conn->failure.system_error;
	snprintf(report->error_text, sizeof(report->error_text), "%s", tlsfo_conn_error(conn));
	return 0;
}
