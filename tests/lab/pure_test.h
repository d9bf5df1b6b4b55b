/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_PURE_TEST_H
#define TLSFO_LAB_PURE_TEST_H

/* Packets made by hand, for the tests that need no network. */

#include "packet.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MADE_CLIENT_PORT = 40000, MADE_SERVER_PORT = 443, MADE_MAX = 2048 };

/* A segment between 192.0.2.10 and 192.0.2.20, or 2001:db8::10 and 2001:db8::20. */
struct made_tcp {
	int version;
	bool from_server;
	uint16_t client_port; /* 0 means MADE_CLIENT_PORT */
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
	const uint8_t *options; /* a multiple of four bytes */
	size_t options_length;
	const void *payload;
	size_t payload_length;
};

/*
 * Writes it with right checksums, computed here and not by the code under test; returns the length.
 */
size_t make_tcp(const struct made_tcp *made, uint8_t ret_bytes[static MADE_MAX]);

/* The same, parsed. */
struct packet_info make_and_parse(const struct made_tcp *made, uint8_t ret_bytes[static MADE_MAX]);

#endif
