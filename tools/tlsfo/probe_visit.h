/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_PROBE_VISIT_H
#define TLSFO_COMMAND_PROBE_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include <tlsfo/client.h>

#include "options.h"
#include "last_words.h"

/* One visit: connected, shaken hands, said goodbye. */
struct probe_visit {
	bool made;
	int result; /* of tlsfo_conn_open(), or the alert by which the server ended it at once */
	char error[512];
	struct tlsfo_report report; /* at the end of the handshake, or of the failure */
	int64_t cpu_us;		    /* processor time that connecting took here */
	struct last_words words;
	bool false_start; /* TLS 1.2: data could be sent a round trip before its end (RFC 7918) */
	/* Was anything acknowledged that followed the SYN's data? 1, 0, or -1: nothing is known, or
	 * the SYN had no data. */
	int later_acknowledged;
};

void probe_visit_make(struct tlsfo_config *config, const struct connect_options *options,
	const char *port, struct probe_visit *ret_visit);

/* Made, and the handshake was over. */
bool probe_visit_succeeded(const struct probe_visit *visit);

/* The attempt that the session runs over, or NULL. */
const struct tlsfo_attempt *probe_visit_winner(const struct probe_visit *visit);

/* Microseconds from the first SYN of all to that of the winner; 0: the first won; or -1. */
int64_t probe_visit_lost_us(const struct probe_visit *visit);

/* Microseconds from the first SYN of all until data could be sent, or -1. */
int64_t probe_visit_ready_us(const struct probe_visit *visit);

/* Microseconds from the hello that followed a SYN-ACK to the first byte of its answer: a round trip and
 * what the server took; or -1. */
int64_t probe_visit_answer_us(const struct probe_visit *visit);

/* Was a SYN not answered at once, though nothing in it speaks of fast open? */
bool probe_visit_lost_syn(const struct probe_visit *visit);

#endif
