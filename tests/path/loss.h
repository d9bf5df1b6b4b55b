/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PATH_LOSS_H
#define PATH_LOSS_H

/* Facts about paths that lose packets at random. */

#include "path.h"

/* What is done at one rate: packets are lost with this probability, in the order of this seed. */
typedef void (*loss_fact)(struct path *path, double probability, uint64_t seed);

/* At 1, 5 and 10 %, to IPv6, to IPv4 and to both. */
void loss_at_every_rate(struct path *path, loss_fact fact);

/* How many connections to make at each rate: what TLSFO_TEST_LOSSY_VISITS says, or @standard. */
size_t loss_visits(size_t standard);

#endif
