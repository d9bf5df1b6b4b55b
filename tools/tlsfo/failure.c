/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "failure.h"

#include "report.h"

#include <stdbool.h>

#include <gnutls/gnutls.h>

#include <tlsfo/tlsfo.h>

enum command_status status_of(int error)
{
	switch (error) {
	case TLSFO_E_INVALID_ARGUMENT:
	case TLSFO_E_INVALID_FILE:
	case TLSFO_E_STORE_UNSAFE:
	case TLSFO_E_STORE_VERSION:
	case TLSFO_E_SERVICE_NOT_FOUND:
		return STATUS_USAGE;
	case TLSFO_E_NAME_NOT_FOUND:
	case TLSFO_E_NAME_LOOKUP_FAILED:
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

const char *words_for(const struct tlsfo_conn *conn, int error)
{
	const char *text = tlsfo_conn_error(conn);

	return text[0] ? text : tlsfo_strerror(error);
}

enum command_status tell_connect_failure(
	struct tlsfo_conn *conn, int error, const struct connect_options *options, const char *port)
{
	bool told = conn && report_write(conn, options) && options->report != REPORT_NONE;

	if (!told && conn)
		complain("%s", words_for(conn, error));
	else if (!told)
		complain("%s port %s: %s", options->host, port, tlsfo_strerror(error));
	return status_of(error);
}
