/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/proof.h"

#include "net/tcp_facts.h"

/* Retransmissions by the timer until it is judged: they come after about 200, 600 and 1400 ms and the
 * round-trip time. One may be an ordinary loss. */
#define TIMEOUTS 2

/* How long the patient wait for a third, which comes after twice the time between first and second: 1 s on
 * a path of 50 ms. On one of more than about 120 ms they would have no word within three seconds. */
#define THIRD_US 1500000

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

static enum proof_found read_facts(struct proof *proof, int fd, struct tcp_facts *ret_facts)
{
	if (proof->open)
		proof->open = tcp_facts_read(fd, ret_facts) == 0 &&
			      ret_facts->bytes_acked <= proof->acked;
	return proof->open ? PROOF_OPEN : PROOF_DONE;
}

enum proof_found proof_now(struct proof *proof, int fd)
{
	struct tcp_facts facts;

	return read_facts(proof, fd, &facts);
}

static void note_timeouts(struct proof *proof, int timeouts, int64_t now_us)
{
	if (timeouts == proof->timeouts)
		return;
	proof->between_us = proof->timeouts > 0 ? now_us - proof->last_us : 0;
	proof->last_us = now_us;
	proof->timeouts = timeouts;
}

/* The kernel counts a retransmission when it leaves: its acknowledgement takes a round trip. */
static bool is_swallowed(const struct proof *proof, int64_t rtt_us, int64_t now_us, bool patient)
{
	bool third = patient && proof->timeouts == TIMEOUTS &&
		     2 * proof->between_us + rtt_us <= THIRD_US;

	return proof->timeouts >= TIMEOUTS &&
	       now_us - proof->last_us >= (third ? THIRD_US : rtt_us);
}

enum proof_found proof_look(struct proof *proof, int fd, int64_t now_us, bool patient)
{
	struct tcp_facts facts;

	if (proof->open && now_us < proof->next_us)
		return PROOF_OPEN;
	proof->next_us = now_us + proof->every_us;
	if (read_facts(proof, fd, &facts) == PROOF_DONE)
		return PROOF_DONE;
	note_timeouts(proof, facts.timeouts, now_us);
	return is_swallowed(proof, facts.rtt_us, now_us, patient) ? PROOF_SWALLOWED : PROOF_OPEN;
}

int64_t proof_next(const struct proof *proof)
{
	return proof->open ? proof->next_us : -1;
}
