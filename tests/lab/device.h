/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_DEVICE_H
#define TLSFO_LAB_DEVICE_H

#include "lab.h"

/*
 * Makes the TUN device of a side in the network namespace of the calling thread, gives it its
 * addresses, and puts it and the loopback device up. IPv6 is silent on it: no link-local address,
 * no router solicitation, no duplicate address detection, so that the trace holds what programs
 * send.
 *
 * Returns the descriptor (non-blocking, close-on-exec), which is the caller's; −errno with a
 * reason.
 */
int device_make(enum lab_side side, unsigned mtu, struct lab_reason *reason);

#endif
