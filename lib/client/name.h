/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_NAME_H
#define CLIENT_NAME_H

/* The name to verify and to send, of a host as people write it: "[fe80::1%eth0]" is "fe80::1",
 * "example.org." is "example.org". Allocated; NULL: no memory. */
char *name_normalize(const char *host);

#endif
