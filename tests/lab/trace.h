/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_TRACE_H
#define TLSFO_LAB_TRACE_H

/*
 * The memory of a wire: every packet as it was sent and what became of it. Pure but for memory, the
 * caller tells the time. Not locked: the wire's lock is held around every call.
 */

#include "flow.h"
#include "lab.h"
#include "packet.h"
#include "tls_records.h"

struct trace_entry {
	struct lab_packet packet;
	uint32_t isn; /* of the client, if packet.connection is not −1 */
	size_t length;
	size_t kept;
	uint8_t *bytes; /* as sent */
	size_t altered_length;
	size_t altered_kept;
	uint8_t *altered; /* as it arrived; NULL if nobody changed it */
};

struct trace {
	struct trace_entry **entries;
	size_t used;
	size_t room;
	uint64_t first_id; /* what the first entry is called */
	size_t bytes_left; /* packet bytes that may still be kept whole */
	size_t bytes_most;
	struct flow_table flows; /* index: number of the connection */
};

/* What trace_sent() returns for a packet that could not be recorded. */
enum { TRACE_NONE = 0 };

void trace_init(struct trace *trace, size_t bytes_most);

/* Forgets everything; ids given out before are ignored from now on. */
void trace_reset(struct trace *trace);
void trace_clear(struct trace *trace);

/* Records a packet on its way; returns the id by which the functions below know it. */
uint64_t trace_sent(struct trace *trace, enum lab_side from, uint64_t now_ns, const uint8_t *bytes,
	const struct packet_info *info, const char *injected_by);
void trace_altered(struct trace *trace, uint64_t id, const uint8_t *bytes,
	const struct packet_info *info, const char *by);
void trace_dropped(struct trace *trace, uint64_t id, const char *by);
void trace_arrived(struct trace *trace, uint64_t id, uint64_t now_ns);

/* ---------------------------------------------------------------------- what can be asked -- */

/* The i-th SYN the client sent, or NULL. */
const struct trace_entry *trace_syn(const struct trace *trace, size_t i);

/* True if the connection exists, or is LAB_ALL and there is one. */
bool trace_has_connection(const struct trace *trace, int connection);

/* When the first SYN of the connection (or of all) was sent. */
uint64_t trace_start_ns(const struct trace *trace, int connection);

/* See lab_trace_syn_acked(). */
ssize_t trace_syn_acked(const struct trace *trace, int connection);

/* See lab_trace_first_server_byte(); the entry, or NULL. */
const struct trace_entry *trace_first_server_byte(const struct trace *trace, int connection);

/*
 * The TLS records of a connection, both directions, named and timed; `min_record` as for
 * lab_trace_first_response(), TRACE_NO_RESPONSE to look for none.
 */
#define TRACE_NO_RESPONSE SIZE_MAX

struct trace_records {
	struct lab_record *records[2]; /* by enum lab_side of the sender */
	size_t count[2];
	bool tls13;
	size_t response; /* index among the server's; == its count: none */
};

/* Returns 0, −ENOENT, −ENOMEM. trace_records_clear() frees. */
int trace_read_records(const struct trace *trace, int connection, size_t min_record,
	struct trace_records *ret_records);
void trace_records_clear(struct trace_records *records);

/* -------------------------------------------------------------------------------- streams -- */

/* The bytes one side sent on a connection, put together from the packets as sent. */
struct stream {
	uint8_t *bytes;
	size_t length;
	struct stream_segment *segments; /* by offset, then by time */
	size_t segment_count;
};

struct stream_segment {
	const struct trace_entry *entry;
	uint64_t offset;
};

/* Returns 0 (an empty stream is a success), −ENOMEM. stream_clear() frees. */
int stream_read(
	const struct trace *trace, int connection, enum lab_side from, struct stream *ret_stream);
void stream_clear(struct stream *stream);

/* Offset of the packet's payload in its stream; −1 for none. */
int64_t trace_stream_offset(const struct trace *trace, const struct trace_entry *entry);

#endif
