/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The questions of lab.h: each asks the trace under the wire's lock. */

#include "lab_internal.h"

#include "poll_until.h"

#include <errno.h>
#include <time.h>

/* A packet that the wire ignores changes nothing that could be waited for. */
enum { BUSY_POLL_NS = 1000000 };

static struct trace *lock(struct lab *lab)
{
	pthread_mutex_lock(&lab->wire.lock);
	return &lab->wire.trace;
}

static void unlock(struct lab *lab)
{
	pthread_mutex_unlock(&lab->wire.lock);
}

size_t lab_trace_packets(struct lab *lab)
{
	size_t count = lock(lab)->used;

	unlock(lab);
	return count;
}

int lab_trace_packet(struct lab *lab, size_t index, struct lab_packet *ret_packet)
{
	const struct trace *trace = lock(lab);
	int result = -ENOENT;

	if (index < trace->used) {
		*ret_packet = trace->entries[index]->packet;
		result = 0;
	}
	unlock(lab);
	return result;
}

void lab_trace_reset(struct lab *lab)
{
	trace_reset(lock(lab));
	unlock(lab);
}

size_t lab_trace_connections(struct lab *lab)
{
	size_t count = lock(lab)->flows.used;

	unlock(lab);
	return count;
}

size_t lab_trace_syns(struct lab *lab)
{
	const struct trace *trace = lock(lab);
	size_t count = 0;

	while (trace_syn(trace, count))
		count++;
	unlock(lab);
	return count;
}

int lab_trace_syn(struct lab *lab, size_t i, struct lab_packet *ret_packet)
{
	const struct trace_entry *entry = trace_syn(lock(lab), i);

	if (entry)
		*ret_packet = entry->packet;
	unlock(lab);
	return entry ? 0 : -ENOENT;
}

ssize_t lab_trace_syn_payload(struct lab *lab, size_t i)
{
	struct lab_packet syn;
	int result = lab_trace_syn(lab, i, &syn);

	return result < 0 ? result : (ssize_t)syn.payload_length;
}

const uint8_t *lab_trace_syn_bytes(struct lab *lab, size_t i, size_t *ret_length)
{
	struct lab_packet syn;

	if (lab_trace_syn(lab, i, &syn) < 0)
		return NULL;

	*ret_length = syn.payload_kept;
	return syn.payload;
}

ssize_t lab_trace_syn_acked(struct lab *lab, int connection)
{
	ssize_t result = trace_syn_acked(lock(lab), connection);

	unlock(lab);
	return result;
}

/* The moment a packet or record arrived, as seen from the first SYN. */
static struct lab_moment moment_of(
	const struct lab *lab, int asked, int connection, uint64_t arrived_ns, size_t packet)
{
	struct lab_moment moment = {
		.ns = arrived_ns - trace_start_ns(&lab->wire.trace, asked),
		.packet = packet,
		.connection = connection,
	};
	uint64_t rtt_ns = lab->wire.settings.rtt_ns;

	moment.round_trips = rtt_ns ? (double)moment.ns / (double)rtt_ns : 0;
	return moment;
}

int lab_trace_first_server_byte(struct lab *lab, int connection, struct lab_moment *ret_moment)
{
	const struct trace *trace = lock(lab);
	const struct trace_entry *entry;
	int result = trace_has_connection(trace, connection) ? -EAGAIN : -ENOENT;

	entry = result == -EAGAIN ? trace_first_server_byte(trace, connection) : NULL;
	if (entry) {
		*ret_moment = moment_of(lab, connection, entry->packet.connection,
			entry->packet.arrived_ns, entry->packet.index);
		result = 0;
	}
	unlock(lab);
	return result;
}

/* Returns 0, −EAGAIN without a response that arrived, −ENOMEM. */
static int response_of(
	const struct trace *trace, int connection, size_t min_record, struct lab_record *ret_record)
{
	struct trace_records records;
	int result = trace_read_records(trace, connection, min_record, &records);

	if (result < 0)
		return result;

	result = -EAGAIN;
	if (records.response < records.count[LAB_SERVER]) {
		*ret_record = records.records[LAB_SERVER][records.response];
		result = ret_record->arrived_ns ? 0 : -EAGAIN;
	}
	trace_records_clear(&records);
	return result;
}

int lab_trace_first_response(
	struct lab *lab, int connection, size_t min_record, struct lab_moment *ret_moment)
{
	const struct trace *trace = lock(lab);
	struct lab_record first = {.arrived_ns = UINT64_MAX};
	int result = trace_has_connection(trace, connection) ? -EAGAIN : -ENOENT;
	int last = connection == LAB_ALL ? (int)trace->flows.used - 1 : connection;
	int found = -1;
	int i = connection == LAB_ALL ? 0 : connection;

	for (; result != -ENOENT && result != -ENOMEM && i <= last; i++) {
		struct lab_record record;
		int one = response_of(trace, i, min_record, &record);

		if (one == 0 && record.arrived_ns < first.arrived_ns) {
			first = record;
			found = i;
		}
		if (one == -ENOMEM)
			result = one;
	}
	if (found >= 0 && result == -EAGAIN) {
		*ret_moment = moment_of(lab, connection, found, first.arrived_ns, first.packet);
		result = 0;
	}
	unlock(lab);
	return result;
}

ssize_t lab_trace_records(struct lab *lab, int connection, enum lab_side from,
	struct lab_record *ret_records, size_t room)
{
	struct trace_records records;
	ssize_t result = trace_read_records(lock(lab), connection, TRACE_NO_RESPONSE, &records);
	size_t i;

	unlock(lab);
	if (result < 0)
		return result;

	for (i = 0; i < records.count[from] && i < room; i++)
		ret_records[i] = records.records[from][i];
	result = (ssize_t)records.count[from];
	trace_records_clear(&records);
	return result;
}

/* ------------------------------------------------------------------------------- waiting -- */

/*
 * Waits for a change, at most to the time. The lock is held. Returns false when the time has come.
 */
static bool wait_change(struct wire *wire, uint64_t until_ns)
{
	struct timespec until = {
		.tv_sec = (time_t)(until_ns / 1000000000),
		.tv_nsec = (long)(until_ns % 1000000000),
	};

	if (until_ns == UINT64_MAX)
		return pthread_cond_wait(&wire->changed, &wire->lock) == 0;
	return pthread_cond_timedwait(&wire->changed, &wire->lock, &until) == 0;
}

static uint64_t deadline_ns(int64_t deadline)
{
	return deadline < 0 ? UINT64_MAX : (uint64_t)deadline * 1000000;
}

int lab_trace_wait(struct lab *lab, bool (*true_when)(struct lab *lab, void *argument),
	void *argument, int64_t deadline)
{
	struct wire *wire = &lab->wire;
	bool in_time = true;

	for (;;) {
		uint64_t seen;

		pthread_mutex_lock(&wire->lock);
		seen = wire->events;
		pthread_mutex_unlock(&wire->lock);
		if (true_when(lab, argument))
			return 0;
		if (!in_time)
			return -ETIMEDOUT;

		pthread_mutex_lock(&wire->lock);
		while (in_time && wire->events == seen)
			in_time = wait_change(wire, deadline_ns(deadline));
		pthread_mutex_unlock(&wire->lock);
	}
}

/* When the wire will have been idle for so long; a little from now while it is not idle at all. */
static uint64_t idle_until(const struct wire *wire, uint64_t started_ns, uint64_t idle_ns)
{
	uint64_t since_ns = wire->last_event_ns > started_ns ? wire->last_event_ns : started_ns;

	return wire_is_idle(wire) ? since_ns + idle_ns : lab_now_ns() + BUSY_POLL_NS;
}

int lab_wait_idle(struct lab *lab, int64_t milliseconds, int64_t deadline)
{
	struct wire *wire = &lab->wire;
	uint64_t idle_ns = (uint64_t)(milliseconds < 0 ? 0 : milliseconds) * 1000000;
	uint64_t started_ns = lab_now_ns();
	int result = -EAGAIN;

	pthread_mutex_lock(&wire->lock);
	while (result == -EAGAIN) {
		uint64_t until_ns = idle_until(wire, started_ns, idle_ns);

		if (until_ns <= lab_now_ns())
			result = 0;
		else if (poll_time_left(deadline) == 0)
			result = -ETIMEDOUT;
		else
			wait_change(wire, until_ns < deadline_ns(deadline) ? until_ns
									   : deadline_ns(deadline));
	}
	pthread_mutex_unlock(&wire->lock);
	return result;
}
