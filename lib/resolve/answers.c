/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/answers.h"

#include <string.h>

static void add(struct answers *answers, const struct address *address, bool whole)
{
	bool ip4 = address_family(address) == AF_INET;
	struct address *list = answers->list[ip4];

	for (size_t i = 0; i < answers->count[ip4]; i++)
		if (memcmp(&list[i].sa, &address->sa, address->len) == 0)
			return;
	if (answers->count[ip4] == ANSWERS_MAX)
		return;
	/* The whole answer begins with the system's first choice. Without it nothing is known of the
	 * families but that IPv6 is preferred. */
	if (whole && answers->count[0] + answers->count[1] == 0)
		answers->turn = ip4;
	list[answers->count[ip4]++] = *address;
}

void answers_add(struct answers *answers, int family, const struct addrinfo *list, int64_t now_us)
{
	bool whole = family == AF_UNSPEC;
	struct address address;

	if (whole && list != NULL)
		memcpy(answers->count, answers->taken, sizeof(answers->count));
	for (; list != NULL; list = list->ai_next)
		if (address_from_sockaddr(list->ai_addr, list->ai_addrlen, &address))
			add(answers, &address, whole);
	answers->heard6 |= family == AF_INET6;
	if (whole)
		answers->settled_us = now_us;
	else if (answers->settled_us == 0 && answers->count[0] + answers->count[1] > 0)
		answers->settled_us = now_us + ANSWERS_DELAY_US;
}

bool answers_settled(const struct answers *answers, int64_t now_us)
{
	return answers->settled_us > 0 && now_us >= answers->settled_us;
}

bool answers_take(struct answers *answers, int64_t now_us, struct address *ret_address)
{
	bool ip4 = answers->turn;

	/* Any answer for IPv6 ends the wait for it, an empty one too. */
	if (!answers->heard6 && !answers_settled(answers, now_us))
		return false;
	if (answers->taken[ip4] == answers->count[ip4])
		ip4 = !ip4;
	if (answers->taken[ip4] == answers->count[ip4])
		return false;
	*ret_address = answers->list[ip4][answers->taken[ip4]++];
	answers->turn = !ip4;
	return true;
}
