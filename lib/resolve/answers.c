/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/answers.h"

#include <string.h>

#include "base/deadline.h"

void answers_init(struct answers *answers)
{
	*answers = (struct answers){.delay_end = DEADLINE_NEVER};
}

static bool is_wanted(const struct answers *answers, const struct address *address)
{
	size_t same_family = 0;

	for (size_t i = 0; i < answers->count; i++) {
		const struct address *other = &answers->list[i];

		if (other->len != address->len)
			continue;
		if (memcmp(&other->sa, &address->sa, address->len) == 0)
			return false;
		same_family++;
	}
	return same_family < ANSWERS_MAX / 2;
}

/* Makes the families of those that were not taken take turns. */
static void interleave(struct answers *answers)
{
	/* Without the whole answer nothing is known of the families but that IPv6 is preferred. */
	int last_family = answers->whole ? AF_UNSPEC : AF_INET;

	if (answers->taken > 0)
		last_family = address_family(&answers->list[answers->taken - 1]);
	for (size_t i = answers->taken; i < answers->count; i++) {
		size_t next = i;

		while (next < answers->count && address_family(&answers->list[next]) == last_family)
			next++;
		if (next < answers->count) {
			struct address moved = answers->list[next];

			memmove(&answers->list[i + 1], &answers->list[i],
				(next - i) * sizeof(moved));
			answers->list[i] = moved;
		}
		last_family = address_family(&answers->list[i]);
	}
}

void answers_add(struct answers *answers, int family, const struct addrinfo *list, int64_t now_us)
{
	answers->whole |= family == AF_UNSPEC;
	answers->heard6 |= family == AF_INET6;
	if (family == AF_UNSPEC && list != NULL)
		answers->count = answers->taken;
	for (; list != NULL; list = list->ai_next) {
		struct address address;

		if (address_from_sockaddr(list->ai_addr, list->ai_addrlen, &address) &&
			is_wanted(answers, &address))
			answers->list[answers->count++] = address;
	}
	if (answers->count > 0 && answers->delay_end == DEADLINE_NEVER)
		answers->delay_end = deadline_in(now_us, ANSWERS_DELAY_MS);
	interleave(answers);
}

bool answers_settled(const struct answers *answers, int64_t now_us)
{
	return answers->whole || deadline_passed(answers->delay_end, now_us);
}

bool answers_take(struct answers *answers, int64_t now_us, struct address *ret_address)
{
	if (answers->taken == answers->count)
		return false;
	/* Any answer for IPv6 ends the wait for it, an empty one too. */
	if (!answers->heard6 && !answers_settled(answers, now_us))
		return false;
	*ret_address = answers->list[answers->taken++];
	return true;
}

int64_t answers_next(const struct answers *answers, int64_t now_us)
{
	return answers_settled(answers, now_us) ? DEADLINE_NEVER : answers->delay_end;
}
