/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The report of a connection: what each of its parts knows. */

#include "client/conn.h"

#include <stdio.h>

#include <tlsfo/error.h>

#include "report/form.h"

static void fill(struct tlsfo_conn *conn, struct tlsfo_report *report)
{
	const struct attempt *adopted = conn->io.transport != NULL ? conn_attempt(conn) : NULL;

	report_init(report);
	snprintf(report->host, sizeof(report->host), "%s", conn->target.host);
	bool left = opening_report(
		&conn->opening, conn->handshake.transport, adopted, conn->begun_us, report);
	report->early_data = conn->first.fate;
	report->early_data_reason = conn->first.withheld;
	/* Nobody can have seen early data that was made as long as no attempt carried anything. */
	if (conn->first.early > 0 && !left)
		report->early_data = TLSFO_EARLY_DATA_WITHHELD;
	else if (conn->first.early > 0)
		report->early_data_bytes = (int64_t)conn->first.early;
	report->reconnected = conn->reconnected;
	/* The first connection gave fast open up. */
	if (conn->reconnected == TLSFO_RECONNECT_PATH_SWALLOWS) {
		report->fast_open = TLSFO_FAST_OPEN_FELL_BACK;
		report->reason = TLSFO_REASON_SWALLOWED;
	}
	report->resolved_us = conn->resolved_us;
	if (conn->handshake.over_us != 0) {
		report->handshake_us = conn->handshake.over_us - conn->begun_us;
		report_session(conn->handshake.session, report);
		report->verified = trust_verifies(&conn->config->trust) &&
				   (conn->handshake.accepted || report->resumed > 0);
		if (report->hello_retried == TLSFO_UNKNOWN)
			report->hello_retried = 0;
	}
	report->tickets_left = tickets_left(&conn->tickets);
	/* The server may still send one. */
	if (report->tickets_left == 0 && conn->failure.code == 0 && !conn->io.read_ended)
		report->tickets_left = TLSFO_UNKNOWN;
	report->error = conn->failure.code;
	report->system_error = conn->failure.system_error;
	snprintf(report->error_text, sizeof(report->error_text), "%s",
		report->error != 0 ? tlsfo_conn_error(conn) : "");
}

int tlsfo_conn_get_report(struct tlsfo_conn *conn, struct tlsfo_report *report)
{
	struct tlsfo_report full;

	if (conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	fill(conn, &full);
	return report_copy(report, &full) ? 0 : TLSFO_E_INVALID_ARGUMENT;
}

int tlsfo_conn_report_json(struct tlsfo_conn *conn, char *buf, size_t size)
{
	struct tlsfo_report full;

	if (conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	fill(conn, &full);
	return tlsfo_report_json(&full, buf, size);
}
