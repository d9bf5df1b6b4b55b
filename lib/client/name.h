/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_NAME_H
#define CLIENT_NAME_H

#include <stddef.h>

#include "base/macros.h"
#include "base/storage.h"

/* The name to verify and to send, of a host as people write it: "[fe80::1%eth0]" is "fe80::1",
 * "example.org." is "example.org". Where it begins in @host, and its length. */
const char *name_normalize(const char *host, size_t *ret_len);

/* An internationalised name in ASCII (RFC 5891, "bücher.example" is "xn--bcher-kva.example"); what is
 * ASCII stays as it is. Taken from @memory. Returns 0, or a code of GnuTLS. */
must_check int name_to_ascii(struct storage *memory, const char *host, char **ret_ascii);

#endif
