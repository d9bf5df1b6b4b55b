/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_QUEUE_H
#define TLSFO_LAB_QUEUE_H

/*
 * Packets ordered by the time they are due; equal times keep the order of pushing. Pure but for
 * memory: no clock. Not locked: the wire's own thread is the only user.
 */

#include <stddef.h>
#include <stdint.h>

struct queue_packet {
	uint64_t due_ns;
	uint64_t order;	   /* set by queue_push */
	uint64_t trace_id; /* what the trace calls it */
	int to;		   /* enum lab_side */
	size_t length;
	uint8_t bytes[];
};

struct queue {
	struct queue_packet **heap;
	size_t used;
	size_t room;
	uint64_t pushed;
};

#define QUEUE_EMPTY                                                                                \
	{                                                                                          \
		NULL, 0, 0, 0                                                                      \
	}

/* Frees what is left in the queue; it is empty and usable afterwards. */
void queue_clear(struct queue *queue);

/* A packet with room for `length` bytes, its other fields 0. NULL without memory; free() it. */
struct queue_packet *queue_packet_new(size_t length);

/* Takes the packet. Returns 0, or −ENOMEM, and the packet stays the caller's. */
int queue_push(struct queue *queue, struct queue_packet *packet);

/* When the first packet is due; UINT64_MAX for an empty queue. */
uint64_t queue_next_ns(const struct queue *queue);

/* The first packet if it is due at `now_ns`, else NULL. The caller frees it. */
struct queue_packet *queue_pop(struct queue *queue, uint64_t now_ns);

#endif
