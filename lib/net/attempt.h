/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NET_ATTEMPT_H
#define NET_ATTEMPT_H

/*
 * One attempt: one socket, one address, one mode. It connects with the first bytes it is given and
 * keeps what became of them, for the report.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/address.h"
#include "net/stream.h"
#include "net/tcp_facts.h"

enum attempt_state {
	ATTEMPT_IDLE = 0,   /* nothing was sent */
	ATTEMPT_CONNECTING, /* the SYN is out */
	ATTEMPT_CONNECTED,  /* seen to be connected */
	ATTEMPT_FAILED	    /* see error */
};

/* Room for a line that a server of another protocol begins with. */
#define ATTEMPT_ANSWER_SIZE 80

struct attempt {
	int fd; /* or -1 */
	struct address address;
	unsigned char candidate; /* where its address stands among those of its opening */
	bool plain;		 /* never ask for fast open */
	bool remembered;	 /* plain, because fast open failed there before */
	bool lost;		 /* another one won */

	enum attempt_state state;
	bool sent;		       /* a SYN left */
	bool asked;		       /* fast open was asked for and tried */
	enum fastopen_absence absence; /* or why it was not */
	uint32_t flight_sent;	       /* bytes of the flight taken, as its owner counts them */
	int64_t syn_bytes;	       /* payload that left in the SYN, or -1: not known */
	int syn_again;	      /* the SYN was sent again before it was answered, or -1: not known */
	int cookie_known;     /* tcp_cookie_known() after the SYN-ACK, or -1: not asked */
	int error;	      /* the errno that ended it, also after it won */
	int64_t start_us;     /* when the SYN was handed over, or -1 */
	int64_t connected_us; /* or -1 */
	int64_t answered_us;  /* when the peer's first byte could be read, or -1 */
	char answer[ATTEMPT_ANSWER_SIZE]; /* what could be read then, a string */
	struct tcp_facts facts;		  /* at the SYN-ACK, as its owner asked, or at the end: */
	bool facts_kept;		  /* the socket is closed, and the kernel had told */
};

void attempt_init(struct attempt *attempt, int fd, const struct address *address, bool plain);

/*
 * Sends the next bytes. The first call connects, also with none, and never waits, whatever mode the socket is in.
 * Later calls wait with @wait on a blocking socket, for the connection too.
 *
 * Returns the bytes taken, or -1 and errno: EAGAIN while the connection is being made (with @wait: the socket's
 * SO_SNDTIMEO is over), otherwise the cause that is now in @attempt->error.
 */
ssize_t attempt_send(struct attempt *attempt, const struct iovec *iov, size_t iovcnt, bool wait);

/* Notes that the socket is known to be connected, at @now_us. */
void attempt_connected(struct attempt *attempt, int64_t now_us);

/* Keeps in ->syn_again what the kernel says of a connected socket now: when data is retransmitted, too, the kernel no
 * longer tells that the SYN was. Only the first call counts. */
void attempt_keep_answer(struct attempt *attempt);

/* Notes the time when the first byte of the peer can be read, and what it says: now, unless one could be read before. */
void attempt_look_for_answer(struct attempt *attempt);

/* Closes its socket, if it has one, and keeps what the kernel says of it. */
void attempt_close(struct attempt *attempt);

/* Notes a failure that was seen elsewhere; only the first counts. */
void attempt_failed(struct attempt *attempt, int error);

#endif
