/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_TARGET_H
#define CLIENT_TARGET_H

/* Where a connection goes: the host as the program gave it, the addresses that it becomes while the first of them are
 * tried already, the name that is verified, and the peer that tickets and path memory are kept under. */

#include "base/macros.h"
#include "client/config.h"
#include "open/opening.h"
#include "resolve/resolve.h"
#include "store/record.h"

/* Zeros: nowhere. */
struct target {
	const struct tlsfo_config *config;
	char *host;	  /* as given */
	char *service;	  /* or NULL */
	char *servername; /* to verify and to send in place of the host's, in ASCII; or NULL */
	char *ascii;	  /* to be looked up; NULL: that has not begun */
	char *name;	  /* to verify and to send: without brackets, scope and final dot */
	struct resolve *resolve; /* while addresses may come */
	struct peer peer;	 /* points into the next and into the configuration */
	char *peer_host;
	char *peer_name;
};

/* Copies the host and the service, which may be NULL; the configuration must outlive it. False: no memory. */
must_check bool target_init(struct target *target, const struct tlsfo_config *config,
	const char *host, const char *service);

void target_deinit(struct target *target);

/* Begins to look the host up, unless the opening has its addresses already. Takes the addresses that have come, and adds
 * what the others are waited for by to the opening's waits. ->resolve is NULL when all have come. Returns 0, or the
 * opening's failure. */
must_check int target_look_up(struct target *target, struct opening *opening, int64_t now_us);

/* No more addresses are wanted. */
void target_stop(struct target *target);

/* Fills the peer, once its port is known. False: no memory. */
must_check bool target_identify(struct target *target, uint16_t port);

#endif
