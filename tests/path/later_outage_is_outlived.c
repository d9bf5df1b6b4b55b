/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * As soon as the path is seen to carry what follows the SYN, the kernel watches it no longer: an outage later on
 * is outlived as on any other socket, also by a program that only polls and reads. What is written during the
 * outage arrives after it.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "box.h"
#include "path.h"

/* Longer than the kernel watches any socket. */
#define OUTAGE_NS UINT64_C(5500000000)

static uint64_t begun_ns;
static unsigned int lost;

static enum box_verdict lose_everything(struct box *box, struct box_packet *packet)
{
	(void)box;
	if (begun_ns == 0)
		begun_ns = packet->now_ns;
	if (packet->now_ns - begun_ns >= OUTAGE_NS)
		return BOX_PASS;
	lost++;
	return BOX_DROP;
}

static const struct lab_box outage = {.name = "outage", .packet = lose_everything};

static unsigned int user_timeout(const struct path *path)
{
	unsigned int ms = 0;
	socklen_t len = sizeof(ms);

	assert_int_equal(getsockopt(path_fd(path), IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, &len), 0);
	return ms;
}

static void fact(struct path *path)
{
	begun_ns = 0;
	lost = 0;
	/* So that nothing of that flight leaves before the whole of it: by false start at the client rung. */
	path->way.priority = path->client ? WAY_TLS12 : WAY_TLS13;
	path_fetch_cookie(path);
	path_visit(path);
	assert_int_equal(path->ret, 0);
	/* The client's second flight is on its way. */
	assert_true(user_timeout(path) > 0);
	path_talk(path);
	assert_int_equal(user_timeout(path), 0);
	assert_true(lab_add_own_box(path->lab, &outage, 0) >= 0);
	path_talk(path);
	assert_true(lost >= 4);
	path_expect_syns(path, 1, 1);
}

int main(void)
{
	return path_run("a later outage is outlived", fact, PATH_EVERY_WAY);
}
