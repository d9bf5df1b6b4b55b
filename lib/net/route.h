/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

/* Which of this system's addresses a connection would come from. */

#include "net/address.h"

/* As the routes choose it; nothing is sent. False: there is no route. */
must_check bool route_source(const struct address *to, struct address *ret_source);

#endif
