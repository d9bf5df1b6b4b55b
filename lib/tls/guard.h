/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_GUARD_H
#define TLS_GUARD_H

/*
 * Reading from a session of TLS 1.3 so that the call comes back. A handshake record without content
 * makes GnuTLS (3.7.9 to 3.8.13) loop for ever inside gnutls_record_recv() when it follows the beginning
 * of a message, and keep 4 KB of memory otherwise. RFC 8446 §5.1 forbids such records. GnuTLS does not tell
 * where messages begin and end, and the type of a record is encrypted, so a record that follows one
 * without data is looked into before GnuTLS gets its last byte. No other record is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <gnutls/gnutls.h>

struct guard_record;

/* Zeros are a guard that watches nothing. */
struct guard {
	struct guard_record *record; /* what has arrived of the record that is watched, or NULL */
	gnutls_session_t session;
	gnutls_transport_ptr_t
		socket;	    /* the session's own receive pointer, while it is the guard */
	bool found_nothing; /* the last read from the socket found it empty */
	bool refused;	    /* an empty handshake record came */
};

/* As gnutls_record_recv(), or GNUTLS_E_UNEXPECTED_PACKET for an empty handshake record. The session must read by the
 * callbacks of transport.h. */
ssize_t guard_receive(struct guard *guard, gnutls_session_t session, void *buf, size_t len);

void guard_deinit(struct guard *guard);

#endif
