/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_NETLINK_H
#define TLSFO_LAB_NETLINK_H

/* The few words of rtnetlink(7) that the lab speaks. Each returns 0 or −errno. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A socket in the network namespace of the calling thread; the descriptor, the caller's, or −errno.
 */
int netlink_open(void);

/*
 * A socket that hears of new IPv6 routes in the network namespace of the calling thread from now
 * on; the descriptor, the caller's, or −errno.
 */
int netlink_watch_routes(void);

/*
 * Waits on such a socket until the host takes packets for this address of its own. The kernel sees
 * to that in the background, after an address was added: until then it drops them without a word.
 * −ETIMEDOUT.
 */
int netlink_wait_local(int watch, const uint8_t address[static 16], int64_t deadline);

/* Puts a device up. */
int netlink_set_up(int fd, unsigned device);

/*
 * Sets the MTU in bytes, and keeps IPv6 from making link-local addresses when the device comes up.
 */
int netlink_configure(int fd, unsigned device, unsigned mtu);

/* Adds an address, 4 or 16 bytes in network order, without duplicate address detection. */
int netlink_add_address(
	int fd, unsigned device, int family, const void *address, size_t length, unsigned prefix);

#endif
