/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_CONN_H
#define CLIENT_CONN_H

/*
 * A connection is made of parts: each has its own state, takes what it needs of the others, and never takes the
 * connection. Four files know all of them: conn_new.c puts them together and is told what the program wants; conn.c
 * leads them through the stages, and begins anew after a failure that a second connection may mend; conn_use.c is for
 * a connection that is open, and for its end; report.c tells what became of it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlsfo/client.h>

#include "base/failure.h"
#include "base/macros.h"
#include "client/config.h"
#include "client/first_data.h"
#include "client/handshake.h"
#include "client/io.h"
#include "client/target.h"
#include "client/tickets.h"
#include "net/cancel.h"
#include "net/waits.h"
#include "open/knowledge.h"
#include "open/opening.h"

enum conn_stage {
	CONN_SETTING = 0, /* nothing was begun */
	CONN_RESOLVING,
	CONN_PRIMING, /* every address is asked for a cookie, and that is all */
	CONN_OPENING, /* addresses may still come */
	CONN_HANDSHAKING,
	CONN_SENDING, /* the first data, as far as it did not travel early */
	CONN_PROVING, /* that it arrives, where another connection might carry it if not */
	CONN_OPEN,
	CONN_PRIMED, /* every address was asked for a cookie, and there is no session */
	CONN_FAILED
};

struct tlsfo_conn {
	struct tlsfo_config *config;
	struct target target;
	int64_t deadline;
	int64_t begun_us;
	int64_t resolved_us;   /* after that, or TLSFO_UNKNOWN */
	unsigned int begun_by; /* the process, as forked_generation() tells it */
	enum conn_stage stage;
	bool advanced; /* once at least */
	enum tlsfo_reconnect reconnected;
	bool primes;  /* only asks for cookies */
	bool settled; /* what became of it was told to the path memory */
	struct failure failure;
	struct cancel cancel;
	struct failure
		refused; /* the last call, which changed nothing: its deadline passed, or it was wrong */
	struct waits waits;
	struct knowledge knowledge;
	struct opening opening;
	struct tickets tickets;
	struct first_data first;
	struct handshake handshake;
	struct io io; /* ->transport is NULL until the session runs over a socket */
};

/* The attempt that the session runs over, once ->io has one. */
static inline struct attempt *conn_attempt(const struct tlsfo_conn *conn)
{
	return conn->io.transport->attempt;
}

/* conn_use.c: puts a failure of the session in words, if it has none. Returns the failure. */
int conn_fail_tls(struct tlsfo_conn *conn, int code);

/* conn_use.c: the failure of poll(2), from errno; and that of tlsfo_conn_cancel(). */
int conn_fail_poll(struct tlsfo_conn *conn);
int conn_fail_cancelled(struct tlsfo_conn *conn);

/* conn_use.c: the failure when the path swallows what follows the SYN, which is remembered at once. */
int conn_fail_swallowed(struct tlsfo_conn *conn);

/* conn_use.c: what was only for opening goes: the ticket back, if nobody can have seen it. The path memory is told what
 * became of fast open. */
void conn_end_opening(struct tlsfo_conn *conn);

#endif
