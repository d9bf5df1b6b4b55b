/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_NAME_H
#define CLIENT_NAME_H

#include "base/text.h"

/* The name to verify and to send, of a host as people write it: "[fe80::1%eth0]" is "fe80::1", "example.org." is
 * "example.org". To be freed; NULL: no memory. */
char *name_to_verify(const char *host);

/*
 * A host's name in ASCII: each label that is not is converted (RFC 5891, "bücher.example" is
 * "xn--bcher-kva.example"), all others and addresses stay as they are. A name of which the conversion would
 * leave anything out is refused: it would be another host's. To be freed; NULL: it is no name, and @why says
 * why not, or there is no memory, and @why is empty.
 */
char *name_to_ascii(const char *host, struct text *why);

#endif
