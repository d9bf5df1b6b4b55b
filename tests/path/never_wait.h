/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PATH_NEVER_WAIT_H
#define PATH_NEVER_WAIT_H

#include <tlsfo/tlsfo.h>

/* tlsfo_conn_advance() and tlsfo_opening_advance(), watched over. */
int never_wait_advance(struct tlsfo_conn *conn);
int never_wait_advance_opening(struct tlsfo_opening *opening, int *ret_fd);

/* How many calls that can wait were seen inside it: none would mean that the watch is asleep. */
unsigned int never_wait_seen(void);

#endif
