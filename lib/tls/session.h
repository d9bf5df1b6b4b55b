/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_SESSION_H
#define TLS_SESSION_H

/* The client's GnuTLS sessions. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include <tlsfo/report.h>

#include "base/macros.h"
#include "tls/trust.h"

/* What GnuTLS verifies of a certificate: the name and the purpose. It keeps a pointer. */
struct session_checks {
	gnutls_typed_vdata_st data[2];
};

struct session_options {
	const struct trust *trust;
	gnutls_priority_t priority;    /* NULL: the default */
	const char *priority_text;     /* the same as text */
	uint16_t group;		       /* whose key share to offer first, or 0 */
	const char *name;	       /* to verify, and to send unless it is an IP address */
	struct session_checks *checks; /* to be filled, or NULL: any certificate will do */
	bool early_data; /* there will be some: with the flag GnuTLS announces it, also when there is none */
	bool no_tickets; /* the server is asked for none */
	const gnutls_datum_t *alpn;
	size_t alpn_count;
};

/* What @options points to must outlive the session. Returns 0 or GnuTLS's code. */
must_check int session_new(const struct session_options *options, gnutls_session_t *ret_session);

/* Whether GnuTLS takes these protocols: 0 or its code. */
must_check int session_check_alpn(const gnutls_datum_t *alpn, size_t count);

/* What the session has done with a client certificate so far. */
enum tlsfo_client_cert session_client_cert(gnutls_session_t session);

/* True when the handshake is over, or over enough for data (false start, RFC 7918). */
bool session_is_established(gnutls_session_t session);

/* False until the version is agreed on. */
bool session_is_tls13(gnutls_session_t session);

/* Says in words why gnutls_handshake() failed with @code, as far as the session knows. */
void session_explain(gnutls_session_t session, int code, char *buf, size_t size);

#endif
