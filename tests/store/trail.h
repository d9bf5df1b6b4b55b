/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_TRAIL_H
#define STORE_TRAIL_H

/* What the tests of path records share: places that are told apart by a number. */

#include "store/path.h"

#include "fixture.h"

/* Destination 198.51.100.@number port 443, called "host-@number.example", from 192.0.2.0/24. */
struct path_place trail_place(unsigned char number);

/* The memory of a store. */
struct shelf *trail_of(struct tlsfo_store *store);

/* What is said of it. */
enum path_advice trail_advice(struct tlsfo_store *store, unsigned char number, int64_t now);

void trail_fail(struct tlsfo_store *store, unsigned char number, int64_t now);
void trail_succeed(struct tlsfo_store *store, unsigned char number);
bool trail_probe(struct tlsfo_store *store, unsigned char number, int64_t now);

/* host-@number.example answered from its address. */
void trail_answer(struct tlsfo_store *store, unsigned char number, int64_t rtt_us, int64_t now);

/* The round-trip time that is remembered of it, -1: unknown, -2: no record. */
int64_t trail_rtt(struct tlsfo_store *store, unsigned char number, int64_t now);

/* The files of path records; the path of the last one. */
size_t trail_files(const struct fixture *fixture, char ret_path[static 512]);

#endif
