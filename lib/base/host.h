/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_HOST_H
#define BASE_HOST_H

/* Hosts as people write them. */

#include <stdbool.h>
#include <stddef.h>

/*
 * Without the brackets of an IPv6 address and without a final dot, but with its scope: another link is another
 * host. Returns where it begins, and its length; what follows is not of it.
 */
const char *host_bare(const char *host, size_t *ret_len);

/*
 * False for what can be no name whoever is asked: nothing, a dot alone, or with blanks or control characters,
 * which a name server would be asked for, and which nobody wants in a message or in a ClientHello.
 */
bool host_may_be_name(const char *host, size_t len);

#endif
