/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_HOST_H
#define BASE_HOST_H

/* Hosts as people write them. */

#include <stddef.h>

/*
 * Without the brackets of an IPv6 address and without a final dot, but with its scope: another link is another
 * host. Returns where it begins, and its length; what follows is not of it.
 */
const char *host_bare(const char *host, size_t *ret_len);

#endif
