/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_SESSION_H
#define TLS_SESSION_H

/* Answers about a session that GnuTLS has no function for, and its key exchange groups. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include <tlsfo/report.h>

#include "base/macros.h"
#include "base/text.h"

/* Tells what the session has done with a client certificate so far. */
enum tlsfo_client_cert session_client_cert(gnutls_session_t session);

/* The IANA number of a key exchange group, which is what is on the wire and in a store, or 0 when it has none. */
uint16_t group_number(gnutls_group_t group);

/*
 * Lets a session offer its key share for @number first, with all its other groups behind it, so
 * that the server need not ask for it (HelloRetryRequest, RFC 8446 §4.1.4). @priority is the session's
 * priority string, NULL for GnuTLS's default. Does nothing where the group comes first anyway, is
 * unknown or was not to be offered. (Where TLS 1.2 is offered too, GnuTLS puts elliptic curves before
 * finite fields whatever it is told; such a group is then not first.) Returns 0 or GnuTLS's code.
 */
must_check int group_prefer(gnutls_session_t session, const char *priority, uint16_t number);

/* True when the handshake is over, or over enough for data (false start, RFC 7918). */
bool session_is_established(gnutls_session_t session);

/* A code that a function of the program's returned, or @otherwise, if GnuTLS would go on after it. */
int session_fatal(int code, int otherwise);

/* False until the version is agreed on. */
bool session_is_tls13(gnutls_session_t session);

/* Says in words why gnutls_handshake() failed with @code, as far as the session knows. @answer is the beginning of what the
 * server said, as a string; empty: not known. */
void session_explain(
	gnutls_session_t session, const char *answer, int code, char *buf, size_t size);

/* Says why the server's certificate was refused with this status of its verification: in GnuTLS's words, and with the
 * names, times and issuer in it that are to blame. */
void session_explain_certificate(gnutls_session_t session, unsigned int status, struct text *why);

#endif
