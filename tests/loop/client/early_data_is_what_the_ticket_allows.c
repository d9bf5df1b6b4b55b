/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * First data that may be processed twice leaves as early data where there is a ticket that allows it, and goes as ordinary
 * data otherwise; the server has it once in either case. Each row is a fact of its own.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

enum { FULL = 0, RESUMED = 1 };

struct visit_row {
	size_t len; /* of the first data; 0: there is no such visit */
	int resumed;
	enum tlsfo_early_data early_data;
	enum tlsfo_withheld reason;
};

/* What is seen of a server that knows nothing of the client. */
#define FIRST(len)                                                                                 \
	{                                                                                          \
		len, FULL, TLSFO_EARLY_DATA_WITHHELD, TLSFO_WITHHELD_NO_TICKET                     \
	}
#define WITHHELD(len, reason)                                                                      \
	{                                                                                          \
		len, RESUMED, TLSFO_EARLY_DATA_WITHHELD, reason                                    \
	}
#define ACCEPTED(len)                                                                              \
	{                                                                                          \
		len, RESUMED, TLSFO_EARLY_DATA_ACCEPTED, TLSFO_WITHHELD_NOT                        \
	}
#define REJECTED(len, resumed)                                                                     \
	{                                                                                          \
		len, resumed, TLSFO_EARLY_DATA_REJECTED, TLSFO_WITHHELD_NOT                        \
	}

struct row {
	const char *fact;
	bool no_store;
	struct early_turn turns[3];
	size_t turn_count;
	struct visit_row visits[5];
};

static struct row rows[] = {
	/* GnuTLS before 3.8.9 would say that the ticket allows 4294967295 bytes. Then the server begins to allow
	 * early data, and the ticket that it gave says so. */
	{"a ticket without early data withholds it", false, {{.no_early_data = true}, {0}}, 2,
		{FIRST(20), WITHHELD(20, TLSFO_WITHHELD_NOT_ALLOWED), ACCEPTED(20)}},
	/* All of it goes as ordinary data then. */
	{"early data larger than allowed is withheld", false, {{.max_early_data = 300}}, 1,
		{FIRST(1), ACCEPTED(300), WITHHELD(301, TLSFO_WITHHELD_TOO_LARGE), ACCEPTED(1),
			WITHHELD(TLSFO_FIRST_DATA_MAX, TLSFO_WITHHELD_TOO_LARGE)}},
	{"as much early data as is allowed fills more than a record", false,
		{{.max_early_data = TLSFO_FIRST_DATA_MAX}}, 1,
		{FIRST(1), ACCEPTED(16384), ACCEPTED(16385), ACCEPTED(TLSFO_FIRST_DATA_MAX)}},
	/* The ticket that such a visit brings is as good as any. */
	{"early data taken for a replay is sent again once", false, {{0}, {.replayed = true}, {0}},
		3, {FIRST(20), REJECTED(20, RESUMED), ACCEPTED(20)}},
	{"early data is sent again once where its ticket cannot be read", false,
		{{0}, {.other_key = true}, {.other_key = true}}, 3,
		{FIRST(20), REJECTED(20, FULL), ACCEPTED(20)}},
	{"no store means full handshakes", true, {{0}}, 1, {FIRST(20), FIRST(20), FIRST(20)}},
};

static void check_visit(
	struct tlsfo_config *config, struct peer *peer, const struct visit_row *visit)
{
	bool accepted = visit->early_data == TLSFO_EARLY_DATA_ACCEPTED;
	bool announced = accepted || visit->early_data == TLSFO_EARLY_DATA_REJECTED;
	char data[TLSFO_FIRST_DATA_MAX];

	memset(data, 'x', visit->len);
	data[visit->len - 1] = '\n';
	struct tlsfo_report report = client_request(config, AF_INET, peer->port, data, visit->len);
	struct early_seen seen = early_hear(peer);

	assert_int_equal(seen.announced, announced);
	assert_int_equal(seen.accepted, accepted);
	assert_int_equal(seen.resumed, visit->resumed);
	assert_int_equal(seen.early, accepted ? visit->len : 0);
	early_expect_data(&seen, data, visit->len);
	if (visit->reason == TLSFO_WITHHELD_NO_TICKET)
		assert_false(early_has_ticket(&seen));
	assert_int_equal(report.early_data, visit->early_data);
	assert_int_equal(report.early_data_reason, visit->reason);
	assert_int_equal(report.early_data_bytes, announced ? visit->len : 0);
	assert_int_equal(report.resumed, visit->resumed);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
}

static void test(void **state)
{
	const struct row *row = *state;
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	if (row->no_store)
		assert_int_equal(tlsfo_config_set_store(config, NULL), 0);
	early_start(&peer, &(struct early_options){AF_INET, NULL, row->turns, row->turn_count});
	for (size_t i = 0; i < suite_length(row->visits) && row->visits[i].len > 0; i++)
		check_visit(config, &peer, &row->visits[i]);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void own_store(void **state)
{
	static const struct early_turn turns[] = {{0}};
	struct tlsfo_config *one = client_config_default();
	struct tlsfo_config *other = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	check_visit(one, &peer, &(struct visit_row)FIRST(20));
	check_visit(other, &peer, &(struct visit_row)FIRST(20));
	check_visit(one, &peer, &(struct visit_row)ACCEPTED(20));
	tlsfo_config_free(one);
	tlsfo_config_free(other);
	peer_stop(&peer);
}

int main(void)
{
	struct CMUnitTest tests[suite_length(rows) + 1];
	size_t count = 0;

	for (; count < suite_length(rows); count++)
		tests[count] = (struct CMUnitTest){
			.name = rows[count].fact, .test_func = test, .initial_state = &rows[count]};
	tests[count++] =
		(struct CMUnitTest){.name = "by default a configuration has a store of its own",
			.test_func = own_store};
	return suite_run("early data is what the ticket allows", tests, count);
}
