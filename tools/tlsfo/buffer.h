/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_BUFFER_H
#define TLSFO_COMMAND_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Two TLS records of full length, or half of a pipe. */
#define BUFFER_SIZE ((size_t)32 * 1024)

/* Bytes on their way in one direction: data[start] to data[end - 1]. */
struct buffer {
	size_t start;
	size_t end;
	unsigned char data[BUFFER_SIZE];
};

static inline size_t buffer_length(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

static inline bool buffer_is_full(const struct buffer *buffer)
{
	return buffer_length(buffer) == BUFFER_SIZE;
}

/* Where to put more, and how much fits there: something unless the buffer is full. */
static inline void *buffer_room(struct buffer *buffer, size_t *ret_size)
{
	if (buffer->end == BUFFER_SIZE && buffer->start > 0) {
		memmove(buffer->data, buffer->data + buffer->start, buffer_length(buffer));
		buffer->end -= buffer->start;
		buffer->start = 0;
	}
	*ret_size = BUFFER_SIZE - buffer->end;
	return buffer->data + buffer->end;
}

static inline void buffer_put(struct buffer *buffer, size_t len)
{
	buffer->end += len;
}

static inline const void *buffer_first(const struct buffer *buffer)
{
	return buffer->data + buffer->start;
}

static inline void buffer_take(struct buffer *buffer, size_t len)
{
	buffer->start += len;
	if (buffer->start == buffer->end)
		buffer->start = buffer->end = 0;
}

#endif
