/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A ticket is none once it has expired, nor when it will within the slack; none lives over a week. */

#include "fixture.h"

static int put(struct tlsfo_store *store, uint64_t id, int64_t now, int64_t expires)
{
	const struct peer peer = fixture_peer("example.org");
	struct ticket ticket = fixture_ticket(id, 100, now);

	ticket.expires = expires;
	int ret = store_put(store, &peer, &ticket, now);

	ticket_clear(&ticket);
	return ret;
}

static uint64_t take(struct tlsfo_store *store, int64_t now, int64_t slack)
{
	const struct peer peer = fixture_peer("example.org");
	struct ticket ticket;
	int ret = store_take(store, &peer, now, slack, &ticket);
	uint64_t id = fixture_id(&ticket);

	assert_int_equal(ret, id != 0);
	ticket_clear(&ticket);
	return id;
}

static void at_its_end(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	assert_int_equal(put(store, 1, now, now + 100), 0);
	assert_int_equal(take(store, now + 100, 0), 0);
	assert_int_equal(put(store, 2, now, now + 100), 0);
	assert_int_equal(take(store, now + 99, 0), 2);
}

static void with_slack(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	assert_int_equal(put(store, 1, now, now + 100), 0);
	assert_int_equal(put(store, 2, now, now + 50), 0);
	/* The newest will not do, so it is the other; the newest is left to who has less to do. */
	assert_int_equal(take(store, now, 101), 0);
	assert_int_equal(take(store, now, 51), 1);
	assert_int_equal(take(store, now, 51), 0);
	assert_int_equal(take(store, now, 50), 2);
}

static void never_kept(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	assert_int_equal(put(store, 1, now, now), 0);
	assert_int_equal(put(store, 1, now, now - 1), 0);
	assert_int_equal(put(store, 1, now, 0), 0);
	assert_int_equal(fixture_count(store), 0);
	assert_int_equal(take(store, now - 2, 0), 0);
}

static int check_end(const struct tlsfo_store_entry *entry, void *userdata)
{
	assert_int_equal(entry->expires, *(int64_t *)userdata);
	return 17;
}

static void cut_to_a_week(struct tlsfo_store *store)
{
	int64_t now = fixture_now();
	int64_t end = now + TICKET_LIFE_MAX;

	assert_int_equal(put(store, 1, now, INT64_MAX), 0);
	assert_int_equal(tlsfo_store_list(store, check_end, &end), 17);
	assert_int_equal(take(store, end - 1, 0), 1);
	assert_int_equal(put(store, 1, now, INT64_MAX), 0);
	assert_int_equal(take(store, end, 0), 0);
}

/* A clock that was a year ahead when the ticket was put must not make it live for a year. */
static void from_a_wrong_clock(struct tlsfo_store *store)
{
	int64_t now = fixture_now();
	int64_t later = now + (int64_t)365 * 24 * 3600;

	assert_int_equal(put(store, 1, later, later + 100), 0);
	assert_int_equal(fixture_count(store), 0);
	assert_int_equal(take(store, now, 0), 0);
}

static void expired_is_not_listed(struct tlsfo_store *store)
{
	int64_t then = fixture_now() - 1000;

	assert_int_equal(put(store, 1, then, then + 999), 0);
	assert_int_equal(put(store, 2, then, then + 2000), 0);
	assert_int_equal(fixture_count(store), 1);
}

static void expired(void **state)
{
	(void)state;
	fixture_each_kind(at_its_end);
	fixture_each_kind(with_slack);
	fixture_each_kind(never_kept);
	fixture_each_kind(cut_to_a_week);
	fixture_each_kind(from_a_wrong_clock);
	fixture_each_kind(expired_is_not_listed);
}

/* Asked for or not, it leaves the disk. */
static void expired_leaves_the_disk(void **state)
{
	struct fixture fixture;
	char path[512];
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	assert_int_equal(put(store, 1, now, now + 10), 0);
	assert_int_equal(take(store, now + 10, 0), 0);
	assert_int_equal(fixture_ticket_files(&fixture, path), 0);
	assert_int_equal(put(store, 2, now, now + 10), 0);
	assert_int_equal(put(store, 3, now + 20, now + 30), 0);
	assert_int_equal(fixture_ticket_files(&fixture, path), 1);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expired),
		cmocka_unit_test(expired_leaves_the_disk),
	};

	return suite_run_offline("expired tickets are no tickets", tests, suite_length(tests));
}
