/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_NAME_H
#define CLIENT_NAME_H

#include <stddef.h>

#include "base/macros.h"
#include "base/text.h"

/* The name to verify and to send, of a host as people write it: "[fe80::1%eth0]" is "fe80::1",
 * "example.org." is "example.org". Where it begins in @host, and its length. */
const char *name_normalize(const char *host, size_t *ret_len);

/*
 * A host's name in ASCII: each label that is not is converted (RFC 5891, "bücher.example" is
 * "xn--bcher-kva.example"), all others and addresses stay as they are. A name of which the conversion would
 * leave anything out is refused: it would be another host's. Returns 0,
 * GNUTLS_E_MEMORY_ERROR, or TLSFO_E_NAME_NOT_FOUND when it is no name, and @why says why not.
 */
must_check int name_to_ascii(const char *host, char **ret_ascii, struct text *why);

#endif
