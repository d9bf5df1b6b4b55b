/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_TICKET_H
#define STORE_TICKET_H

#include <stddef.h>
#include <stdint.h>

#define TICKET_ALPN_MAX 255
#define TICKET_BLOB_MAX 65536
#define TICKET_LIFE_MAX (7 * 24 * 3600) /* seconds, RFC 8446 §4.6.1 */

struct ticket {
	uint16_t tls_version;	 /* 0x0303 or 0x0304 */
	uint16_t group;		 /* the server's, IANA number; 0: unknown */
	uint32_t max_early_data; /* bytes; 0: none allowed */
	int64_t received;	 /* Unix seconds */
	int64_t expires;	 /* Unix seconds */
	int64_t full_handshake;	 /* that it goes back to, over however many resumptions; Unix s */
	unsigned char alpn[TICKET_ALPN_MAX];
	size_t alpn_len;     /* the protocol chosen; 0: none */
	unsigned char *blob; /* the TLS library's session data, from malloc; secret */
	size_t blob_len;
};

/* Wipes and frees the blob and makes the ticket empty; an empty one may be cleared again. */
void ticket_clear(struct ticket *ticket);

#endif
