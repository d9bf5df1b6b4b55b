/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_DIRECT_H
#define TLS_DIRECT_H

/*
 * The callbacks of a session whose flight is delivered: system calls on the descriptor, which is the transport
 * pointer. They differ from GnuTLS's own in three things: SIGPIPE is never raised, the first failure is kept for
 * the report, and while the kernel watches over what follows a SYN with data (net/watch.h) they look whether it has
 * arrived.
 *
 * GnuTLS hands its callbacks one pointer, and it has to be the descriptor, or gnutls_transport_get_int() would be
 * wrong. So there is no object to keep the failure and the watch in. They are kept where the kernel keeps the
 * socket, by the number of the descriptor: one byte for each. A process that has more than 65,536 descriptors keeps
 * nothing of those beyond, and has no watch over them.
 */

#include <stddef.h>

#include <gnutls/gnutls.h>

/* As sendmsg(2) and recv(2). */
ssize_t direct_send(int fd, const giovec_t *iov, size_t iovcnt);
ssize_t direct_receive(int fd, void *buf, size_t len);

ssize_t direct_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt);
ssize_t direct_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len);
int direct_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms);

/* Keeps nothing of this descriptor any more: a new socket has it, or its failure was forgiven. */
void direct_forget(int fd);

/* The first bytes that follow a SYN with data have left: begins the watch, if the path is to be watched. */
void direct_watch(int fd);

/* From now on reads and writes look whether that is over. Before, while the server's first flight is read record by
 * record, nothing can have arrived there. */
void direct_look_after(int fd);

/* The errno of the first read or write that failed, or 0. */
int direct_failure(int fd);

/* The descriptor as a transport pointer. */
gnutls_transport_ptr_t direct_pointer(int fd);

#endif
