/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server whose SYN-ACKs are slower than the attempt delay gets a plain attempt beside the first,
 * whose SYN-ACK wins all the same. The other attempt is reset when its own arrives. Below the
 * attempt delay there is one connection.
 */

#include "path.h"

#include "packet.h"

static bool loser_is_reset(struct lab *lab, void *argument)
{
	struct lab_packet packet;

	(void)argument;
	for (size_t i = 0; lab_trace_packet(lab, i, &packet) == 0; i++)
		if (packet.from == LAB_CLIENT && packet.connection == 1 &&
			(packet.flags & PACKET_RST) != 0)
			return true;
	return false;
}

static void fact(struct path *path)
{
	path_add_box(path, "delay-synack=150");
	path_visit_well(path);
	path_expect_syns(path, 1, 1);
	path_end(path);
	lab_clear_boxes(path->lab);

	/* Both visits are the first to their address. */
	path_add_box(path, "delay-synack=400");
	path->host = "server4.test";
	path->way.family = AF_INET;
	path_visit_well(path);
	path_expect_syns(path, 2, 2);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, NULL);
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	path_expect_pause(path, 0, 1, 250);
	static const struct path_attempt attempts[] = {
		{LAB_SERVER_IPV4, TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_WON, 0},
		{LAB_SERVER_IPV4, TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_LOST, 0},
	};
	path_expect_attempts(path, attempts, 2);
	path_expect_kernel(path, false, KERNEL_FAIL_NO_COOKIE);
	path_expect_report(path, TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NO_COOKIE, 0,
		path_hello_length(path, 0));
	assert_int_equal(
		lab_trace_wait(path->lab, loser_is_reset, NULL, lab_deadline(PATH_PATIENCE_MS)), 0);
}

int main(void)
{
	return path_run("a slow SYN-ACK is raced after the attempt delay", fact, PATH_CLIENT);
}
