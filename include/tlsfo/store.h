/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_STORE_H
#define TLSFO_STORE_H

/*
 * What is kept between connections: the tickets that servers gave (RFC 8446 §4.6.1, RFC 5077), and
 * the path memory.
 *
 * With a ticket the next connection needs no certificate, and its first data may leave in the SYN.
 * The path memory knows where fast open failed, and until when it is not tried again there: for an
 * hour, which doubles to a day at each new failure; then one connection probes it, and success clears
 * the entry. When three different destinations in a row failed from one local network (/24 or /64),
 * fast open pauses on that network in the same manner. Of each host and port the memory knows the
 * address that answered last, which is tried first next time, the round-trip time to it, and how long a slow
 * server took until its first byte.
 *
 * A store lives in memory, for one process, or in a directory, for any number of processes at once.
 * It is a cache: whatever happens to it, the worst that follows is a full handshake.
 *
 * A ticket is used once, whoever shares the store: threads, processes, and the two sides of a fork(2).
 * After one a directory is shared, and a store in memory is empty in the child. A connection that was being
 * opened at that moment goes on in the process that began it; the child may free its copy, and no more. At
 * most four tickets of a connection and of a peer are kept, about a thousand in all, none for more than a week; the oldest go
 * first.
 *
 *	struct tlsfo_store *store = NULL;
 *
 *	ret = tlsfo_store_open("/var/lib/mailer/tls", NULL, 0, &store);
 *	if (ret == 0)
 *		ret = tlsfo_config_set_store(config, store);
 *	else
 *		fprintf(stderr, "%s: %s\n", tlsfo_strerror(ret), tlsfo_store_error(store));
 *	tlsfo_store_free(store);
 */

#include <stddef.h>
#include <stdint.h>

#include <tlsfo/attributes.h>
#include <tlsfo/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tlsfo_store;

/* Bytes in a store's key. */
#define TLSFO_STORE_KEY_SIZE 32

/**
 * tlsfo_store_new: a store in memory, empty, gone with the process.
 * @ret_store: set to the store, which the caller gives back by tlsfo_store_free()
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @ret_store is NULL
 *   GNUTLS_E_MEMORY_ERROR: no memory
 */
TLSFO_MUST_CHECK int tlsfo_store_new(struct tlsfo_store **ret_store);

/**
 * tlsfo_store_open: a store in a directory, shared with every process that opens it.
 * @path: the directory; it and its missing parents are made, with mode 0700 whatever the umask
 * @key: TLSFO_STORE_KEY_SIZE secret bytes, copied, under which everything in it is sealed; or NULL
 *   for a key that is made once and kept in the directory, readable by its owner alone
 * @keylen: TLSFO_STORE_KEY_SIZE, or 0 with NULL
 * @ret_store: set to the store. Unlike other outputs it is set when opening fails too, so that
 *   tlsfo_store_error() can be asked; it is NULL only after TLSFO_E_INVALID_ARGUMENT and
 *   GNUTLS_E_MEMORY_ERROR. The caller gives it back by tlsfo_store_free()
 *
 * @path may lead through symbolic links, but may not be one, with a slash or a dot at its end either. Others may be able to read the directory,
 * because what is made in it is its owner's alone, but not to write to it.
 *
 * The directory stays what it was when it was opened: a path that is exchanged later changes nothing.
 * It holds tickets and path records, sealed and under names that tell nothing; with @key NULL it holds what opens them
 * too, so it is to be guarded like a private key. With another key than before, what is in it
 * counts as not there.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @path or @ret_store is NULL, @path is empty or too long, @keylen does
 *     not fit @key
 *   TLSFO_E_STORE_UNSAFE: @path or something of the store in it is a symbolic link, no directory or
 *     file where one is due, owned by another user, or open to others: @path for writing, what is
 *     in it for anything
 *   TLSFO_E_STORE_VERSION: a newer version of this library made it
 *   TLSFO_E_INVALID_FILE: the key file is damaged. Once it is removed, a new key is made
 *   TLSFO_E_SYSTEM: a system call failed; the text names it
 *   GNUTLS_E_MEMORY_ERROR: no memory
 */
TLSFO_MUST_CHECK int tlsfo_store_open(
	const char *path, const void *key, size_t keylen, struct tlsfo_store **ret_store);

/**
 * tlsfo_store_free: gives a store back; NULL is ignored. Configurations that were given it keep it
 * until they are gone. What is in a directory stays there.
 */
void tlsfo_store_free(struct tlsfo_store *store);

/**
 * tlsfo_store_error: why opening the store failed, in words that name the file.
 *
 * Returns: text without a full stop, the store's, empty when opening succeeded; never NULL.
 */
const char *tlsfo_store_error(const struct tlsfo_store *store);

/* What an entry in a store is about; later versions may have more. */
enum tlsfo_store_kind {
	TLSFO_STORE_TICKET = 0,
	TLSFO_STORE_HOST = 1,	/* the address of a host that answered last */
	TLSFO_STORE_PATH = 2,	/* a destination where fast open failed */
	TLSFO_STORE_NETWORK = 3 /* a local network from where it failed */
};

/*
 * One entry of a store. Grows at its end.
 *
 * ->verified, ->tls_version, ->alpn and ->max_early_data are a ticket's, and NULL or 0 of the other kinds.
 * What follows ->kind is of these, and NULL or 0 of a ticket.
 */
struct tlsfo_store_entry {
	const char *host; /* as it was connected to; a network's is its ->address */
	unsigned int port;
	const char *verified;	  /* the name its connection verified, NULL: none was */
	unsigned int tls_version; /* 0x0303 or 0x0304 */
	const char *alpn;	  /* the application protocol chosen, NULL: none */
	uint32_t max_early_data;  /* bytes, 0: no early data */
	int64_t received;	  /* Unix seconds; of the other kinds: when it was changed last */
	int64_t expires;	  /* Unix seconds */
	enum tlsfo_store_kind kind;
	const char *address; /* in text: of the destination, or that answered, or "192.0.2.0/24" */
	int64_t rtt_us;	     /* microseconds, of a host; -1: unknown */
	/* Of fast open, that made it pause, one after the other; of a host: of early data. */
	unsigned int failures;
	unsigned int
		different; /* of a network: destinations that failed in a row before it paused */
	int64_t until;	   /* no fast open before, Unix seconds; 0: it does not pause */
	int probing;	   /* 1: a connection is trying it */
};

/**
 * tlsfo_store_entry_fn: is handed one entry after another.
 * @entry: the entry, which is valid for this call only
 * @userdata: as given to tlsfo_store_list()
 *
 * It must not call functions of the same store.
 *
 * Returns: 0 to go on; anything else ends the list and is returned.
 */
typedef int (*tlsfo_store_entry_fn)(const struct tlsfo_store_entry *entry, void *userdata);

/**
 * tlsfo_store_list: tells what is in a store, in no particular order. What has expired or does not
 * open with the store's key is left out.
 * @fn: called for each entry
 * @userdata: handed on
 *
 * Returns: 0; or what @fn returned; or
 *   TLSFO_E_INVALID_ARGUMENT: @store or @fn is NULL, or opening the store failed
 *   TLSFO_E_SYSTEM: something in the directory could not be read, or is no longer what was opened; errno
 *     says why. What could be read has been handed on
 *   GNUTLS_E_MEMORY_ERROR: no memory
 */
TLSFO_MUST_CHECK int tlsfo_store_list(
	struct tlsfo_store *store, tlsfo_store_entry_fn fn, void *userdata);

/**
 * tlsfo_store_forget: removes what is kept for one host.
 * @host: the host as it was connected to, with brackets and a final dot or without; letters of either
 *   case are the same. For the path memory also an address, or a network, as an entry's ->address has it
 * @port: its port, or 0 for all of them. A network has none
 *
 * Returns: how many entries were removed, which may be 0; or the errors of tlsfo_store_list(). With
 * TLSFO_E_SYSTEM something that may be of this host could not be read or removed; the rest is gone.
 */
TLSFO_MUST_CHECK int tlsfo_store_forget(
	struct tlsfo_store *store, const char *host, unsigned int port);

/**
 * tlsfo_store_clear: removes everything that is kept, also what another key sealed, and what processes that
 * were killed left half-written. The key stays.
 *
 * Returns: how many entries were removed; or the errors of tlsfo_store_list(). With TLSFO_E_SYSTEM
 * something could not be removed; the rest is gone.
 */
TLSFO_MUST_CHECK int tlsfo_store_clear(struct tlsfo_store *store);

#ifdef __cplusplus
}
#endif

#endif
