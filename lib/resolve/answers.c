/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/answers.h"

#include <string.h>

#include "base/deadline.h"

void answers_init(struct answers *answers, int family)
{
	*answers = (struct answers){
		.asking4 = family != AF_INET6,
		.asking6 = family != AF_INET,
		.delay_end = DEADLINE_NEVER,
	};
}

static bool is_there(const struct answers *answers, const struct address *address)
{
	for (size_t i = 0; i < answers->count; i++) {
		const struct address *other = &answers->list[i].address;

		if (other->len == address->len &&
			memcmp(&other->sa, &address->sa, address->len) == 0)
			return true;
	}
	return false;
}

bool answers_want(const struct answers *answers, const struct address *address)
{
	int family = address_family(address);
	size_t same = 0;

	for (size_t i = 0; i < answers->count; i++)
		same += address_family(&answers->list[i].address) == family;
	return same < ANSWERS_MAX / 2 && !is_there(answers, address);
}

void answers_add(struct answers *answers, const struct candidate *candidate)
{
	if (!answers_want(answers, &candidate->address))
		return;
	answers->list[answers->count++] = *candidate;
	answers->found++;
	answers->found6 |= address_family(&candidate->address) == AF_INET6;
}

void answers_end(struct answers *answers, int family, enum answer answer, int64_t now_us)
{
	if (family == AF_INET6)
		answers->asking6 = false;
	else
		answers->asking4 = false;
	if (answer > answers->worst)
		answers->worst = answer;
	if (answers->found > 0 && answers->delay_end == DEADLINE_NEVER)
		answers->delay_end = deadline_in(now_us, ANSWERS_RESOLUTION_DELAY_MS);
	order_by_preference(answers->list, answers->count);
	order_interleave(answers->list, answers->count, answers->last_family);
}

bool answers_asking(const struct answers *answers)
{
	return answers->asking4 || answers->asking6;
}

bool answers_settled(const struct answers *answers, int64_t now_us)
{
	return !answers_asking(answers) || deadline_passed(answers->delay_end, now_us);
}

bool answers_take(struct answers *answers, int64_t now_us, struct address *ret_address)
{
	if (answers->count == 0)
		return false;
	if (!answers->found6 && !answers_settled(answers, now_us))
		return false;
	*ret_address = answers->list[0].address;
	answers->count--;
	memmove(&answers->list[0], &answers->list[1], answers->count * sizeof(answers->list[0]));
	answers->last_family = address_family(ret_address);
	return true;
}

int64_t answers_next(const struct answers *answers, int64_t now_us)
{
	return answers_settled(answers, now_us) ? DEADLINE_NEVER : answers->delay_end;
}
