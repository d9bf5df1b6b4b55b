/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

struct address address_ip4(const char ip[4], uint16_t port)
{
	struct address address = {.len = sizeof(struct sockaddr_in)};

	if (ip == NULL)
		return (struct address){.len = 0};
	address.sa.in.sin_family = AF_INET;
	address.sa.in.sin_port = htons(port);
	memcpy(&address.sa.in.sin_addr, ip, 4);
	return address;
}

struct address address_ip6(const char ip[16], uint16_t port, uint32_t scope_id)
{
	struct address address = {.len = sizeof(struct sockaddr_in6)};

	if (ip == NULL)
		return (struct address){.len = 0};
	address.sa.in6.sin6_family = AF_INET6;
	address.sa.in6.sin6_port = htons(port);
	address.sa.in6.sin6_scope_id = scope_id;
	memcpy(&address.sa.in6.sin6_addr, ip, 16);
	return address;
}

bool address_from_sockaddr(const struct sockaddr *sa, socklen_t len, struct address *ret_address)
{
	struct address address = {.len = 0};
	sa_family_t family;

	if (len < sizeof(struct sockaddr_in) || len > sizeof(struct sockaddr_storage))
		return false;
	/* The caller's memory may be aligned for less than a sockaddr. */
	memcpy(&family, (const char *)sa + offsetof(struct sockaddr, sa_family), sizeof(family));
	if (family == AF_INET)
		address.len = sizeof(struct sockaddr_in);
	else if (family == AF_INET6)
		address.len = sizeof(struct sockaddr_in6);
	/* connect(2) takes the length of a sockaddr_storage, too. */
	if (address.len == 0 || len < address.len)
		return false;
	memcpy(&address.sa, sa, address.len);
	*ret_address = address;
	return true;
}

bool address_parse(const char *text, struct address *ret_address)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *info = NULL;

	/* Unlike inet_pton(3) this knows scopes; with this flag it asks nobody. */
	if (getaddrinfo(text, NULL, &hints, &info) != 0)
		return false;
	bool ok = address_from_sockaddr(info->ai_addr, info->ai_addrlen, ret_address);
	freeaddrinfo(info);
	return ok;
}

bool address_parse_exact(const char *text, struct address *ret_address)
{
	struct in_addr ip;

	if (strchr(text, ':') == NULL && inet_pton(AF_INET, text, &ip) != 1)
		return false;
	return address_parse(text, ret_address);
}

bool address_is_mapped(const struct address *address)
{
	return address_family(address) == AF_INET6 &&
	       IN6_IS_ADDR_V4MAPPED(&address->sa.in6.sin6_addr);
}

bool address_unmap(const struct address *address, struct address *ret_address)
{
	const struct in6_addr *ip = &address->sa.in6.sin6_addr;
	uint16_t port = address_port(address);

	if (address_family(address) != AF_INET6)
		return false;
	if (IN6_IS_ADDR_UNSPECIFIED(ip)) {
		*ret_address = address_ip4("\0\0\0\0", port);
		return true;
	}
	if (!IN6_IS_ADDR_V4MAPPED(ip))
		return false;
	*ret_address = address_ip4((const char *)ip->s6_addr + 12, port);
	return true;
}

int address_family(const struct address *address)
{
	return address->sa.any.sa_family;
}

uint16_t address_port(const struct address *address)
{
	return ntohs(address_family(address) == AF_INET6 ? address->sa.in6.sin6_port
							 : address->sa.in.sin_port);
}

void address_set_port(struct address *address, uint16_t port)
{
	if (address_family(address) == AF_INET6)
		address->sa.in6.sin6_port = htons(port);
	else
		address->sa.in.sin_port = htons(port);
}

void address_print(const struct address *address, char *buf, size_t size)
{
	char ip[INET6_ADDRSTRLEN] = "";
	char interface[IF_NAMESIZE] = "";
	uint32_t scope = 0;

	buf[0] = '\0';
	if (address_family(address) == 0)
		return;
	if (address_family(address) == AF_INET6) {
		inet_ntop(AF_INET6, &address->sa.in6.sin6_addr, ip, sizeof(ip));
		scope = address->sa.in6.sin6_scope_id;
	} else {
		inet_ntop(AF_INET, &address->sa.in.sin_addr, ip, sizeof(ip));
	}
	if (scope == 0)
		snprintf(buf, size, "%s", ip);
	else if (if_indextoname(scope, interface) != NULL)
		snprintf(buf, size, "%s%%%s", ip, interface);
	else
		snprintf(buf, size, "%s%%%u", ip, scope);
}
