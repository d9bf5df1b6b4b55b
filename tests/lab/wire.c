/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "wire.h"

#include "punctual.h"
#include "wire_packet.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_SIZE = 65536, BATCH = 64 };

int wire_init(struct wire *wire, const struct wire_settings *settings, size_t trace_bytes)
{
	pthread_condattr_t monotonic;

	wire->settings = *settings;
	trace_init(&wire->trace, trace_bytes);
	pthread_mutex_init(&wire->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&wire->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);

	wire->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wire->wakeup < 0)
		return -errno;

	wire->buffer = malloc(BUFFER_SIZE);
	return wire->buffer ? 0 : -ENOMEM;
}

static void happened(struct wire *wire, uint64_t now_ns)
{
	wire->events++;
	wire->last_event_ns = now_ns;
	pthread_cond_broadcast(&wire->changed);
}

/*
 * Takes one packet that the host has sent. It is read under the lock, so that at any moment a
 * packet is in the device, in the queue or with a host: wire_is_idle() misses none.
 */
static bool take_packet(struct wire *wire, enum lab_side from)
{
	uint64_t now_ns;
	ssize_t length;

	pthread_mutex_lock(&wire->lock);
	length = read(wire->tun[from], wire->buffer, BUFFER_SIZE);
	now_ns = lab_now_ns();
	if (length > 0 && wire_take(wire, from, wire->buffer, (size_t)length, now_ns))
		happened(wire, now_ns);
	pthread_mutex_unlock(&wire->lock);
	return length > 0;
}

/* Not for ever: the other side and the clock wait as well. */
static void take_packets(struct wire *wire, enum lab_side from)
{
	int i;

	for (i = 0; i < BATCH && take_packet(wire, from); i++)
		;
}

bool wire_is_idle(const struct wire *wire)
{
	struct pollfd fds[] = {
		{.fd = wire->tun[LAB_CLIENT], .events = POLLIN},
		{.fd = wire->tun[LAB_SERVER], .events = POLLIN},
	};

	return wire->queue.used == 0 && poll(fds, 2, 0) == 0;
}

/*
 * Gives the hosts what is due and returns when the next packet is. The time of arrival is noted
 * under the lock in which the packet is written, before the host can answer it on the wire.
 */
static uint64_t deliver_packets(struct wire *wire)
{
	struct queue_packet *packet;
	uint64_t next_ns;

	pthread_mutex_lock(&wire->lock);
	while ((packet = queue_pop(&wire->queue, lab_now_ns()))) {
		enum lab_side to = (enum lab_side)packet->to;
		uint64_t now_ns = lab_now_ns();

		wire->ways[to == LAB_CLIENT ? LAB_SERVER : LAB_CLIENT].on_the_way--;
		if (write(wire->tun[to], packet->bytes, packet->length) < 0)
			trace_dropped(&wire->trace, packet->trace_id, "device");
		else
			trace_arrived(&wire->trace, packet->trace_id, now_ns);
		happened(wire, now_ns);
		free(packet);
	}
	next_ns = queue_next_ns(&wire->queue);
	pthread_mutex_unlock(&wire->lock);
	return next_ns;
}

static bool is_stopped(struct wire *wire)
{
	bool stop;

	pthread_mutex_lock(&wire->lock);
	stop = wire->stop;
	pthread_mutex_unlock(&wire->lock);
	return stop;
}

static void wait_for_events(struct wire *wire, uint64_t next_ns)
{
	struct pollfd fds[] = {
		{.fd = wire->tun[LAB_CLIENT], .events = POLLIN},
		{.fd = wire->tun[LAB_SERVER], .events = POLLIN},
		{.fd = wire->wakeup, .events = POLLIN},
	};
	uint64_t now_ns = lab_now_ns();
	uint64_t wait_ns = next_ns > now_ns ? next_ns - now_ns : 0;
	struct timespec timeout = {
		.tv_sec = (time_t)(wait_ns / 1000000000),
		.tv_nsec = (long)(wait_ns % 1000000000),
	};

	/* Errors of poll itself come back at once and are seen as readable or not below. */
	(void)ppoll(fds, 3, next_ns == UINT64_MAX ? NULL : &timeout, NULL);
}

static void *run(void *argument)
{
	struct wire *wire = argument;

	thread_be_punctual();
	while (!is_stopped(wire)) {
		wait_for_events(wire, deliver_packets(wire));
		take_packets(wire, LAB_CLIENT);
		take_packets(wire, LAB_SERVER);
	}
	return NULL;
}

int wire_start(struct wire *wire)
{
	sigset_t all;
	sigset_t kept;
	int result;

	/* Signals are for the program's own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &kept);
	result = pthread_create(&wire->thread, NULL, run, wire);
	pthread_sigmask(SIG_SETMASK, &kept, NULL);
	wire->started = result == 0;
	return -result;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void wire_clear(struct wire *wire)
{
	uint64_t one = 1;

	if (wire->started) {
		pthread_mutex_lock(&wire->lock);
		wire->stop = true;
		pthread_mutex_unlock(&wire->lock);
		(void)!write(wire->wakeup, &one, sizeof(one));
		pthread_join(wire->thread, NULL);
	}
	close_if_open(wire->wakeup);
	close_if_open(wire->tun[LAB_CLIENT]);
	close_if_open(wire->tun[LAB_SERVER]);
	queue_clear(&wire->queue);
	chain_clear(&wire->chain);
	trace_clear(&wire->trace);
	free(wire->buffer);
	pthread_cond_destroy(&wire->changed);
	pthread_mutex_destroy(&wire->lock);
}
