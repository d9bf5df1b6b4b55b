/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_GROUPS_H
#define TLS_GROUPS_H

/* Key exchange groups by their IANA number, which is what is on the wire and in a store. */

#include <stdint.h>

#include <gnutls/gnutls.h>

#include "base/macros.h"

/* The group with this number, or GNUTLS_GROUP_INVALID when this GnuTLS does not know it. */
gnutls_group_t group_by_number(uint16_t number);

/* The number of a group, or 0 when it has none. */
uint16_t group_number(gnutls_group_t group);

/*
 * Lets a session offer its key share for @number first, with all its other groups behind it, so
 * that the server need not ask for it (HelloRetryRequest, RFC 8446 §4.1.4). @priority is the session's
 * priority string, NULL for GnuTLS's default. Does nothing where the group comes first anyway, is
 * unknown or was not to be offered. (Where TLS 1.2 is offered too, GnuTLS puts elliptic curves before
 * finite fields whatever it is told; such a group is then not first.) Returns 0 or GnuTLS's code.
 */
must_check int group_prefer(gnutls_session_t session, const char *priority, uint16_t number);

#endif
