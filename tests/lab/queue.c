/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "queue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static bool before(const struct queue_packet *a, const struct queue_packet *b)
{
	if (a->due_ns != b->due_ns)
		return a->due_ns < b->due_ns;
	return a->order < b->order;
}

static void swap(struct queue *queue, size_t a, size_t b)
{
	struct queue_packet *kept = queue->heap[a];

	queue->heap[a] = queue->heap[b];
	queue->heap[b] = kept;
}

void queue_clear(struct queue *queue)
{
	size_t i;

	for (i = 0; i < queue->used; i++)
		free(queue->heap[i]);
	free(queue->heap);
	*queue = (struct queue)QUEUE_EMPTY;
}

struct queue_packet *queue_packet_new(size_t length)
{
	struct queue_packet *packet = calloc(1, sizeof(*packet) + length);

	if (packet)
		packet->length = length;
	return packet;
}

static int grow(struct queue *queue)
{
	size_t room = queue->room ? queue->room * 2 : 64;
	struct queue_packet **heap = reallocarray(queue->heap, room, sizeof(struct queue_packet *));

	if (!heap)
		return -ENOMEM;

	queue->heap = heap;
	queue->room = room;
	return 0;
}

int queue_push(struct queue *queue, struct queue_packet *packet)
{
	size_t at = queue->used;

	if (queue->used == queue->room && grow(queue) < 0)
		return -ENOMEM;

	packet->order = queue->pushed++;
	queue->heap[queue->used++] = packet;
	while (at > 0 && before(queue->heap[at], queue->heap[(at - 1) / 2])) {
		swap(queue, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
	return 0;
}

uint64_t queue_next_ns(const struct queue *queue)
{
	return queue->used ? queue->heap[0]->due_ns : UINT64_MAX;
}

static void sink(struct queue *queue)
{
	size_t at = 0;

	for (;;) {
		size_t child = at * 2 + 1;

		if (child >= queue->used)
			return;
		if (child + 1 < queue->used && before(queue->heap[child + 1], queue->heap[child]))
			child++;
		if (!before(queue->heap[child], queue->heap[at]))
			return;
		swap(queue, at, child);
		at = child;
	}
}

struct queue_packet *queue_pop(struct queue *queue, uint64_t now_ns)
{
	struct queue_packet *first;

	if (queue_next_ns(queue) > now_ns || !queue->used)
		return NULL;

	first = queue->heap[0];
	queue->heap[0] = queue->heap[--queue->used];
	sink(queue);
	return first;
}
