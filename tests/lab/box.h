/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_BOX_H
#define TLSFO_LAB_BOX_H

/*
 * Middleboxes. A kind of box (struct lab_box) is a name and a function that is shown every packet
 * and says what becomes of it. A box on the wire (struct box) is one of a kind, with its argument
 * and what it remembers. A chain holds the boxes of one wire.
 *
 * Pure but for memory: a chain is given packets and the time and gives packets back, so that it
 * runs without a network. Not locked; one thread at a time.
 */

#include "flow.h"
#include "lab.h"
#include "packet.h"

enum box_verdict { BOX_PASS, BOX_DROP };

struct box_packet {
	enum lab_side from;
	uint64_t now_ns;
	uint8_t *bytes;		 /* may be changed in place, never made longer */
	struct packet_info info; /* kept up to date by whoever changes the bytes */
	bool altered;		 /* to be set by whoever changes the bytes */
	uint64_t delay_ns;	 /* to be added to by whoever delays the packet */
};

struct chain;

struct box {
	const struct lab_box *kind;
	struct chain *chain;
	size_t place; /* in the chain, 0 is next to the client */
	bool on;
	unsigned long argument;
	struct flow_table flows; /* for the kind to use; empty at first */
};

struct lab_box {
	const char *name;
	const char *argument; /* what its argument is called, e.g. "MS"; NULL: takes none */
	unsigned long least;  /* range of the argument */
	unsigned long most;
	const char *description;
	enum box_verdict (*packet)(struct box *box, struct box_packet *packet);
};

/*
 * Sends a packet of the box's own (at most PACKET_MADE_MAX bytes, copied) toward a side, through
 * the boxes that stand there. For use inside `packet`. More than CHAIN_INJECTED for one packet are
 * lost.
 */
void box_inject(struct box *box, enum lab_side to, const uint8_t *bytes, size_t length);

/* Makes the server forget its fast-open key. For use inside `packet`. */
void box_change_server_key(struct box *box);

/*
 * The connection of a packet, opened in box->flows by the client's SYN; NULL for anything else.
 * Valid until the next call.
 */
struct flow *box_flow(struct box *box, const struct box_packet *packet);

/* A SYN of the client that carries data. */
static inline bool box_is_syn_with_data(const struct box_packet *packet)
{
	return packet->from == LAB_CLIENT && packet_is_syn(&packet->info) &&
	       packet->info.payload_length > 0;
}

enum { CHAIN_INJECTED = 4 };

/* One packet that comes out of a chain, or stayed in it. */
struct chain_packet {
	struct box_packet packet;
	const char *injected_by;
	const char *altered_by;
	const char *dropped_by;
	size_t next; /* next box to pass; used by the chain */
	uint8_t made[PACKET_MADE_MAX];
};

/* [0] is the packet that went in. */
struct chain_result {
	struct chain_packet packets[1 + CHAIN_INJECTED];
	size_t count;
};

struct chain {
	struct box boxes[LAB_BOXES_MAX];
	size_t count;
	void (*change_server_key)(void *context); /* may be NULL */
	void *context;
	struct chain_result *result; /* while a packet passes */
};

/* Adds a box as lab_add_box() does, with its return values. */
int chain_add(struct chain *chain, const char *box);

/* Adds one of a kind that is in no table; `argument` counts only if the kind takes one. */
int chain_add_kind(struct chain *chain, const struct lab_box *kind, unsigned long argument);

/* Frees what the boxes remember and takes them out. */
void chain_clear(struct chain *chain);

/*
 * Passes a packet of `from` through all boxes that are switched on. The bytes are changed in place;
 * the result points into them and into itself.
 */
void chain_pass(struct chain *chain, enum lab_side from, uint8_t *bytes,
	const struct packet_info *info, uint64_t now_ns, struct chain_result *ret_result);

#endif
