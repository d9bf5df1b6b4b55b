/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A record of a kind or version that this library does not know, sealed with the right key, is no
 * ticket; whoever looks without taking leaves it where it is.
 */

#include "fixture.h"

#include "store/entry.h"
#include "store/record.h"
#include "store/seal.h"

static const unsigned char key[TLSFO_STORE_KEY_SIZE] = {1, 2, 3};

/* Seals a ticket's record for @peer whose byte @at has become @byte, and puts the file in its place. */
static void plant(
	const struct fixture *fixture, const struct peer *peer, size_t at, unsigned char byte)
{
	static const unsigned char random[SEAL_SALT_SIZE] = {9};
	char path[512];
	int64_t now = fixture_now();
	struct ticket ticket = fixture_ticket(1, 100, now);
	const struct entry_key peers = peer_key(key, peer);
	const struct entry entry = entry_ticket(&peers, now, 1, ticket.expires, random);
	struct content content;
	struct record record;

	assert_true(record_of_ticket(peer, &ticket, &record));
	assert_true(record_pack(&record, &content));
	content.data[SEAL_HEAD + at] = byte;
	seal_close(key, entry.name, random, content.data, content.record.len);
	snprintf(path, sizeof(path), "%s/tlsfo-1/tickets/%x/%s", fixture->store,
		(unsigned int)peers.bytes[0] >> 4, entry.name);
	fixture_write(path, content.data, content.size);
	content_clear(&content);
	ticket_clear(&ticket);
}

/* How many tickets such a record is: listed, forgotten or taken. */
static int planted(size_t at, unsigned char byte)
{
	const struct peer peer = fixture_peer("example.org");
	struct tlsfo_store *store = NULL;
	struct fixture fixture;
	struct ticket taken;
	char path[512];

	fixture_make(&fixture);
	assert_int_equal(tlsfo_store_open(fixture.store, key, sizeof(key), &store), 0);
	plant(&fixture, &peer, at, byte);
	int count = fixture_count(store);

	if (count == 0)
		assert_int_equal(tlsfo_store_forget(store, "example.org", 0), 0);
	assert_int_equal(fixture_ticket_files(&fixture, path), 1);
	assert_int_equal(store_take(store, &peer, fixture_now(), 0, &taken), count);
	ticket_clear(&taken);
	assert_int_equal(fixture_ticket_files(&fixture, path), 0);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
	return count;
}

static void kinds_and_versions(void **state)
{
	(void)state;
	/* As it is it would be one. */
	assert_int_equal(planted(0, RECORD_TICKET), 1);
	assert_int_equal(planted(0, 2), 0);
	assert_int_equal(planted(0, 0), 0);
	assert_int_equal(planted(1, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_and_versions),
	};

	return suite_run_offline("other kinds are passed over", tests, suite_length(tests));
}
