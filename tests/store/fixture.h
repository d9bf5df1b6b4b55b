/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

/*
 * What the tests of the store share: a directory for one test, tickets that are told apart by a
 * number, and looks at the files behind.
 */

#include <stdbool.h>
#include <stdint.h>

#include <tlsfo/error.h>
#include <tlsfo/store.h>

#include "store/store.h"
#include "support/suite.h"

#define SHELF_LIFE 7200 /* seconds a ticket lives */

/* A directory of its own below $TMPDIR or /tmp; a store is "store" in it. */
struct fixture {
	char dir[256];
	char store[300];
};

/* Removed by fixture_remove(), whatever is in it. */
void fixture_make(struct fixture *fixture);
void fixture_remove(const struct fixture *fixture);

/* Runs @test with a store in memory, and with one in a directory. */
void fixture_each_kind(void (*test)(struct tlsfo_store *store));

/* A store in memory, in the directory of the fixture, or in any; it must open. */
struct tlsfo_store *fixture_memory(void);
struct tlsfo_store *fixture_open(const struct fixture *fixture);
struct tlsfo_store *fixture_open_path(const char *path);

/* Opening must fail with @code; the text must hold @word. */
void fixture_refuses(const char *path, int code, const char *word);

/* The system's time. */
int64_t fixture_now(void);

/* A peer of this host, port 443. */
struct peer fixture_peer(const char *host);

/*
 * A ticket with the number @id, which is repeated all through its blob of @len bytes, so that no part
 * can be another's. The caller clears it.
 */
struct ticket fixture_ticket(uint64_t id, size_t len, int64_t now);

/* The number of a ticket whose every byte is right, or 0. */
uint64_t fixture_id(const struct ticket *ticket);

/* Puts a ticket of 900 bytes; returns what store_put() does. */
int fixture_try_put(struct tlsfo_store *store, const char *host, uint64_t id, int64_t now);
/* The same, which must succeed. */
void fixture_put(struct tlsfo_store *store, const char *host, uint64_t id, int64_t now);

/* The number of the ticket taken, 0 for none; it must not fail. */
uint64_t fixture_take(struct tlsfo_store *store, const char *host, int64_t now);

/* How many the list shows. */
int fixture_count(struct tlsfo_store *store);

/*
 * The regular files below @path whose name begins with @prefix ("" for all), at any depth. Keeps the path of
 * the last one in @ret_path when it is not NULL.
 */
size_t fixture_files(const char *path, const char *prefix, char ret_path[static 512]);

/* Tickets of a directory, by their names. */
size_t fixture_ticket_files(const struct fixture *fixture, char ret_path[static 512]);

/* A whole file; @ret_data has room for @size bytes, and it must be shorter. */
size_t fixture_read(const char *path, unsigned char *ret_data, size_t size);
void fixture_write(const char *path, const void *data, size_t len);

/* Mounts a fresh tmpfs of @kilobytes over the fixture's directory, or skips the program. */
void fixture_mount(const struct fixture *fixture, unsigned int kilobytes);

#endif
