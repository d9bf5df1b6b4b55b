/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

/*
 * The key changes as soon as a cookie made with it is on its way, so every cookie is void on the
 * next visit, however soon that follows.
 */
static enum box_verdict server_key_change(struct box *box, struct box_packet *packet)
{
	if (packet->from == LAB_SERVER && packet_is_synack(&packet->info) &&
		packet->info.cookie_length > 0)
		box_change_server_key(box);
	return BOX_PASS;
}

const struct lab_box box_server_key_change = {
	.name = "server-key-change",
	.description = "changes the server's fast-open key after every cookie it gives out",
	.packet = server_key_change,
};
