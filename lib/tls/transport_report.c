/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/transport.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <tlsfo/error.h>

#include "net/stream.h"
#include "net/tcp_facts.h"
#include "net/watch.h"
#include "race/verdict.h"
#include "report/form.h"
#include "tls/session.h"

/* Reads what the kernel says, if the descriptor still is the socket it was. */
static bool read_facts(const struct tlsfo_transport *transport, struct tcp_facts *ret_facts)
{
	const struct attempt *attempt = transport->attempt;

	*ret_facts = attempt->facts;
	if (attempt->fd < 0)
		return attempt->facts_kept;
	if (stream_cookie(attempt->fd) != transport->socket_cookie)
		return false;
	return tcp_facts_read(attempt->fd, ret_facts) == 0;
}

static int64_t since(int64_t begun_us, int64_t us)
{
	return us < 0 ? TLSFO_UNKNOWN : us - begun_us;
}

void attempt_to_report(
	const struct attempt *attempt, int64_t begun_us, struct tlsfo_attempt *ret_attempt)
{
	/* An attempt is plain, too, where the system has no fast open or forbids it. */
	bool is_plain = attempt->plain || attempt->absence != FASTOPEN_TRIED;

	*ret_attempt = (struct tlsfo_attempt){
		.mode = is_plain ? TLSFO_MODE_PLAIN : TLSFO_MODE_FAST_OPEN,
		.error = attempt->state == ATTEMPT_FAILED ? attempt->error : 0,
		.start_us = since(begun_us, attempt->start_us),
		.connected_us = since(begun_us, attempt->connected_us),
		.cookie = attempt->cookie_known,
	};
	address_print(&attempt->address, ret_attempt->address, sizeof(ret_attempt->address));
	if (attempt->lost)
		ret_attempt->result = TLSFO_ATTEMPT_LOST;
	else if (attempt->state == ATTEMPT_CONNECTED)
		ret_attempt->result = TLSFO_ATTEMPT_WON;
	else if (attempt->state == ATTEMPT_FAILED)
		ret_attempt->result = TLSFO_ATTEMPT_FAILED;
}

void report_session(gnutls_session_t session, struct tlsfo_report *report)
{
	gnutls_datum_t protocol = {0};
	gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(session);

	report->tls_version = gnutls_protocol_get_name(gnutls_protocol_get_version(session));
	/* After a false start (RFC 7918) GnuTLS tells it only once the server's Finished was read. */
	if (cipher != GNUTLS_CIPHER_NULL)
		report->tls_cipher = gnutls_cipher_get_name(cipher);
	report->tls_group = gnutls_group_get_name(gnutls_group_get(session));
	report->resumed = gnutls_session_is_resumed(session) != 0;
	report->client_cert = session_client_cert(session);
	if (gnutls_alpn_get_selected_protocol(session, &protocol) == 0 &&
		protocol.size < sizeof(report->alpn))
		memcpy(report->alpn, protocol.data, protocol.size);
}

static void report_connection(struct tlsfo_transport *transport, struct tlsfo_report *report)
{
	struct attempt *attempt = transport->attempt;
	struct tcp_facts tcp;
	bool tcp_known = read_facts(transport, &tcp);
	int disabled_here = -1;

	/* The first words of the kernel about the answer to the SYN stay: it may forget the cookie that the SYN asked
	 * for, or learn one from another connection. */
	if (tcp_known && tcp.was_connected) {
		attempt_keep_answer(attempt);
		if (attempt->syn_again < 0)
			attempt->syn_again = tcp.syn_retransmitted;
		tcp.syn_retransmitted = attempt->syn_again > 0;
		if (tcp.fail == TCP_FASTOPEN_FAIL_NO_COOKIE && attempt->cookie_known < 0)
			attempt->cookie_known = tcp_cookie_known(attempt->fd, &attempt->address);
	}
	if (tcp_known) {
		report->rtt_us = tcp.rtt_us;
		report->connected = tcp.was_connected;
		if (tcp.fail == TCP_FASTOPEN_FAIL_NONE)
			disabled_here = stream_fastopen_disabled();
		if (watch_found_swallowed(&tcp, transport_system_error(transport)))
			report->error = TLSFO_E_PATH_SWALLOWS;
	} else if (attempt->state == ATTEMPT_CONNECTED) {
		report->connected = 1;
	} else if (attempt->sent && attempt->state != ATTEMPT_FAILED) {
		report->connected = TLSFO_UNKNOWN;
	}
	struct syn_verdict verdict =
		verdict_on_syn(attempt, tcp_known ? &tcp : NULL, disabled_here);
	report->fast_open = verdict.fast_open;
	report->reason = verdict.reason;
	report->syn_bytes = verdict.syn_bytes;
	report->flight_in_syn = TLSFO_UNKNOWN;
	if (verdict.syn_bytes == 0)
		report->flight_in_syn = 0;
	else if (verdict.syn_bytes > 0 && report->flight_bytes > 0)
		report->flight_in_syn = verdict.syn_bytes >= report->flight_bytes;
}

void report_transport(struct tlsfo_transport *transport, struct tlsfo_report *report)
{
	const struct attempt *attempt = transport->attempt;

	engine_gnutls_look(transport);
	report->engine = transport->engine;
	report->flight_bytes = transport->flight_bytes;
	if (transport->hello_retried)
		report->hello_retried = 1;
	report_connection(transport, report);
	if (address_family(&attempt->address) == 0 && attempt->fd < 0)
		return;
	report->family = address_family(&attempt->address);
	report->port = address_port(&attempt->address);
	address_print(&attempt->address, report->address, sizeof(report->address));
	if (attempt->sent)
		report->first_sent_us = since(transport->begun_us, attempt->start_us);
	report->connected_us = since(transport->begun_us, attempt->connected_us);
	report->system_error = transport_system_error(transport);
	/* The program may have taken it off the socket. */
	bool swallowed = report->error == TLSFO_E_PATH_SWALLOWS;
	if (swallowed && report->system_error == 0)
		report->system_error = ETIMEDOUT;
	if (report->error == 0)
		report->error = transport->error;
	if (report->error == 0 && report->system_error != 0)
		report->error = TLSFO_E_SYSTEM;
	if (report->error == 0)
		return;
	bool by_system = report->system_error != 0;
	bool named = by_system && report->address[0] != '\0';
	snprintf(report->error_text, sizeof(report->error_text), "%s%s%s",
		named ? report->address : "", named ? ": " : "",
		by_system && !swallowed ? strerror(report->system_error)
					: tlsfo_strerror(report->error));
}

/* The session's only attempt is the connection. Returns true when anything of a held flight has left. */
static bool report_own_attempt(struct tlsfo_transport *transport, struct tlsfo_report *report)
{
	report_transport(transport, report);
	report->attempt_count = transport->attempt->state == ATTEMPT_IDLE ? 0 : 1;
	attempt_to_report(transport->attempt, transport->begun_us, &report->attempts[0]);
	report->attempts[0].error = report->system_error;
	/* GnuTLS's engine does not tell us how it connects. */
	if (report->reason == TLSFO_REASON_DISABLED_HERE)
		report->attempts[0].mode = TLSFO_MODE_PLAIN;
	if (report->connected > 0)
		report->attempts[0].result = TLSFO_ATTEMPT_WON;
	else if (report->system_error != 0)
		report->attempts[0].result = TLSFO_ATTEMPT_FAILED;
	return transport->attempt->flight_sent > 0;
}

int tlsfo_transport_get_report(gnutls_session_t session, struct tlsfo_report *report)
{
	struct tlsfo_report full;

	if (session == NULL || report == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	struct tlsfo_transport *transport = tlsfo_transport_get(session);
	if (transport == NULL)
		return TLSFO_E_NO_TRANSPORT;
	report_init(&full);
	/* Early data leaves with the hello, or not at all. */
	bool left = transport->opener != NULL ? transport->opener->report(transport->opener, &full)
					      : report_own_attempt(transport, &full);
	bool established = session_is_established(session);
	if (established)
		report_session(session, &full);
	bool accepted = established &&
			(gnutls_session_get_flags(session) & GNUTLS_SFLAGS_EARLY_DATA) != 0 &&
			gnutls_session_is_resumed(session) != 0;
	if (transport->early_data) {
		full.early_data_bytes = left ? TLSFO_UNKNOWN : 0;
		full.early_data = left ? TLSFO_EARLY_DATA_UNKNOWN : TLSFO_EARLY_DATA_WITHHELD;
	}
	if (transport->early_data && established)
		full.early_data = accepted ? TLSFO_EARLY_DATA_ACCEPTED : TLSFO_EARLY_DATA_REJECTED;
	return report_copy(report, &full) ? 0 : TLSFO_E_INVALID_ARGUMENT;
}

int tlsfo_transport_errno(gnutls_session_t session)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;

	return tlsfo_transport_get_report(session, &report) == 0 ? report.system_error : 0;
}

const char *tlsfo_transport_error(gnutls_session_t session)
{
	struct tlsfo_transport *transport = tlsfo_transport_get(session);
	struct tlsfo_report report = TLSFO_REPORT_INIT;

	if (transport == NULL || tlsfo_transport_get_report(session, &report) != 0)
		return "";
	if (report.error != 0)
		failure_set(&transport->failure, report.error, report.system_error, "%s",
			report.error_text);
	return failure_text(&transport->failure);
}
