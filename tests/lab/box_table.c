/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

static const struct lab_box *const table[] = {
	&box_drop_syn_data,
	&box_drop_syn_option,
	&box_strip_option,
	&box_strip_syn_data,
	&box_rst_syn_data,
	&box_fake_ack_syn_data,
	&box_swallow_after_syn,
	&box_swallow_server_data,
	&box_swallow_long,
	&box_drop_first_synack,
	&box_delay_synack,
	&box_clamp_mss,
	&box_swallow_ipv4,
	&box_swallow_ipv6,
	&box_unreachable,
	&box_server_key_change,
	NULL,
};

const struct lab_box *const *lab_boxes(void)
{
	return table;
}

void lab_list_boxes(FILE *file)
{
	const struct lab_box *const *kind;

	for (kind = table; *kind; kind++) {
		const char *argument = (*kind)->argument;
		int width = fprintf(file, "  %s%s%s", (*kind)->name, argument ? "=" : "",
			argument ? argument : "");

		fprintf(file, "%*s%s\n", width < 24 ? 24 - width : 1, "", (*kind)->description);
	}
}
