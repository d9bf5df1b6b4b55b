/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/order.h"

#include <string.h>

#include "base/macros.h"

/* Scopes of RFC 4291 §2.7, for unicast addresses too. */
enum { SCOPE_LINK_LOCAL = 0x2, SCOPE_SITE_LOCAL = 0x5, SCOPE_GLOBAL = 0xe };

/* A row of the policy table. */
struct policy {
	unsigned char prefix[16];
	unsigned int bits;
	int precedence;
	int label;
};

/* RFC 6724 §2.1, the longest prefix first. */
static const struct policy policies[] = {
	{{[15] = 1}, 128, 50, 0},
	{{[10] = 0xff, [11] = 0xff}, 96, 35, 4},
	{{0}, 96, 1, 3},
	{{0x20, 0x01}, 32, 5, 5},
	{{0x20, 0x02}, 16, 30, 2},
	{{0x3f, 0xfe}, 16, 1, 12},
	{{0xfe, 0xc0}, 10, 1, 11},
	{{0xfc}, 7, 3, 13},
	{{0}, 0, 40, 1},
};

/* IPv4 addresses are compared as IPv4-mapped ones (RFC 6724 §3.2). */
static void to_bytes(const struct address *address, unsigned char bytes[16])
{
	if (address_family(address) == AF_INET6) {
		memcpy(bytes, &address->sa.in6.sin6_addr, 16);
		return;
	}
	memset(bytes, 0, 10);
	memset(bytes + 10, 0xff, 2);
	memcpy(bytes + 12, &address->sa.in.sin_addr, 4);
}

static unsigned int common_bits(
	const unsigned char a[16], const unsigned char b[16], unsigned int most)
{
	unsigned int bits = 0;

	while (bits < most && ((a[bits / 8] ^ b[bits / 8]) & (0x80 >> bits % 8)) == 0)
		bits++;
	return bits;
}

static const struct policy *policy_of(const struct address *address)
{
	const struct policy *policy = policies;
	unsigned char bytes[16];

	to_bytes(address, bytes);
	while (common_bits(bytes, policy->prefix, policy->bits) < policy->bits)
		policy++;
	return policy;
}

static int scope_of_ip4(const unsigned char ip[4])
{
	/* RFC 6724 §3.2: private addresses are global here. */
	if (ip[0] == 127 || (ip[0] == 169 && ip[1] == 254))
		return SCOPE_LINK_LOCAL;
	return SCOPE_GLOBAL;
}

static int scope_of(const struct address *address)
{
	const struct in6_addr *ip = &address->sa.in6.sin6_addr;
	unsigned char bytes[16];

	to_bytes(address, bytes);
	if (address_family(address) == AF_INET || IN6_IS_ADDR_V4MAPPED(ip))
		return scope_of_ip4(bytes + 12);
	if (IN6_IS_ADDR_MULTICAST(ip))
		return bytes[1] & 0xf;
	if (IN6_IS_ADDR_LINKLOCAL(ip) || IN6_IS_ADDR_LOOPBACK(ip))
		return SCOPE_LINK_LOCAL;
	return IN6_IS_ADDR_SITELOCAL(ip) ? SCOPE_SITE_LOCAL : SCOPE_GLOBAL;
}

static bool is_usable(const struct candidate *candidate)
{
	return address_family(&candidate->source) != 0;
}

/* The bits that an address has in common with its source, the interface's part left out
 * (RFC 6724 §2.2). */
static unsigned int bits_with_source(const struct candidate *candidate)
{
	unsigned char address[16];
	unsigned char source[16];

	to_bytes(&candidate->address, address);
	to_bytes(&candidate->source, source);
	return common_bits(address, source, 64);
}

/* RFC 6724 §6, each rule in the words of the RFC. Positive: @a is to be used before @b. */
static int compare(const struct candidate *a, const struct candidate *b)
{
	const struct policy *policy_a = policy_of(&a->address);
	const struct policy *policy_b = policy_of(&b->address);
	int scope_a = scope_of(&a->address);
	int scope_b = scope_of(&b->address);

	/* Rule 1: avoid unusable destinations. */
	if (is_usable(a) != is_usable(b))
		return is_usable(a) ? 1 : -1;
	if (is_usable(a)) {
		/* Rule 2: prefer matching scope. */
		int same_a = scope_a == scope_of(&a->source);
		int same_b = scope_b == scope_of(&b->source);
		if (same_a != same_b)
			return same_a - same_b;
		/* Rule 5: prefer matching label. */
		same_a = policy_a->label == policy_of(&a->source)->label;
		same_b = policy_b->label == policy_of(&b->source)->label;
		if (same_a != same_b)
			return same_a - same_b;
	}
	/* Rule 6: prefer higher precedence. */
	if (policy_a->precedence != policy_b->precedence)
		return policy_a->precedence - policy_b->precedence;
	/* Rule 8: prefer smaller scope. */
	if (scope_a != scope_b)
		return scope_b - scope_a;
	/* Rule 9: use longest matching prefix. IPv4-mapped addresses are all alike in that half. */
	if (is_usable(a))
		return (int)bits_with_source(a) - (int)bits_with_source(b);
	/* Rule 10: otherwise, leave the order unchanged. */
	return 0;
}

/* Puts the element at @from before the one at @to; what lies between moves up. */
static void move_forward(struct candidate *list, size_t from, size_t to)
{
	struct candidate moved = list[from];

	memmove(&list[to + 1], &list[to], (from - to) * sizeof(list[0]));
	list[to] = moved;
}

void order_by_preference(struct candidate *list, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		size_t to = i;

		while (to > 0 && compare(&list[i], &list[to - 1]) > 0)
			to--;
		move_forward(list, i, to);
	}
}

void order_interleave(struct candidate *list, size_t count, int last_family)
{
	for (size_t i = 0; i < count; i++) {
		size_t other = i;

		while (other < count && is_usable(&list[other]) == is_usable(&list[i]) &&
			address_family(&list[other].address) == last_family)
			other++;
		if (other < count && is_usable(&list[other]) == is_usable(&list[i]))
			move_forward(list, other, i);
		last_family = address_family(&list[i].address);
	}
}
