/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tls/flight keeps bytes until a socket has taken them, in memory of ours or of the caller. */

#include "support/suite.h"
#include "tls/flight.h"

static struct iovec piece(const char *bytes)
{
	return (struct iovec){.iov_base = (void *)(uintptr_t)bytes, .iov_len = strlen(bytes)};
}

static void flight_is(const struct flight *flight, const char *expected)
{
	assert_int_equal(flight->len, strlen(expected));
	assert_memory_equal(flight->data, expected, flight->len);
}

static void appends_every_piece(void **state)
{
	const struct iovec pieces[] = {piece("abc"), piece(""), piece("defg"), piece("h")};
	struct flight flight = {0};

	(void)state;
	assert_int_equal(iovec_length(pieces, 4), 8);
	assert_true(flight_append(&flight, pieces, 4));
	flight_is(&flight, "abcdefgh");
	assert_true(flight_append(&flight, pieces, 0));
	assert_true(flight_append(&flight, pieces + 1, 1));
	flight_is(&flight, "abcdefgh");
	flight_wipe(&flight);
}

static void grows(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	const struct iovec alphabet = piece(letters);
	struct flight flight = {0};

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		assert_true(flight_append(&flight, &alphabet, 1));
	assert_int_equal(flight.len, 26000);
	for (size_t i = 0; i < flight.len; i++)
		assert_int_equal(flight.data[i], letters[i % 26]);
	flight_wipe(&flight);
	assert_int_equal(flight.len, 0);
	assert_true(flight_append(&flight, &alphabet, 1));
	flight_is(&flight, letters);
	flight_wipe(&flight);
}

/* A request no memory can hold is refused, and what there was stays. */
static void refuses_the_impossible(void **state)
{
	const struct iovec small = piece("small");
	const struct iovec huge = {.iov_base = (void *)(uintptr_t) "x", .iov_len = SIZE_MAX / 2};
	struct flight flight = {0};

	(void)state;
	assert_true(flight_append(&flight, &small, 1));
	assert_false(flight_append(&flight, &huge, 1));
	flight_is(&flight, "small");
	flight_wipe(&flight);
}

static void keeps_to_the_callers_memory(void **state)
{
	const struct iovec pieces[] = {piece("1234"), piece("5678")};
	unsigned char memory[10];
	struct flight flight = {.data = memory, .size = 8, .fixed = true};

	(void)state;
	memset(memory, '#', sizeof(memory));
	assert_true(flight_append(&flight, pieces, 2));
	assert_ptr_equal(flight.data, memory);
	flight_is(&flight, "12345678");
	assert_false(flight_append(&flight, pieces, 1));
	flight_is(&flight, "12345678");
	assert_int_equal(memory[8], '#');
	assert_int_equal(memory[9], '#');
}

/* Secrets may be among the bytes. */
static void wipes(void **state)
{
	const struct iovec secret = piece("secret");
	unsigned char memory[8];
	struct flight flight = {.data = memory, .size = sizeof(memory), .fixed = true};

	(void)state;
	memset(memory, '#', sizeof(memory));
	assert_true(flight_append(&flight, &secret, 1));
	flight_wipe(&flight);
	assert_int_equal(flight.len, 0);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(memory[i], 0);
	/* It may be filled again. */
	assert_true(flight_append(&flight, &secret, 1));
	flight_is(&flight, "secret");
	flight_wipe(&flight);
	flight_wipe(&flight);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_every_piece),
		cmocka_unit_test(grows),
		cmocka_unit_test(refuses_the_impossible),
		cmocka_unit_test(keeps_to_the_callers_memory),
		cmocka_unit_test(wipes),
	};

	return suite_run_offline("flight", tests, suite_length(tests));
}
