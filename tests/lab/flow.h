/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_FLOW_H
#define TLSFO_LAB_FLOW_H

/*
 * The connections seen on the wire, told apart by addresses, ports and the client's initial
 * sequence number: a retransmitted SYN belongs to the connection it opened, the same ports with
 * another initial sequence number are a new one. Pure but for memory. Not locked.
 */

#include "packet.h"

struct flow_key {
	struct in6_addr client;
	struct in6_addr server;
	uint16_t client_port;
	uint16_t server_port;
};

struct flow {
	struct flow_key key;
	uint32_t isn;	   /* the client's initial sequence number */
	bool syn_data;	   /* its SYN carried data */
	uint32_t marks;	   /* for the owner of the table; 0 at first */
	uint32_t next_seq; /* for the owner of the table; 0 at first */
};

struct flow_table {
	struct flow *flows; /* in the order of their first SYN */
	size_t used;
	size_t room;
	uint32_t *slots;   /* hash table: index into flows plus one, newest flow of a key */
	size_t slot_count; /* a power of two, or 0 */
};

#define FLOW_TABLE_EMPTY                                                                           \
	{                                                                                          \
		NULL, 0, 0, NULL, 0                                                                \
	}

/* Frees the memory of the table; it is empty and usable afterwards. */
void flow_table_clear(struct flow_table *table);

/* The key of a TCP packet (or of a quoted one) sent by the client, or by the server. */
struct flow_key flow_key_of(const struct packet_info *info, bool from_client);

/* Index of the newest flow with this key, or −ENOENT. */
long flow_find(const struct flow_table *table, const struct flow_key *key);

/*
 * Index of the flow a packet belongs to; a SYN from the client opens one if need be.
 * Returns −ENOENT for no TCP, or a connection whose SYN was not seen; −ENOMEM.
 */
long flow_track(struct flow_table *table, const struct packet_info *info, bool from_client);

#endif
