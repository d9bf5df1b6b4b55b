/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spell.h"

#include "box.h"

#define SPELL_NS UINT64_C(1300000000)

static uint64_t begun_ns;
static unsigned int lost;

static enum box_verdict lose_for_a_while(struct box *box, struct box_packet *packet)
{
	const struct flow *flow = box_flow(box, packet);

	if (!flow || flow != box->flows.flows + box->argument || !flow->syn_data ||
		packet->from == LAB_SERVER || box_is_syn_with_data(packet))
		return BOX_PASS;
	if (begun_ns == 0)
		begun_ns = packet->now_ns;
	if (packet->now_ns - begun_ns >= SPELL_NS)
		return BOX_PASS;
	lost += packet->info.payload_length > 0;
	return BOX_DROP;
}

static const struct lab_box spell = {
	.name = "spell",
	.argument = "CONNECTION",
	.most = 100,
	.packet = lose_for_a_while,
};

void spell_cast(struct path *path, unsigned int nth)
{
	begun_ns = 0;
	lost = 0;
	assert_true(lab_add_own_box(path->lab, &spell, nth) >= 0);
}

void spell_expect_lost(void)
{
	/* Two records may leave apart. */
	assert_true(lost >= 4);
}
