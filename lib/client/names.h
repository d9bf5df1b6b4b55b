/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_NAMES_H
#define CLIENT_NAMES_H

/* The host of a connection becomes candidates, while the first of them are tried already. */

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/macros.h"
#include "client/target.h"
#include "net/waits.h"
#include "open/opening.h"

struct resolve;

/* Zeros: not begun. */
struct names {
	bool begun;
	struct resolve *resolve; /* while addresses may come */
};

/* Begins, if that was not done; then takes the addresses that have come, and what the others are waited for by goes
 * to @waits. ->resolve is NULL when that were all. Returns 0 or a code. */
must_check int names_advance(struct names *names, struct target *target,
	const struct tlsfo_config *config, struct candidates *candidates, struct waits *waits,
	int64_t now_us, struct failure *failure);

/* Whoever wants all addresses at once need not wait for more. */
bool names_settled(const struct names *names, int64_t now_us);

/* No more addresses are wanted. */
void names_stop(struct names *names);

#endif
