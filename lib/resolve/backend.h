/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_BACKEND_H
#define RESOLVE_BACKEND_H

/*
 * Who answers: c-ares (backend_ares.c) or the system's getaddrinfo(3) in a thread
 * (backend_thread.c). One of them is built into the library.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/socket.h>

#include "base/macros.h"
#include "resolve/answers.h"

struct resolve;
struct backend;

/* The name of the one that is built. */
extern const char backend_name[];

/*
 * Asks for the addresses of @name. The answers are told by resolve_add() and resolve_end(), from here
 * and from backend_advance(). False, and nothing is asked: no memory, or *@ret_answer says why.
 */
must_check bool backend_start(struct resolve *resolve, const char *name, int family,
	struct backend **ret_backend, enum answer *ret_answer);

/* Ends it, also before the answers. NULL is ignored. */
void backend_free(struct backend *backend);

size_t backend_wait(const struct backend *backend, struct pollfd *fds, size_t room);

/* The milliseconds until it wants to be called; -1: only for its descriptors. */
int64_t backend_patience(const struct backend *backend);

void backend_advance(struct backend *backend, const struct pollfd *fds, size_t count);

/* resolve.c: an address was found; what is no whole IPv4 or IPv6 address is passed over. */
void resolve_add(struct resolve *resolve, const struct sockaddr *sa, socklen_t len);

/* resolve.c: the question for one family is answered. */
void resolve_end(struct resolve *resolve, int family, enum answer answer);

#endif
