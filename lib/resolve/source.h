/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_SOURCE_H
#define RESOLVE_SOURCE_H

#include "net/address.h"

/* The address that the system would connect from; of family 0 when no route leads to @address.
 * Nothing is sent. */
struct address source_for(const struct address *address);

#endif
