/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct bytes bytes_of(const void *data, size_t len)
{
	return (struct bytes){.at = data, .len = len};
}

struct bytes bytes_take(struct bytes *bytes, size_t len)
{
	struct bytes taken = {.at = bytes->at, .len = len};

	if (bytes->failed || len > bytes->len) {
		bytes->failed = true;
		bytes->len = 0;
		return (struct bytes){.at = bytes->at, .failed = true};
	}
	bytes->at += len;
	bytes->len -= len;
	return taken;
}

uint64_t bytes_number(struct bytes *bytes, size_t width)
{
	const unsigned char *digits = bytes->at;
	uint64_t number = 0;

	if (bytes_take(bytes, width).failed)
		return 0;
	for (size_t i = 0; i < width; i++)
		number = number << 8 | digits[i];
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
	if (writer->failed || width > writer->size - writer->len || width > sizeof(number) ||
		(width < sizeof(number) && number >> (8 * width) != 0)) {
		writer->failed = true;
		return;
	}
	for (size_t i = width; i > 0; i--) {
		writer->buf[writer->len + i - 1] = (unsigned char)number;
		number >>= 8;
	}
	writer->len += width;
}

void writer_vector(struct writer *writer, const void *data, size_t len, size_t width)
{
	writer_number(writer, len, width);
	writer_bytes(writer, data, len);
}

void wipe(void *data, size_t len)
{
	if (len > 0)
		explicit_bzero(data, len);
}

void wipe_free(void *data, size_t len)
{
	if (data == NULL)
		return;
	wipe(data, len);
	free(data);
}

void *wipe_map(size_t len)
{
	void *data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		return NULL;
	(void)madvise(data, len, MADV_DONTDUMP);
	return data;
}

void wipe_unmap(void *data, size_t len)
{
	wipe(data, len);
	munmap(data, len);
}
