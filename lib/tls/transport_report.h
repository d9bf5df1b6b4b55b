/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_TRANSPORT_REPORT_H
#define TLS_TRANSPORT_REPORT_H

/* Fills reports from transports, attempts and sessions. */

#include <stdint.h>

#include <gnutls/gnutls.h>

#include <tlsfo/report.h>

#include "net/attempt.h"
#include "tls/transport.h"

/* The report of which nothing is known. */
void report_init(struct tlsfo_report *report);

/* Everything up to the TLS session; asks the kernel, and keeps of its answers those that may change. */
void report_transport(struct tlsfo_transport *transport, struct tlsfo_report *report);

/* Of a session whose handshake is over. */
void report_session(gnutls_session_t session, struct tlsfo_report *report);

void attempt_to_report(
	const struct attempt *attempt, int64_t begun_us, struct tlsfo_attempt *ret_attempt);

#endif
