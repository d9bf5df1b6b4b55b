/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A ticket is offered while it has time to live, and some to spare for its way; afterwards it counts as
 * none. (GnuTLS offers early data with an expired one and then fails.) This program is linked with
 * tlsfo's archive, whose clock it sets.
 */

#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST	 "how is the weather?\n"
#define LIFETIME 7200
#define WEEK	 (7 * 24 * 3600)

static int64_t ahead_s;

int64_t __real_clock_wall_s(void);
int64_t __wrap_clock_wall_s(void);

int64_t __wrap_clock_wall_s(void)
{
	return __real_clock_wall_s() + ahead_s;
}

/* A ticket that is got now, and a visit that many seconds later. */
static void check(const struct early_turn *turn, int64_t later_s, bool used)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	ahead_s = 0;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turn, 1});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	ahead_s = later_s;
	struct tlsfo_report report =
		client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(early_has_ticket(&seen), used);
	assert_int_equal(seen.announced, used);
	assert_int_equal(report.resumed, used);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(
		report.early_data, used ? TLSFO_EARLY_DATA_ACCEPTED : TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report.error, 0);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void lifetime(void **state)
{
	static const struct early_turn turn = {.lifetime = LIFETIME};

	(void)state;
	check(&turn, 0, true);
	check(&turn, LIFETIME - 60, true);
	/* Ten seconds are needed for the way. */
	check(&turn, LIFETIME - 9, false);
	check(&turn, LIFETIME + 1, false);
	check(&turn, 100L * WEEK, false);
	/* The clock was ahead when the ticket was got, and has been set back. */
	check(&turn, -3600, false);
}

static void short_lifetime(void **state)
{
	(void)state;
	check(&(struct early_turn){.lifetime = 5}, 0, false);
}

/* RFC 8446 §4.6.1: no longer than a week, whatever the server says. */
static void a_week_is_the_most(void **state)
{
	static const struct early_turn turn = {.lifetime = 3 * WEEK};

	(void)state;
	check(&turn, WEEK - 60, true);
	check(&turn, WEEK + 1, false);
}

static int resumes(struct tlsfo_config *config, const struct peer *peer, int64_t later_s)
{
	ahead_s = later_s;
	return client_request(config, AF_INET, peer->port, REQUEST, strlen(REQUEST)).resumed;
}

/*
 * A server gives new tickets on resumption; they end a week after the full handshake all the same (RFC
 * 8446 §4.6.1).
 */
static void a_week_is_the_most_however_often_renewed(void **state)
{
	static const struct early_turn turn = {.lifetime = 3 * WEEK};
	static const struct {
		int64_t later_s;
		int resumed;
	} visits[] = {{0, 0}, {WEEK / 2, 1}, {WEEK - 60, 1}, {WEEK + 60, 0}, {WEEK + 120, 1},
		{2 * WEEK, 1}, {2 * WEEK + 120, 0}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, &turn, 1});
	for (size_t i = 0; i < sizeof(visits) / sizeof(visits[0]); i++) {
		assert_int_equal(resumes(config, &peer, visits[i].later_s), visits[i].resumed);
		early_hear(&peer);
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"its lifetime is over", lifetime, NULL, NULL, NULL},
		{"its lifetime is too short to begin with", short_lifetime, NULL, NULL, NULL},
		{"a week", a_week_is_the_most, NULL, NULL, NULL},
		{"a week, renewed", a_week_is_the_most_however_often_renewed, NULL, NULL, NULL},
	};

	return suite_run("an expired ticket is not used", tests, suite_length(tests));
}
