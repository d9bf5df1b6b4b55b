/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_IDENTITY_H
#define CLIENT_IDENTITY_H

/* What a connection's tickets are kept under. */

#include "base/macros.h"
#include "client/config.h"
#include "store/record.h"

struct identity {
	struct peer peer; /* points into the others and into the configuration */
	char *host;
	char *name;
	const char *alpn[ALPN_MAX];
};

/* @host as the program gave it, @name as it is sent and verified; both are copied. Returns
 * 0 or GnuTLS's code. */
must_check int identity_init(struct identity *identity, const struct tlsfo_config *config,
	const char *host, const char *name, uint16_t port);

/* An identity of zeros may be released too. */
void identity_deinit(struct identity *identity);

#endif
