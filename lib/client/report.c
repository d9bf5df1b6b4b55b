/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/report.h"

#include "net/stream.h"
#include "tls/transport.h"

static void report_attempts(struct tlsfo_report *report, const struct opening *opening,
	const struct attempt *adopted, int64_t begun_us)
{
	report->attempt_count = opening->attempt_count;
	for (size_t i = 0; i < opening->attempt_count && i < TLSFO_ATTEMPTS_MAX; i++) {
		const struct attempt *attempt = &opening->attempts[i];

		attempt_to_report(attempt, begun_us, &report->attempts[i]);
		/* The attempt is connected, and another one may still win. */
		if (attempt != adopted && attempt->fd >= 0 && attempt->state == ATTEMPT_CONNECTED)
			report->attempts[i].result = TLSFO_ATTEMPT_PENDING;
	}
}

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

void report_opening(struct tlsfo_report *report, const struct opening *opening,
	struct tlsfo_transport *transport, const struct attempt *adopted, int64_t begun_us,
	enum tlsfo_reconnect reconnected)
{
	struct attempt *attempt = adopted == NULL ? opening_described(opening) : NULL;

	if (transport == NULL) {
		report_primed(report, opening);
	} else if (attempt == NULL) {
		report_transport(transport, report);
	} else {
		/* No attempt is the session's yet, so the report is of the one that tells most. */
		struct tlsfo_transport copy = *transport;

		copy.attempt = attempt;
		copy.socket_cookie = attempt->fd >= 0 ? stream_cookie(attempt->fd) : 0;
		report_transport(&copy, report);
	}
	report_attempts(report, opening, adopted, begun_us);
	report->engine = TLSFO_ENGINE_SOCKET;
	report->reconnected = reconnected;
	if (adopted != NULL && adopted->answered_us >= 0)
		report->first_byte_us = adopted->answered_us - begun_us;
	/* The first connection gave fast open up, or the race did. */
	enum tlsfo_reason fell_back = reconnected == TLSFO_RECONNECT_PATH_SWALLOWS
					      ? TLSFO_REASON_SWALLOWED
					      : opening->verdict.fell_back;
	if (fell_back == TLSFO_REASON_NONE)
		return;
	report->fast_open = TLSFO_FAST_OPEN_FELL_BACK;
	report->reason = fell_back;
}

void report_first_data(
	struct tlsfo_report *report, const struct first_data *first, const struct opening *opening)
{
	bool left = false;

	report->early_data = first->fate;
	report->early_data_reason = first->withheld;
	if (first->early == 0)
		return;
	for (size_t i = 0; i < opening->attempt_count; i++)
		left = left || opening->attempts[i].flight_sent > 0;
	/* Nobody can have seen early data that was made as long as no attempt carried anything. */
	if (left)
		report->early_data_bytes = (int64_t)first->early;
	else
		report->early_data = TLSFO_EARLY_DATA_WITHHELD;
}
