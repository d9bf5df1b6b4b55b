/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/names.h"

#include "base/macros.h"

static const char *name_of(const char *const *names, size_t count, unsigned int value)
{
	return value < count && names[value] != NULL ? names[value] : "unknown";
}

const char *tlsfo_fast_open_name(enum tlsfo_fast_open value)
{
	static const char *const names[] = {
		[TLSFO_FAST_OPEN_OFF] = "off",
		[TLSFO_FAST_OPEN_ACKNOWLEDGED] = "acknowledged",
		[TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED] = "not-acknowledged",
		[TLSFO_FAST_OPEN_COOKIE_REQUESTED] = "cookie-requested",
		[TLSFO_FAST_OPEN_NO_COOKIE_GIVEN] = "no-cookie-given",
		[TLSFO_FAST_OPEN_FELL_BACK] = "fell-back",
		[TLSFO_FAST_OPEN_UNAVAILABLE] = "unavailable",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}

const char *tlsfo_engine_name(enum tlsfo_engine value)
{
	static const char *const names[] = {
		[TLSFO_ENGINE_SOCKET] = "socket",
		[TLSFO_ENGINE_GNUTLS] = "gnutls",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}

const char *tlsfo_reason_text(enum tlsfo_reason value)
{
	static const char *const names[] = {
		[TLSFO_REASON_NONE] = "",
		[TLSFO_REASON_NOT_WANTED] = "switched off by the program",
		[TLSFO_REASON_DISABLED_HERE] = "disabled on this system (net.ipv4.tcp_fastopen)",
		[TLSFO_REASON_NOT_SUPPORTED] = "not supported by this system",
		[TLSFO_REASON_NO_COOKIE] = "no cookie was known",
		[TLSFO_REASON_COOKIE_NOT_GIVEN] = "the peer gave no cookie",
		[TLSFO_REASON_DATA_NOT_ACKNOWLEDGED] = "the SYN-ACK did not cover the data",
		[TLSFO_REASON_SYN_RETRANSMITTED] = "no answer to the fast-open SYN",
		[TLSFO_REASON_NOT_CONNECTED] = "not connected",
		[TLSFO_REASON_NOT_TOLD] = "the system does not tell",
		[TLSFO_REASON_NOT_STARTED] = "nothing was sent",
		[TLSFO_REASON_RESET] = "the SYN with data was reset",
		[TLSFO_REASON_RESET_LATER] = "a reset after acknowledged data",
		[TLSFO_REASON_SILENT] = "silence after acknowledged data",
		[TLSFO_REASON_SWALLOWED] = "the path swallows what follows the SYN",
		[TLSFO_REASON_PATH_REMEMBERED] = "fast open failed here before",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}

const char *mode_name(enum tlsfo_mode value)
{
	return value == TLSFO_MODE_PLAIN ? "plain" : "fast-open";
}

const char *attempt_result_name(enum tlsfo_attempt_result value)
{
	static const char *const names[] = {
		[TLSFO_ATTEMPT_PENDING] = "pending",
		[TLSFO_ATTEMPT_FAILED] = "failed",
		[TLSFO_ATTEMPT_WON] = "won",
		[TLSFO_ATTEMPT_LOST] = "lost",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}

const char *reconnect_name(enum tlsfo_reconnect value)
{
	static const char *const names[] = {
		[TLSFO_RECONNECT_NONE] = "none",
		[TLSFO_RECONNECT_HELLO_RETRIED] = "hello-retried",
		[TLSFO_RECONNECT_CONNECTION_LOST] = "connection-lost",
		[TLSFO_RECONNECT_HANDSHAKE_FAILED] = "handshake-failed",
		[TLSFO_RECONNECT_PATH_SWALLOWS] = "path-swallows",
		[TLSFO_RECONNECT_EARLY_DATA_SWALLOWED] = "early-data-swallowed",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}

const char *reconnect_text(enum tlsfo_reconnect value)
{
	static const char *const names[] = {
		[TLSFO_RECONNECT_NONE] = "",
		[TLSFO_RECONNECT_HELLO_RETRIED] = "the server wanted another ClientHello",
		[TLSFO_RECONNECT_CONNECTION_LOST] =
			"the connection was lost with early data in flight",
		[TLSFO_RECONNECT_HANDSHAKE_FAILED] =
			"the handshake failed with early data in flight",
		[TLSFO_RECONNECT_PATH_SWALLOWS] = "the path swallows what follows a fast-open SYN",
		[TLSFO_RECONNECT_EARLY_DATA_SWALLOWED] =
			"the path swallowed the hello with early data",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}

const char *early_data_name(enum tlsfo_early_data value)
{
	static const char *const names[] = {
		[TLSFO_EARLY_DATA_NONE] = "none",
		[TLSFO_EARLY_DATA_ACCEPTED] = "accepted",
		[TLSFO_EARLY_DATA_REJECTED] = "rejected",
		[TLSFO_EARLY_DATA_WITHHELD] = "withheld",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}

const char *client_cert_name(enum tlsfo_client_cert value)
{
	static const char *const names[] = {
		[TLSFO_CLIENT_CERT_NOT_ASKED] = "not-asked",
		[TLSFO_CLIENT_CERT_NOT_SENT] = "not-sent",
		[TLSFO_CLIENT_CERT_SENT] = "sent",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}

const char *withheld_name(enum tlsfo_withheld value)
{
	static const char *const names[] = {
		[TLSFO_WITHHELD_NOT] = "none",
		[TLSFO_WITHHELD_NOT_REPLAYABLE] = "not-replayable",
		[TLSFO_WITHHELD_NO_TICKET] = "no-ticket",
		[TLSFO_WITHHELD_NOT_ALLOWED] = "not-allowed",
		[TLSFO_WITHHELD_TOO_LARGE] = "too-large",
		[TLSFO_WITHHELD_OTHER_PROTOCOL] = "other-protocol",
		[TLSFO_WITHHELD_CONNECTED_AGAIN] = "connected-again",
		[TLSFO_WITHHELD_TICKET_REFUSED] = "ticket-refused",
		[TLSFO_WITHHELD_PATH_REMEMBERED] = "path-remembered",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}

const char *withheld_text(enum tlsfo_withheld value)
{
	static const char *const names[] = {
		[TLSFO_WITHHELD_NOT] = "",
		[TLSFO_WITHHELD_NOT_REPLAYABLE] = "not marked as safe to be processed twice",
		[TLSFO_WITHHELD_NO_TICKET] = "no ticket",
		[TLSFO_WITHHELD_NOT_ALLOWED] = "the ticket allows none",
		[TLSFO_WITHHELD_TOO_LARGE] = "more than the ticket allows",
		[TLSFO_WITHHELD_OTHER_PROTOCOL] = "the ticket is for another protocol",
		[TLSFO_WITHHELD_CONNECTED_AGAIN] = "on the second connection",
		[TLSFO_WITHHELD_TICKET_REFUSED] = "GnuTLS did not take the ticket",
		[TLSFO_WITHHELD_PATH_REMEMBERED] =
			"the path swallowed a hello with early data before",
	};

	return name_of(names, array_length(names), (unsigned int)value);
}
