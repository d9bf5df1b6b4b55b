/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When memory runs out, at whichever allocation, the call says so or does without, and the store
 * goes on. Linked with --wrap, so that tlsfo's allocations come here.
 */

#include <stdlib.h>

#include <gnutls/gnutls.h>

#include "fixture.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

/* The number of the allocation that fails; 0: none. */
static unsigned int fails_at;
static unsigned int allocations;

static bool fails(void)
{
	return ++allocations == fails_at;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, count, size);
}

static void fail_at(unsigned int number)
{
	allocations = 0;
	fails_at = number;
}

/* Did the failure that was asked for come about? */
static bool has_failed(void)
{
	bool failed = fails_at > 0 && allocations >= fails_at;

	fails_at = 0;
	return failed;
}

static void is_fine_or_told(int ret, int fine)
{
	if (ret != fine)
		assert_int_equal(ret, GNUTLS_E_MEMORY_ERROR);
}

static bool try_new(const struct fixture *fixture, unsigned int number)
{
	struct tlsfo_store *store = NULL;

	fail_at(number);
	int ret = fixture != NULL ? tlsfo_store_open(fixture->store, NULL, 0, &store)
				  : tlsfo_store_new(&store);

	if (has_failed()) {
		assert_int_equal(ret, GNUTLS_E_MEMORY_ERROR);
		assert_null(store);
		return true;
	}
	assert_int_equal(ret, 0);
	tlsfo_store_free(store);
	return false;
}

static bool try_put(struct tlsfo_store *store, unsigned int number)
{
	const struct peer peer = fixture_peer("example.org");
	int64_t now = fixture_now();
	struct ticket ticket = fixture_ticket(1, 100, now);

	fail_at(number);
	int ret = store_put(store, &peer, &ticket, now);
	bool failed = has_failed();

	is_fine_or_told(ret, 0);
	assert_true(failed || ret == 0);
	/* What was promised is there. */
	if (ret == 0)
		assert_int_equal(fixture_take(store, "example.org", now), 1);
	ticket_clear(&ticket);
	return failed;
}

static bool try_take(struct tlsfo_store *store, unsigned int number)
{
	const struct peer peer = fixture_peer("example.net");
	struct ticket ticket;

	fixture_put(store, "example.net", 1, fixture_now());
	fail_at(number);
	int ret = store_take(store, &peer, fixture_now(), 0, &ticket);
	bool failed = has_failed();

	is_fine_or_told(ret, 1);
	assert_int_equal(ticket.blob != NULL, ret == 1);
	assert_true(failed || ret == 1);
	ticket_clear(&ticket);
	return failed;
}

static int pass(const struct tlsfo_store_entry *entry, void *userdata)
{
	(void)userdata;
	return entry->port == 443 ? 0 : 1;
}

static bool try_list(struct tlsfo_store *store, unsigned int number)
{
	fixture_put(store, "example.org", 1, fixture_now());
	fail_at(number);
	is_fine_or_told(tlsfo_store_list(store, pass, NULL), 0);
	return has_failed();
}

static bool try_forget(struct tlsfo_store *store, unsigned int number)
{
	fixture_put(store, "example.com", 1, fixture_now());
	fail_at(number);
	is_fine_or_told(tlsfo_store_forget(store, "example.com", 0), 1);
	bool failed = has_failed();

	assert_true(tlsfo_store_forget(store, "example.com", 0) >= 0);
	return failed;
}

static bool try_clear(struct tlsfo_store *store, unsigned int number)
{
	assert_int_equal(tlsfo_store_clear(store) >= 0, 1);
	fixture_put(store, "example.org", 1, fixture_now());
	fail_at(number);
	is_fine_or_told(tlsfo_store_clear(store), 1);
	return has_failed();
}

static void at_every_allocation(struct tlsfo_store *store)
{
	static bool (*const operations[])(struct tlsfo_store * store, unsigned int number) = {
		try_put, try_take, try_list, try_forget, try_clear};

	for (size_t i = 0; i < suite_length(operations); i++) {
		unsigned int number = 1;

		while (operations[i](store, number))
			number++;
		assert_in_range(number, 1, 20);
	}
	assert_true(tlsfo_store_clear(store) >= 0);
	fixture_put(store, "example.org", 9, fixture_now());
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 9);
}

static void operations_go_on(void **state)
{
	(void)state;
	fixture_each_kind(at_every_allocation);
}

static void opening_says_so(void **state)
{
	struct fixture fixture;
	unsigned int number = 1;

	(void)state;
	while (try_new(NULL, number))
		number++;
	assert_in_range(number, 3, 10);
	fixture_make(&fixture);
	for (number = 1; try_new(&fixture, number);)
		number++;
	assert_in_range(number, 2, 10);
	fixture_remove(&fixture);
}

/* However often puts fail half-way, no file is left that is no ticket. */
static void no_file_is_left(void **state)
{
	struct fixture fixture;
	char path[512];

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	for (unsigned int number = 1; try_put(store, number);)
		number++;
	assert_int_equal(fixture_files(fixture.store, "new-", path), 0);
	assert_int_equal(fixture_files(fixture.store, "", path), 1);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_go_on),
		cmocka_unit_test(opening_says_so),
		cmocka_unit_test(no_file_is_left),
	};

	return suite_run_offline(
		"allocation failure costs a ticket at most", tests, suite_length(tests));
}
