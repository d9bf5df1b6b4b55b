/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_IO_H
#define CLIENT_IO_H

/*
 * Reading from and writing to a session whose flight was delivered, and closing it. Nothing is put in words here:
 * what fails says GnuTLS's code, or TLSFO_E_SYSTEM with errno for poll(2).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macros.h"
#include "client/tickets.h"
#include "net/cancel.h"
#include "net/watch.h"
#include "tls/guard.h"
#include "tls/transport.h"

/* What GnuTLS keeps because the socket did not take all of it. */
enum io_pending {
	PENDING_NOTHING = 0,
	PENDING_DATA,
	PENDING_ALERT,
	PENDING_CLOSE /* the alert close_notify */
};

/* Zeros: there is no session. */
struct io {
	struct tlsfo_transport *transport;
	struct tickets *tickets;
	struct cancel *cancel;
	struct watch watch; /* over what follows the SYN; io_init() keeps its ->most */
	struct guard guard;
	enum io_pending pending;
	size_t pending_len; /* bytes of the program's in a half-sent record */
	size_t sent_ahead;  /* bytes of half-sent records that went out since, not yet told */
	int write_error;    /* sending failed while reading: for the next write */
	bool canceled;	    /* the server sent user_canceled, and GnuTLS has ended the session */
	bool write_ended;   /* close_notify was sent */
	bool read_ended;    /* the peer has closed its direction */
	bool refusal_owed;  /* no_renegotiation is to be sent */
	bool refused;	    /* a negotiation anew, in TLS 1.2 */
	bool reauth_owed;   /* the server asked for a client certificate after the handshake */
	bool finishing;	    /* io_finish() was called */
	int end_code;	    /* close_notify could not be sent */
	int64_t finish_us;  /* until when the server's first ticket is waited for, or 0 */
	size_t drained;	    /* bytes thrown away meanwhile */
	unsigned int drained_late; /* records after that time */
};

/* The flight was delivered over @attempt: begins to watch what follows. All others must outlive it. @shared: the
 * program may have set options of the socket itself. @cancel ends what waits. */
void io_init(struct io *io, struct tlsfo_transport *transport, struct tickets *tickets,
	const struct attempt *attempt, bool shared, struct cancel *cancel);

void io_deinit(struct io *io);

/* Whether the connection ended because the path swallows what follows the SYN. */
bool io_was_swallowed(struct io *io);

/* What the program waits for. */
short io_events(const struct io *io);

/* Returns the bytes read, 0 at the end, or a code; GNUTLS_E_TIMEDOUT, or GNUTLS_E_AGAIN with TLSFO_NOW, when there
 * was nothing until @deadline. */
must_check ssize_t io_read(struct io *io, void *buf, size_t len, int64_t deadline);

/*
 * Writes until @deadline. Returns 0 when all is taken, or why not; @ret_taken is how much was, in any case. With
 * @len 0 what is owed from before is sent.
 */
must_check int io_write(
	struct io *io, const unsigned char *data, size_t len, int64_t deadline, size_t *ret_taken);

/* Sends close_notify. */
must_check int io_shutdown(struct io *io, int64_t deadline);

/* Sends close_notify if it @says_so, and then reads and throws away what the server has left, for its tickets, without
 * waiting. Returns GNUTLS_E_AGAIN: to be called again after io_events(), or at ->finish_us; or 0 or why close_notify
 * could not be sent. */
must_check int io_finish(struct io *io, bool says_so);

/* Waits for what io_finish() waits for. False: @deadline has passed, or there is no use in it. */
bool io_await_finish(struct io *io, int64_t deadline);

#endif
