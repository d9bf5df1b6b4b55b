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

/* The options that may help after this failure, or NULL. */
static const char *advice(struct tlsfo_conn *conn, int error, const struct connect_options *options)
{
	gnutls_session_t session = tlsfo_conn_session(conn);
	const char *name = options->servername ? options->servername : options->host;
	unsigned int status = 0;

	if (error == TLSFO_E_NAME_NOT_FOUND && options->bind)
		return "another address for --bind, or none, allows the other family";
	/* Of a connection that failed there is a session only if its certificate was refused. */
	if (!session || gnutls_certificate_verify_peers3(session, name, &status) < 0)
		return NULL;
	if (status & GNUTLS_CERT_UNEXPECTED_OWNER)
		return "if that is the server you want, --servername NAME expects one of its names";
	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
		return "if you trust that issuer, --cafile FILE with its certificate says so";
	return NULL;
}

enum command_status tell_connect_failure(
	struct tlsfo_conn *conn, int error, const struct connect_options *options, const char *port)
{
	const char *help = conn ? advice(conn, error, options) : NULL;
	bool told = conn && report_write(conn, options) && options->report != REPORT_NONE;

	if (!told && conn)
		complain("%s", words_for(conn, error));
	else if (!told)
		complain("%s port %s: %s", options->host, port, tlsfo_strerror(error));
	if (help && options->report != REPORT_JSON)
		complain("%s", help);
	return status_of(error);
}
