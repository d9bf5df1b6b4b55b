/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_SHELF_H
#define STORE_SHELF_H

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
struct shelf {
	char dir[256];
	char store[300];
};

/* Removed by shelf_remove(), whatever is in it. */
void shelf_make(struct shelf *shelf);
void shelf_remove(const struct shelf *shelf);

/* Runs @test with a store in memory, and with one in a directory. */
void shelf_each_kind(void (*test)(struct tlsfo_store *store));

/* A store in memory, in the directory of the shelf, or in any; it must open. */
struct tlsfo_store *shelf_memory(void);
struct tlsfo_store *shelf_open(const struct shelf *shelf);
struct tlsfo_store *shelf_open_path(const char *path);

/* Opening must fail with @code; the text must hold @word. */
void shelf_refuses(const char *path, int code, const char *word);

/* The system's time. */
int64_t shelf_now(void);

/* A peer of this host, port 443. */
struct peer shelf_peer(const char *host);

/*
 * A ticket with the number @id, which is repeated all through its blob of @len bytes, so that no part
 * can be another's. The caller clears it.
 */
struct ticket shelf_ticket(uint64_t id, size_t len, int64_t now);

/* The number of a ticket whose every byte is right, or 0. */
uint64_t shelf_id(const struct ticket *ticket);

/* Puts a ticket of 900 bytes; returns what store_put() does. */
int shelf_try_put(struct tlsfo_store *store, const char *host, uint64_t id, int64_t now);
/* The same, which must succeed. */
void shelf_put(struct tlsfo_store *store, const char *host, uint64_t id, int64_t now);

/* The number of the ticket taken, 0 for none; it must not fail. */
uint64_t shelf_take(struct tlsfo_store *store, const char *host, int64_t now);

/* How many the list shows. */
int shelf_count(struct tlsfo_store *store);

/*
 * The regular files below @path whose name begins with @prefix ("" for all), at any depth. Keeps the path of
 * the last one in @ret_path when it is not NULL.
 */
size_t shelf_files(const char *path, const char *prefix, char ret_path[static 512]);

/* Tickets of a directory, by their names. */
size_t shelf_ticket_files(const struct shelf *shelf, char ret_path[static 512]);

/* A whole file; @ret_data has room for @size bytes, and it must be shorter. */
size_t shelf_read(const char *path, unsigned char *ret_data, size_t size);
void shelf_write(const char *path, const void *data, size_t len);

/* Mounts a fresh tmpfs of @kilobytes over the shelf's directory, or skips the program. */
void shelf_mount(const struct shelf *shelf, unsigned int kilobytes);

#endif
