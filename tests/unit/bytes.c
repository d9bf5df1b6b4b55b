/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* base/bytes reads and writes numbers and vectors in network byte order, and never past the end. */

#include "base/bytes.h"
#include "support/suite.h"

static void reads_numbers(void **state)
{
	static const unsigned char data[] = {1, 2, 3, 4, 5, 6, 7, 8, 0xff};
	static const uint64_t expected[] = {0, 0x01, 0x0102, 0x010203, 0x01020304, 0x0102030405,
		0x010203040506, 0x01020304050607, 0x0102030405060708};

	(void)state;
	for (size_t width = 0; width <= 8; width++) {
		struct bytes bytes = bytes_of(data, sizeof(data));

		assert_int_equal(bytes_number(&bytes, width), expected[width]);
		assert_int_equal(bytes.len, sizeof(data) - width);
		assert_false(bytes.failed);
	}
}

static void fails_once_and_stays_failed(void **state)
{
	static const unsigned char data[] = {1, 2, 3};
	struct bytes bytes = bytes_of(data, sizeof(data));

	(void)state;
	assert_int_equal(bytes_number(&bytes, 4), 0);
	assert_true(bytes.failed);
	assert_int_equal(bytes.len, 0);
	/* There would have been room for this. */
	assert_int_equal(bytes_number(&bytes, 1), 0);
	struct bytes none = bytes_take(&bytes, 0);

	assert_true(bytes.failed);
	assert_true(none.failed);
	assert_int_equal(none.len, 0);
}

static void takes_views(void **state)
{
	static const unsigned char data[] = "abcdef";
	struct bytes bytes = bytes_of(data, 6);
	struct bytes first = bytes_take(&bytes, 2);
	struct bytes rest = bytes_take(&bytes, 4);

	(void)state;
	assert_int_equal(first.len, 2);
	assert_memory_equal(first.at, "ab", 2);
	assert_int_equal(rest.len, 4);
	assert_memory_equal(rest.at, "cdef", 4);
	assert_int_equal(bytes.len, 0);
	assert_int_equal(bytes_take(&bytes, 0).len, 0);
	assert_false(bytes.failed);
	assert_true(bytes_take(&bytes, 1).failed);
}

static void reads_vectors(void **state)
{
	static const unsigned char data[] = {0, 3, 'a', 'b', 'c', 0, 0, 4, 'd'};
	struct bytes bytes = bytes_of(data, sizeof(data));
	struct bytes vector = bytes_vector(&bytes, 2);

	(void)state;
	assert_int_equal(vector.len, 3);
	assert_memory_equal(vector.at, "abc", 3);
	assert_int_equal(bytes_vector(&bytes, 1).len, 0);
	assert_false(bytes.failed);
	/* It says four, and there is one. */
	vector = bytes_vector(&bytes, 2);
	assert_true(vector.failed);
	assert_true(bytes.failed);
	assert_int_equal(vector.len, 0);
}

static void nothing_is_in_nothing(void **state)
{
	struct bytes bytes = bytes_of(NULL, 0);

	(void)state;
	assert_int_equal(bytes_number(&bytes, 0), 0);
	assert_false(bytes.failed);
	assert_int_equal(bytes_vector(&bytes, 8).len, 0);
	assert_true(bytes.failed);
}

static void huge_lengths_are_too_long(void **state)
{
	static const unsigned char data[] = {255, 255, 255, 255, 255, 255, 255, 255, 1};
	struct bytes bytes = bytes_of(data, sizeof(data));

	(void)state;
	assert_true(bytes_vector(&bytes, 8).failed);
	assert_true(bytes.failed);
}

static void writes_what_is_read(void **state)
{
	unsigned char buf[64];
	struct writer writer;

	(void)state;
	writer_init(&writer, buf, sizeof(buf));
	writer_number(&writer, 0x0102030405060708, 8);
	writer_number(&writer, 0xff, 1);
	writer_vector(&writer, "abc", 3, 2);
	writer_vector(&writer, NULL, 0, 1);
	writer_bytes(&writer, "de", 2);
	assert_false(writer.failed);
	assert_int_equal(writer.len, 8 + 1 + 2 + 3 + 1 + 2);
	assert_memory_equal(buf, "\1\2\3\4\5\6\7\10\377\0\3abc\0de", writer.len);
	struct bytes bytes = bytes_of(buf, writer.len);

	assert_true(bytes_number(&bytes, 8) == 0x0102030405060708);
	assert_int_equal(bytes_number(&bytes, 1), 0xff);
	assert_int_equal(bytes_vector(&bytes, 2).len, 3);
	assert_int_equal(bytes_vector(&bytes, 1).len, 0);
	assert_int_equal(bytes.len, 2);
}

static void numbers_must_fit_their_width(void **state)
{
	unsigned char buf[16];

	(void)state;
	for (size_t width = 1; width < 8; width++) {
		struct writer writer;

		writer_init(&writer, buf, sizeof(buf));
		writer_number(&writer, ((uint64_t)1 << 8 * width) - 1, width);
		assert_false(writer.failed);
		assert_int_equal(writer.len, width);
		writer_number(&writer, (uint64_t)1 << 8 * width, width);
		assert_true(writer.failed);
		assert_int_equal(writer.len, width);
	}
	struct writer writer;

	writer_init(&writer, buf, sizeof(buf));
	writer_number(&writer, 1, 9);
	assert_true(writer.failed);
	writer_init(&writer, buf, sizeof(buf));
	writer_vector(&writer, buf, 256, 1);
	assert_true(writer.failed);
}

static void full_writer_stays_as_it_is(void **state)
{
	unsigned char buf[4] = {'x', 'x', 'x', 'x'};
	struct writer writer;

	(void)state;
	writer_init(&writer, buf, 3);
	writer_bytes(&writer, "ab", 2);
	writer_number(&writer, 1, 2);
	assert_true(writer.failed);
	/* There would have been room for this. */
	writer_bytes(&writer, "c", 1);
	assert_int_equal(writer.len, 2);
	assert_memory_equal(buf, "abxx", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(fails_once_and_stays_failed),
		cmocka_unit_test(takes_views),
		cmocka_unit_test(reads_vectors),
		cmocka_unit_test(nothing_is_in_nothing),
		cmocka_unit_test(huge_lengths_are_too_long),
		cmocka_unit_test(writes_what_is_read),
		cmocka_unit_test(numbers_must_fit_their_width),
		cmocka_unit_test(full_writer_stays_as_it_is),
	};

	return suite_run_offline("bytes", tests, suite_length(tests));
}
