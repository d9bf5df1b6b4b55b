/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_RECORDING_H
#define TLSFO_LAB_RECORDING_H

/* A trace made by hand, packet by packet, for the tests that need no network. */

#include "pure_test.h"
#include "trace.h"

enum { CLIENT_ISN = 1000, HALF_NS = 25, RECORD_HEADER = 5 };

/* So that the server's stream passes the end of the sequence space. */
#define SERVER_ISN 0xffffff00U

/* A connection over IPv6 being recorded. */
struct recording {
	struct trace trace;
	uint64_t now;	  /* grows by one with every packet; set it to let time pass */
	uint64_t half_ns; /* how long a packet is on the way */
};

/* Begins at 100 ns with HALF_NS; trace_clear(&recording.trace) ends it. */
struct recording recording_start(void);

/* Sends a segment, which arrives unless `by` says who dropped it. */
void recording_segment(struct recording *recording, struct made_tcp made, const char *by);

/* The client's SYN with a payload, and the answer that acknowledges so many bytes of it. */
void recording_syn(struct recording *recording, const void *payload, size_t length);
void recording_synack(struct recording *recording, uint32_t acknowledged);

/* Part of a side's stream, by offset. */
void recording_data(struct recording *recording, enum lab_side from, uint32_t offset,
	const void *bytes, size_t length, const char *by);

/*
 * Each writes a TLS record and returns its length: one of zeros, a ServerHello that chooses TLS
 * 1.3, a ClientHello that asks for early data.
 */
size_t put_record(uint8_t *at, uint8_t type, size_t body);
size_t put_server_hello(uint8_t *at);
size_t put_early_hello(uint8_t *at);

#endif
