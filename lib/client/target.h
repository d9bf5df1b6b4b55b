/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_TARGET_H
#define CLIENT_TARGET_H

/* Where a connection goes: the host as the program gave it, as it is looked up, as it is verified, and as the peer
 * that tickets and path memory are kept under. */

#include "base/failure.h"
#include "base/macros.h"
#include "client/config.h"
#include "store/record.h"

/* Zeros: nowhere. */
struct target {
	char *host;  /* as given */
	char *ascii; /* the same to be looked up */
	char *name;  /* to verify and to send: without brackets, scope and final dot */
	char *service;
	struct peer peer; /* points into the next and into the configuration */
	char *peer_host;
	char *peer_name;
	const char *alpn[ALPN_MAX];
};

/* Copies the arguments; @name is another one to verify and to send, or NULL. False: no memory. */
must_check bool target_init(
	struct target *target, const char *host, const char *service, const char *name);

void target_deinit(struct target *target);

/* The host in ASCII; unless another name was set, that is also what is sent and verified. 0 or a code. */
must_check int target_convert(struct target *target, struct failure *failure);

/* The peer, once its port is known. False: no memory. */
must_check bool target_identify(
	struct target *target, const struct tlsfo_config *config, uint16_t port);

#endif
