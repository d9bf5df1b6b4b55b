/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/proof.h"

#include "net/tcp_facts.h"

/* Retransmissions by the timer until it is judged: they come after about 200, 600 and 1400 ms and the
 * round-trip time. One may be an ordinary loss. */
#define TIMEOUTS 2

#define LOOK_LEAST_US 20000
#define LOOK_MOST_US  250000

void proof_begin(struct proof *proof, int fd, int64_t syn_bytes, int64_t now_us)
{
	struct tcp_facts facts;

	*proof = (struct proof){0};
	if (syn_bytes <= 0 || tcp_facts_read(fd, &facts) != 0 || !facts.syn_data_acknowledged)
		return;
	/* A kernel that does not count (before 4.2) cannot tell. */
	if (facts.bytes_acked < 0)
		return;
	proof->open = true;
	proof->acked = syn_bytes + 1;
	proof->every_us = facts.rtt_us;
	if (proof->every_us < LOOK_LEAST_US)
		proof->every_us = LOOK_LEAST_US;
	if (proof->every_us > LOOK_MOST_US)
		proof->every_us = LOOK_MOST_US;
	proof->next_us = now_us + proof->every_us;
}

enum proof_found proof_now(struct proof *proof, int fd)
{
	struct tcp_facts facts;

	if (!proof->open)
		return PROOF_DONE;
	proof->open = tcp_facts_read(fd, &facts) == 0 && facts.bytes_acked <= proof->acked;
	if (!proof->open)
		return PROOF_DONE;
	return facts.timeouts >= TIMEOUTS ? PROOF_SWALLOWED : PROOF_OPEN;
}

enum proof_found proof_look(struct proof *proof, int fd, int64_t now_us)
{
	if (proof->open && now_us < proof->next_us)
		return PROOF_OPEN;
	proof->next_us = now_us + proof->every_us;
	return proof_now(proof, fd);
}

int64_t proof_next(const struct proof *proof)
{
	return proof->open ? proof->next_us : -1;
}
