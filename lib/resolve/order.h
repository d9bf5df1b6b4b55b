/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_ORDER_H
#define RESOLVE_ORDER_H

/*
 * The order in which addresses are tried: RFC 6724 §6 and RFC 8305 §4. Pure: which source address the
 * system would take is asked before.
 */

#include <stddef.h>

#include "net/address.h"

struct candidate {
	struct address address;
	struct address source; /* of family 0 when no route leads to the address */
};

/*
 * Sorts by RFC 6724 §6, the best first; equals keep their order. Rules 3, 4 and 7 are left out, which
 * need the interfaces' states. Rule 9 is for IPv6 alone: with IPv4 it would undo the order in which
 * name servers spread the load.
 */
void order_by_preference(struct candidate *list, size_t count);

/*
 * Makes families take turns (RFC 8305 §4, First Address Family Count 1) and keeps the order within
 * each. Addresses without a route stay behind all others. @last_family is that of the address used
 * before the first of these, or 0.
 */
void order_interleave(struct candidate *list, size_t count, int last_family);

#endif
