/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_PACKETS_H
#define TLSFO_LAB_PACKETS_H

/*
 * The program `packets` records the TCP packets of one port and lists what they were. Nothing is inferred:
 * every word of the listing stands in the packets.
 */

#include <stdint.h>

/* Records into a new pcap file until SIGTERM or SIGINT; says "ready" when it begins. Returns an exit
 * status. */
int packets_record(const char *interface, uint16_t port, const char *path);

#endif
