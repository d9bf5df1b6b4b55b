/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tls/messages reads the handshake's messages within their bounds, whatever their bytes are. Each
 * message is read whole, cut at every place, and with every byte of it changed, from memory that
 * ends where the message does.
 */

#include <stdlib.h>

#include "base/bytes.h"
#include "base/macros.h"
#include "support/suite.h"
#include "tls/messages.h"

#define MESSAGE_MAX 512

struct message {
	unsigned char bytes[MESSAGE_MAX];
	size_t len;
};

/* A copy that ends where its memory does, for those who watch memory. */
static unsigned char *exact(const unsigned char *bytes, size_t len)
{
	unsigned char *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

/* ------------------------------------------------------------------------------ ClientHello -- */

static struct message hello(bool early_data)
{
	static const unsigned char random[32];
	static const unsigned char suites[] = {0x13, 0x01};
	static const unsigned char extensions[] = {0, 51, 0, 2, 0, 0, 0, 42, 0, 0};
	const size_t extensions_len = early_data ? 10 : 6;
	const size_t body = 2 + 32 + 1 + 2 + sizeof(suites) + 2 + 2 + extensions_len;
	struct message message;
	struct writer writer;

	writer_init(&writer, message.bytes, sizeof(message.bytes));
	writer_number(&writer, 22, 1);
	writer_number(&writer, 0x0301, 2);
	writer_number(&writer, body + 4, 2);
	writer_number(&writer, 1, 1);
	writer_number(&writer, body, 3);
	writer_number(&writer, 0x0303, 2);
	writer_bytes(&writer, random, sizeof(random));
	writer_vector(&writer, NULL, 0, 1);
	writer_vector(&writer, suites, sizeof(suites), 2);
	writer_vector(&writer, "", 1, 1);
	writer_vector(&writer, extensions, extensions_len, 2);
	assert_false(writer.failed);
	message.len = writer.len;
	return message;
}

static bool announces(const unsigned char *bytes, size_t len)
{
	unsigned char *copy = exact(bytes, len);
	bool result = flight_announces_early_data(copy, len);

	free(copy);
	return result;
}

static void hello_tells_of_early_data(void **state)
{
	struct message with = hello(true);
	struct message without = hello(false);

	(void)state;
	assert_true(announces(with.bytes, with.len));
	assert_false(announces(without.bytes, without.len));
	for (size_t len = 0; len < with.len; len++)
		assert_false(announces(with.bytes, len));
	/* What follows the hello in the flight changes nothing. */
	memset(with.bytes + with.len, 23, 100);
	assert_true(announces(with.bytes, with.len + 100));
	assert_false(announces(NULL, 0));
}

static void what_is_no_hello_has_no_early_data(void **state)
{
	struct message record = hello(true);
	struct message server = hello(true);

	(void)state;
	record.bytes[0] = 23;
	assert_false(announces(record.bytes, record.len));
	server.bytes[5] = 2;
	assert_false(announces(server.bytes, server.len));
}

/* Lengths that reach beyond what they are in. */
static void hello_with_a_false_length_is_none(void **state)
{
	static const size_t lengths[] = {4, 8, 5 + 4 + 2 + 32, 5 + 4 + 35 + 1};
	struct message message = hello(true);

	(void)state;
	for (size_t i = 0; i < array_length(lengths); i++) {
		struct message lie = message;

		lie.bytes[lengths[i]] = 0xff;
		assert_false(announces(lie.bytes, lie.len));
	}
}

/* ------------------------------------------------------------------------- HelloRetryRequest -- */

static struct message retry(unsigned int group)
{
	static const unsigned char random[32];
	static const unsigned char session[32];
	const unsigned char extensions[] = {
		0, 43, 0, 2, 3, 4, 0, 51, 0, 2, (unsigned char)(group >> 8), (unsigned char)group};
	struct message message;
	struct writer writer;

	writer_init(&writer, message.bytes, sizeof(message.bytes));
	writer_number(&writer, 0x0303, 2);
	writer_bytes(&writer, random, sizeof(random));
	writer_vector(&writer, session, sizeof(session), 1);
	writer_number(&writer, 0x1301, 2);
	writer_number(&writer, 0, 1);
	writer_vector(&writer, extensions, sizeof(extensions), 2);
	assert_false(writer.failed);
	message.len = writer.len;
	return message;
}

static unsigned int wanted(const unsigned char *bytes, size_t len)
{
	unsigned char *copy = exact(bytes, len);
	unsigned int group = retry_wants_group(copy, len);

	free(copy);
	return group;
}

static void retry_tells_its_group(void **state)
{
	struct message message = retry(24);

	(void)state;
	assert_int_equal(wanted(message.bytes, message.len), 24);
	message = retry(4588);
	assert_int_equal(wanted(message.bytes, message.len), 4588);
	for (size_t len = 0; len < message.len; len++)
		assert_int_equal(wanted(message.bytes, len), 0);
}

static void retry_without_a_group_tells_none(void **state)
{
	struct message message = retry(24);

	(void)state;
	/* A cookie (44) instead of a key share. */
	message.bytes[message.len - 5] = 44;
	assert_int_equal(wanted(message.bytes, message.len), 0);
	/* A key share of one byte. */
	message = retry(24);
	message.bytes[message.len - 3] = 1;
	assert_int_equal(wanted(message.bytes, message.len), 0);
}

/* ---------------------------------------------------------------------------------- tickets -- */

static struct message ticket(const unsigned char *extensions, size_t len)
{
	struct message message;
	struct writer writer;

	writer_init(&writer, message.bytes, sizeof(message.bytes));
	writer_number(&writer, 7200, 4);
	writer_number(&writer, 0xdeadbeef, 4);
	writer_vector(&writer, "nonce", 5, 1);
	writer_vector(&writer, "ticket", 6, 2);
	writer_vector(&writer, extensions, len, 2);
	assert_false(writer.failed);
	message.len = writer.len;
	return message;
}

static bool read_terms(const unsigned char *bytes, size_t len, struct ticket_terms *ret_terms)
{
	unsigned char *copy = exact(bytes, len);
	bool result = ticket_terms_read(copy, len, true, ret_terms);

	free(copy);
	return result;
}

static void ticket_tells_its_terms(void **state)
{
	static const unsigned char extensions[] = {0x0a, 0x0a, 0, 0, 0, 42, 0, 4, 0, 0, 0x40, 0};
	struct message message = ticket(extensions, sizeof(extensions));
	struct ticket_terms terms = {0};

	(void)state;
	assert_true(read_terms(message.bytes, message.len, &terms));
	assert_int_equal(terms.lifetime, 7200);
	assert_int_equal(terms.max_early_data, 16384);
	for (size_t len = 0; len < message.len; len++) {
		struct ticket_terms untouched = {1, 2};

		assert_false(read_terms(message.bytes, len, &untouched));
		assert_int_equal(untouched.lifetime, 1);
		assert_int_equal(untouched.max_early_data, 2);
	}
}

static void ticket_without_the_extension_allows_none(void **state)
{
	struct message message = ticket(NULL, 0);
	struct ticket_terms terms = {1, 2};

	(void)state;
	assert_true(read_terms(message.bytes, message.len, &terms));
	assert_int_equal(terms.lifetime, 7200);
	assert_int_equal(terms.max_early_data, 0);
}

static void ticket_with_half_an_extension_allows_none(void **state)
{
	static const unsigned char extensions[] = {0, 42, 0, 4, 0, 0, 0x40, 0};
	static const unsigned char small[] = {0, 42, 0, 3, 1, 2, 3};
	struct message message = ticket(small, sizeof(small));
	struct ticket_terms terms = {1, 2};

	(void)state;
	assert_true(read_terms(message.bytes, message.len, &terms));
	assert_int_equal(terms.max_early_data, 0);
	for (size_t len = 1; len < sizeof(extensions); len++) {
		message = ticket(extensions, len);
		assert_true(read_terms(message.bytes, message.len, &terms));
		assert_int_equal(terms.max_early_data, 0);
	}
}

static void hint_is_read(void **state)
{
	static const unsigned char message[] = {0, 0, 0x0e, 0x10, 0, 3, 'a', 'b', 'c'};
	struct ticket_terms terms = {1, 2};

	(void)state;
	for (size_t len = 0; len < sizeof(message); len++) {
		unsigned char *copy = exact(message, len);

		assert_false(ticket_terms_read(copy, len, false, &terms));
		free(copy);
	}
	assert_int_equal(terms.lifetime, 1);
	assert_true(ticket_terms_read(message, sizeof(message), false, &terms));
	assert_int_equal(terms.lifetime, 3600);
	assert_int_equal(terms.max_early_data, 0);
}

/* ------------------------------------------------------------------------------- every byte -- */

static void read_all(const unsigned char *bytes, size_t len)
{
	struct ticket_terms terms;
	unsigned char *copy = exact(bytes, len);

	/* What comes out of nonsense does not matter; that it ends within its bounds does. */
	(void)flight_announces_early_data(copy, len);
	(void)retry_wants_group(copy, len);
	(void)!ticket_terms_read(copy, len, true, &terms);
	(void)!ticket_terms_read(copy, len, false, &terms);
	free(copy);
}

static void every_byte_may_be_any(void **state)
{
	static const unsigned char extensions[] = {0, 42, 0, 4, 0, 0, 0x40, 0};
	struct message messages[] = {
		hello(true), retry(24), ticket(extensions, sizeof(extensions))};

	(void)state;
	for (size_t i = 0; i < array_length(messages); i++) {
		for (size_t at = 0; at < messages[i].len; at++) {
			for (unsigned int value = 0; value < 256; value++) {
				struct message lie = messages[i];

				lie.bytes[at] = (unsigned char)value;
				read_all(lie.bytes, lie.len);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_tells_of_early_data),
		cmocka_unit_test(what_is_no_hello_has_no_early_data),
		cmocka_unit_test(hello_with_a_false_length_is_none),
		cmocka_unit_test(retry_tells_its_group),
		cmocka_unit_test(retry_without_a_group_tells_none),
		cmocka_unit_test(ticket_tells_its_terms),
		cmocka_unit_test(ticket_without_the_extension_allows_none),
		cmocka_unit_test(ticket_with_half_an_extension_allows_none),
		cmocka_unit_test(hint_is_read),
		cmocka_unit_test(every_byte_may_be_any),
	};

	return suite_run_offline("messages", tests, suite_length(tests));
}
