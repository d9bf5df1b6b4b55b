/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_ASK_H
#define RESOLVE_ASK_H

/* What the client does with a resolution: it waits for the descriptors that it is told and takes one
 * address after the other. Everything that is not expected ends the test. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlsfo/error.h>

#include "base/address.h"
#include "resolve/resolve.h"

struct ask {
	struct resolve *resolve;
	int64_t begun_us;
};

void ask_start(struct ask *ask, const char *host, const char *service, int family);

/* Waits for the next address. False: the resolution has ended, or @deadline passed. */
bool ask_next(struct ask *ask, int64_t deadline, struct address *ret_address);

/* The next address is this one. */
void ask_expect(struct ask *ask, const char *address);

/* There is none, and the resolution ended with this code, 0 for success; @error is a part of what it says. */
void ask_expect_end(struct ask *ask, int code, const char *error);

/* There is none now, and an answer is outstanding. */
void ask_expect_nothing_yet(struct ask *ask);

/* The milliseconds since it began, rounded down. */
int64_t ask_elapsed_ms(const struct ask *ask);

void ask_end(struct ask *ask);

/* From start to end: the addresses once all are there, separated by blanks; or the failure. */
void ask_whole(const char *host, int family, const char *addresses);
void ask_failure(const char *host, const char *service, int code, const char *error);

#endif
