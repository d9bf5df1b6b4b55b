/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/bytes.h"

#include <string.h>

struct bytes bytes_of(const void *data, size_t len)
{
	return (struct bytes){.at = data, .len = len};
}

struct bytes bytes_take(struct bytes *bytes, size_t len)
{
	if (bytes->failed || len > bytes->len) {
		bytes->failed = true;
		bytes->len = 0;
		return (struct bytes){.at = bytes->at, .failed = true};
	}
	struct bytes taken = bytes_of(bytes->at, len);

	bytes->at += len;
	bytes->len -= len;
	return taken;
}

uint64_t bytes_number(struct bytes *bytes, size_t width)
{
	struct bytes digits = bytes_take(bytes, width);
	uint64_t number = 0;

	for (size_t i = 0; i < digits.len; i++)
		number = number << 8 | digits.at[i];
	return number;
}

struct bytes bytes_vector(struct bytes *bytes, size_t width)
{
	uint64_t len = bytes_number(bytes, width);

	return bytes_take(bytes, len > SIZE_MAX ? SIZE_MAX : (size_t)len);
}

void writer_init(struct writer *writer, void *buf, size_t size)
{
	*writer = (struct writer){.buf = buf, .size = size};
}

void writer_bytes(struct writer *writer, const void *data, size_t len)
{
	if (writer->failed || len > writer->size - writer->len) {
		writer->failed = true;
		return;
	}
	if (len > 0)
		memcpy(writer->buf + writer->len, data, len);
	writer->len += len;
}

void writer_number(struct writer *writer, uint64_t number, size_t width)
{
	unsigned char digits[8];

	if (width > sizeof(digits) || (width < sizeof(digits) && number >> (8 * width) != 0)) {
		writer->failed = true;
		return;
	}
	for (size_t i = width; i > 0; i--) {
		digits[i - 1] = (unsigned char)number;
		number >>= 8;
	}
	writer_bytes(writer, digits, width);
}

void writer_vector(struct writer *writer, const void *data, size_t len, size_t width)
{
	writer_number(writer, len, width);
	writer_bytes(writer, data, len);
}
