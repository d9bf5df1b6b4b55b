/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_DIRECT_H
#define TLS_DIRECT_H

/*
 * The callbacks of a session whose flight is delivered: system calls on the descriptor, which is
 * the transport pointer, and nothing else. (While it is watched whether the path carries what follows a SYN with
 * data, reading looks whether it does: watch.h.) They differ from GnuTLS's own only in that SIGPIPE is
 * never raised and that a failure is kept for the report.
 *
 * GnuTLS hands its callbacks one pointer, and it has to be the descriptor, or
 * gnutls_transport_get_int() would be wrong. So there is no object to keep the errno of a failed
 * read in, and it goes where errno itself is: with the thread, marked with the number of the socket,
 * which the kernel never uses twice.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

ssize_t direct_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt);
ssize_t direct_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len);
ssize_t direct_watched_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len);
int direct_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms);

/* Sees what was read before GnuTLS does. False: the read fails with EPROTO instead. */
typedef bool (*direct_watch_fn)(void *context, const void *data, size_t len);

/* Reading by this thread: whom to show what arrives, or NULL, until the second is called. The third tells
 * whether the last read found the socket empty; it is false when there was none since the first. */
void direct_begin_read(direct_watch_fn watch, void *context);
void direct_end_read(void);
bool direct_found_nothing(void);

/* The errno of the first failed read or write on this thread of the socket with this cookie, or 0. Those of
 * the last 32 sockets are kept. */
int direct_failure(uint64_t cookie);
void direct_forget_failure(uint64_t cookie);

/* Keeps @error as the failure of a read or write of this socket; not if it is temporary. */
void direct_keep_failure(uint64_t cookie, int error);

/* The descriptor as a transport pointer. */
gnutls_transport_ptr_t direct_pointer(int fd);

#endif
