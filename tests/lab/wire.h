/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_WIRE_H
#define TLSFO_LAB_WIRE_H

/*
 * The wire: a thread that takes packets from one TUN device, passes them through the boxes, and
 * gives them to the other device when they are due.
 */

#include "box.h"
#include "queue.h"
#include "trace.h"

#include <pthread.h>

struct wire_settings {
	uint64_t rtt_ns;
	uint64_t jitter_ns;
	double loss;
	double reorder;
	uint64_t seed;
	size_t path_mtu; /* 0: none but the devices' */
	bool too_big_silent;
	size_t queue_packets;
};

/* One direction, by the side that sends. */
struct wire_way {
	uint64_t sent;	      /* packets so far; numbers the pseudo-random decisions */
	uint64_t last_due_ns; /* nothing overtakes by jitter */
	size_t on_the_way;
};

struct wire {
	pthread_mutex_t lock;	/* guards all that follows up to `stop` */
	pthread_cond_t changed; /* something happened: `events` grew */
	uint64_t events;
	uint64_t last_event_ns;
	struct wire_settings settings;
	struct chain chain;
	struct trace trace;
	struct queue queue;
	struct wire_way ways[2];
	bool stop;

	int tun[2]; /* by side; −1: not open */
	int wakeup; /* eventfd */
	pthread_t thread;
	bool started;
	uint8_t *buffer; /* the thread's */
};

/* Prepares the locks; nothing runs yet. The TUN descriptors become the wire's. */
int wire_init(struct wire *wire, const struct wire_settings *settings, size_t trace_bytes);

/* Starts the thread. Returns 0 or −errno. */
int wire_start(struct wire *wire);

/* True if no packet is on the way, not even unread in a device. The lock is held. */
bool wire_is_idle(const struct wire *wire);

/* Stops the thread, frees and closes everything. Allowed on a wire that never started. */
void wire_clear(struct wire *wire);

#endif
