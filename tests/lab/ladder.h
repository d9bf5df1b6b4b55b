/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_LADDER_H
#define TLSFO_LAB_LADDER_H

/* What a ladder diagram shows, apart from how it is drawn. */

#include "lab.h"
#include "trace.h"

enum { LADDER_LABEL = 160 };

struct ladder_row {
	enum lab_side from;
	int connection; /* index into the model's connections; −1: none */
	enum lab_fate fate;
	int64_t sent_ns;     /* from the start of the ladder */
	int64_t arrived_ns;  /* when it would have, if it did not */
	bool early_data;     /* carries some */
	bool response;	     /* carries the first byte of it */
	const char *more_of; /* record of which it carries nothing but more bytes, or NULL */
	size_t payload_length;
	size_t packets; /* that this row stands for */
	const char *dropped_by;
	const char *altered_by;
	const char *injected_by;
	char label[LADDER_LABEL]; /* "SYN, cookie 8, ClientHello 415" */
};

struct ladder_connection {
	int number;	 /* as the trace counts */
	char client[64]; /* "192.0.2.10:41234" */
	char server[64];
	uint64_t start_ns;
	size_t syn_payload;    /* bytes in its first SYN */
	ssize_t syn_acked;     /* −1: no SYN-ACK arrived */
	int64_t first_byte_ns; /* from its first SYN; −1: none arrived */
	int64_t response_ns;
	struct trace_records records;
};

struct ladder_model {
	struct ladder_row *rows; /* in the order in which the client saw them */
	size_t row_count;
	struct ladder_connection *connections;
	size_t connection_count;
	uint64_t start_ns;
	uint64_t rtt_ns;
};

/* Returns 0, −ENOENT: no such connection, −ENOMEM. ladder_model_clear() frees. */
int ladder_model_read(const struct trace *trace, const struct lab_ladder *ladder, uint64_t rtt_ns,
	struct ladder_model *ret_model);
void ladder_model_clear(struct ladder_model *model);

/*
 * Writes the label of a packet into row->label, and what else it says about early data and
 * response.
 */
void ladder_label(const struct trace *trace, const struct trace_entry *entry,
	const struct ladder_connection *connection, struct ladder_row *row);

/*
 * Writes the label of a row that stands for several packets. It must still have that of the first.
 */
void ladder_label_merged(struct ladder_row *row);

/* One line about a connection: "SYN carried 415 bytes, 415 acknowledged · first server byte …". */
void ladder_summary(const struct ladder_model *model, const struct ladder_connection *connection,
	char *ret_text, size_t size);

/* Draws a model. 0 or −EIO. */
int ladder_draw_text(const struct ladder_model *model, FILE *file, bool ascii);

#endif
