/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_RESUME_H
#define SUPPORT_RESUME_H

/*
 * What a program on GnuTLS does at the transport rung that keeps its tickets itself and sends early data,
 * to the server of support/early.h.
 */

#include "support/visit.h"

/* A whole visit that brings a ticket. The caller frees it with gnutls_free(). */
gnutls_datum_t resume_fetch(const struct way *way, uint16_t port);

/* The same request in a session that has the ticket and sends @data early, with
 * tlsfo_transport_hook() as its hook; @len may be 0. Not yet attached. */
void resume_prepare(struct visit *visit, const struct way *way, uint16_t port,
	const gnutls_datum_t *ticket, const void *data, size_t len);

/* The same, attached. */
void resume_open(struct visit *visit, const struct way *way, uint16_t port,
	const gnutls_datum_t *ticket, const void *data, size_t len);

/* Reads the server's answer. */
void resume_answer(struct visit *visit);

/* True when the server took the early data. */
bool resume_accepted(const struct visit *visit);

#endif
