/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_MESSAGES_H
#define TLS_MESSAGES_H

/*
 * What GnuTLS does not tell, read from the handshake messages themselves (RFC 8446 §4). Pure. Bodies
 * come without their four-byte header, as a handshake hook gets them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when a first flight, as records, begins with a ClientHello that announces early data. */
bool flight_announces_early_data(const void *flight, size_t len);

/* The group that a HelloRetryRequest wants (IANA number), or 0. */
uint16_t retry_wants_group(const void *body, size_t len);

/* True when EncryptedExtensions say that early data was taken. */
bool extensions_take_early_data(const void *body, size_t len);

struct ticket_terms {
	uint32_t lifetime;	 /* seconds; 0 in TLS 1.2: not said */
	uint32_t max_early_data; /* bytes; 0: none */
};

/* Reads a NewSessionTicket of TLS 1.3, or of TLS 1.2, which has a lifetime alone (RFC 5077 §3.3). False: it is
 * none. */
bool ticket_terms_read(const void *body, size_t len, bool is_tls13, struct ticket_terms *ret_terms);

#endif
