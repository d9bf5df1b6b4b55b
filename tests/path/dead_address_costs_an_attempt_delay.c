/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * After the attempt delay a visit goes on from a dead first address, IPv6 or the first of two of
 * IPv4, to the next one, with a SYN that asks for a cookie; the dead one gets a plain SYN. It costs
 * the same whether a cookie for the dead address is known or not.
 */

#include "path.h"

struct target {
	const char *host;
	int first_family;
	const char *first;	/* the dead address */
	const char *dropped_by; /* NULL: it arrives where nobody has the address */
};

/* Returns the first SYN's data. */
static size_t visit_once(struct path *path, const struct target *target, enum path_option first,
	enum path_option second)
{
	path->host = target->host;
	path_visit_well(path);

	path_expect_syns(path, 3, 3);
	path->way.family = target->first_family;
	size_t data = path_expect_syn(path, 0, first, target->dropped_by).payload_length;
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, target->dropped_by);
	path->way.family = AF_INET;
	path_expect_bare_syn(path, 2, second, NULL);
	path_expect_pause(path, 0, 1, 250);
	path_expect_in_time(path, 2, 250, 3.2);
	const struct path_attempt attempts[] = {
		{target->first, TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_LOST, 0},
		{target->first, TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_LOST, 0},
		{LAB_SERVER_IPV4, TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_WON, 0},
	};
	path_expect_attempts(path, attempts, 3);
	if (second == PATH_COOKIE_ASKED)
		path_expect_report(path, TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NO_COOKIE,
			0, path_hello_length(path, 2));
	else
		path_expect_report(path, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED,
			0, path_hello_length(path, 2));
	assert_int_equal(path_report(path).error, 0);
	path_end(path);
	return data;
}

static void fact(struct path *path)
{
	const struct target dead4 = {"dead4first.test", AF_INET, LAB_DEAD_IPV4, NULL};
	const struct target dead6 = {"server.test", AF_INET6, LAB_SERVER_IPV6, "swallow-ipv6"};
	int box = path_add_box(path, "swallow-ipv6");

	assert_int_equal(visit_once(path, &dead6, PATH_COOKIE_ASKED, PATH_COOKIE_ASKED), 0);
	assert_int_equal(visit_once(path, &dead4, PATH_COOKIE_ASKED, PATH_COOKIE), 0);
	assert_int_equal(lab_switch_box(path->lab, box, false), 0);
	path->host = "server6.test";
	path->way.family = AF_INET6;
	path_fetch_cookie(path);
	assert_int_equal(lab_switch_box(path->lab, box, true), 0);
	assert_true(visit_once(path, &dead6, PATH_COOKIE, PATH_COOKIE) > 0);
}

int main(void)
{
	return path_run("a dead address costs an attempt delay", fact, PATH_RACED);
}
