/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"
#include "client/tickets.h"

#include <stdio.h>
#include <string.h>

#include <tlsfo/error.h>

#include "net/stream.h"
#include "tls/transport_report.h"

/* The session runs over it. */
static bool is_adopted(const struct tlsfo_conn *conn, const struct attempt *attempt)
{
	return conn->fd >= 0 && attempt->fd == conn->fd;
}

static void report_attempts(const struct tlsfo_conn *conn, struct tlsfo_report *report)
{
	report->attempt_count = conn->attempt_count;
	for (size_t i = 0; i < conn->attempt_count && i < TLSFO_ATTEMPTS_MAX; i++) {
		const struct attempt *attempt = &conn->attempts[i];

		attempt_to_report(attempt, conn->begun_us, &report->attempts[i]);
		if (is_adopted(conn, attempt))
			report_plain(report, &report->attempts[i]);
		/* It stands, and may still lose. */
		else if (attempt->fd >= 0 && attempt->state == ATTEMPT_CONNECTED)
			report->attempts[i].result = TLSFO_ATTEMPT_PENDING;
	}
}

/* The attempt that the report describes: one that is open, and one with fast open, before others; the last of these. */
static struct attempt *described(const struct tlsfo_conn *conn)
{
	struct attempt *found = NULL;

	for (size_t i = conn->race_first; i < conn->attempt_count; i++) {
		struct attempt *attempt = &conn->attempts[i];
		int better = found == NULL ? 1 : (attempt->fd >= 0) - (found->fd >= 0);

		if (attempt->fd < 0 && !attempt->facts_kept)
			continue;
		if (better > 0 || (better == 0 && (attempt->asked || !found->asked)))
			found = attempt;
	}
	return found;
}

/* As long as no attempt is the session's, the report is of one of them. */
static void report_connecting(const struct tlsfo_conn *conn, struct tlsfo_report *report)
{
	struct attempt *attempt = conn->fd < 0 ? described(conn) : NULL;

	if (attempt == NULL) {
		report_transport(conn->transport, report);
		return;
	}
	struct tlsfo_transport transport = *conn->transport;
	transport.attempt = attempt;
	transport.socket_cookie = attempt->fd >= 0 ? stream_cookie(attempt->fd) : 0;
	report_transport(&transport, report);
}

/* Without a session: tlsfo_prime() asks for cookies and closes. What became of fast open is not known
 * then, and that a system cannot do it is. */
static void report_primed(const struct tlsfo_conn *conn, struct tlsfo_report *report)
{
	for (size_t i = 0; i < conn->attempt_count; i++) {
		const struct attempt *attempt = &conn->attempts[i];

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

/* Nobody can have seen early data that was made as long as no attempt carried anything. */
static bool has_left(const struct tlsfo_conn *conn)
{
	for (size_t i = 0; i < conn->attempt_count; i++)
		if (conn->attempts[i].flight_sent > 0)
			return true;
	return false;
}

static void report_first_data(const struct tlsfo_conn *conn, struct tlsfo_report *report)
{
	const struct first_data *first = &conn->first;

	report->early_data = first->fate;
	report->early_data_reason = first->withheld;
	if (first->early == 0)
		return;
	if (has_left(conn))
		report->early_data_bytes = (int64_t)first->early;
	else
		report->early_data = TLSFO_EARLY_DATA_WITHHELD;
}

int tlsfo_conn_get_report(struct tlsfo_conn *conn, struct tlsfo_report *report)
{
	if (conn == NULL || report == NULL || report->size != sizeof(*report))
		return TLSFO_E_INVALID_ARGUMENT;
	report_init(report);
	report->engine = TLSFO_ENGINE_SOCKET;
	snprintf(report->host, sizeof(report->host), "%s", conn->host);
	if (conn->transport != NULL)
		report_connecting(conn, report);
	else
		report_primed(conn, report);
	report_attempts(conn, report);
	if (conn->fell_back != TLSFO_REASON_NONE) {
		report->fast_open = TLSFO_FAST_OPEN_FELL_BACK;
		report->reason = conn->fell_back;
	}
	report_first_data(conn, report);
	report->reconnected = conn->reconnected;
	report->resolved_us = conn->resolved_us;
	report->first_byte_us = conn->first_byte_us;
	report->handshake_us = conn->handshake_us;
	if (conn->ready) {
		report_session(conn->session, report);
		report->verified = !conn->config->insecure;
		if (report->hello_retried == TLSFO_UNKNOWN)
			report->hello_retried = 0;
	}
	report->tickets_left = tickets_left(conn);
	report->error = conn->error;
	report->system_error = conn->system_error;
	snprintf(report->error_text, sizeof(report->error_text), "%s", tlsfo_conn_error(conn));
	return 0;
}
