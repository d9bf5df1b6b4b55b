/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

/* An IPv4 or IPv6 address with its port. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/macros.h"

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} sa;
	socklen_t len;
};

/* Room for address_print(): an IPv6 address, a percent sign and an interface name. */
#define ADDRESS_TEXT_SIZE (INET6_ADDRSTRLEN + 16 + 1)

/* NULL makes an address of no family. */
struct address address_ip4(const char ip[4], uint16_t port);
struct address address_ip6(const char ip[16], uint16_t port, uint32_t scope_id);

/* Takes a whole AF_INET or AF_INET6 address, in memory up to that of a sockaddr_storage; anything else is
 * refused: false. */
must_check bool address_from_sockaddr(
	const struct sockaddr *sa, socklen_t len, struct address *ret_address);

/* Parses an IPv4 or IPv6 address in text, with a scope after a percent sign; the port becomes 0. */
must_check bool address_parse(const char *text, struct address *ret_address);

/* The same without the short forms of IPv4 ("127.1") that inet_aton(3) has. */
must_check bool address_parse_exact(const char *text, struct address *ret_address);

/* "::ffff:192.0.2.1" and the like (RFC 4291 §2.5.5.2). */
bool address_is_mapped(const struct address *address);

/* Turns an IPv4-mapped or the unspecified IPv6 address into the same address of AF_INET. False: @address is another. */
must_check bool address_unmap(const struct address *address, struct address *ret_address);

int address_family(const struct address *address);
uint16_t address_port(const struct address *address);
void address_set_port(struct address *address, uint16_t port);

/* Writes the address without its port; nothing for one of no family. */
void address_print(const struct address *address, char *buf, size_t size);

#endif
