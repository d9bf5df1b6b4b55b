/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <string.h>

#include "client/paths.h"
#include "tls/session.h"

int conn_fail_tls(struct tlsfo_conn *conn, int code)
{
	char text[256];
	/* Servers that want a client certificate for a part of what they serve do so. */
	const char *refused = conn->refused
				      ? "; it had asked to renegotiate TLS 1.2, perhaps for a "
					"client certificate, which is refused here"
				      : "";
	bool lost = code == GNUTLS_E_PUSH_ERROR || code == GNUTLS_E_PULL_ERROR ||
		    code == GNUTLS_E_PREMATURE_TERMINATION;
	int swallowed = lost ? paths_check(conn) : 0;
	int error = conn->transport != NULL ? transport_system_error(conn->transport) : 0;

	if (swallowed != 0)
		return swallowed;
	if (lost && error != 0)
		return conn_fail(conn, code, error, "%s: the connection was lost: %s%s", conn->host,
			strerror(error), refused);
	session_explain(conn->session, code, text, sizeof(text));
	return conn_fail(conn, code, error, "%s: %s%s", conn->name, text, refused);
}
