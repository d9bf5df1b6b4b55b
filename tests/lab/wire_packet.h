/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_WIRE_PACKET_H
#define TLSFO_LAB_WIRE_PACKET_H

/* What becomes of one packet: the decisions of the wire, apart from its thread and descriptors. */

#include "wire.h"

/*
 * Takes a packet that a host sent: records it, decides its fate, queues it and what the boxes
 * answered. Multicast and what is no IP is ignored: false is returned. The wire's lock is held.
 */
bool wire_take(
	struct wire *wire, enum lab_side from, uint8_t *bytes, size_t length, uint64_t now_ns);

/* A number from 0 up to, not including, 1, fixed by its arguments. */
double wire_random(uint64_t seed, enum lab_side from, uint64_t number, unsigned purpose);

#endif
