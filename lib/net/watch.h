/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NET_WATCH_H
#define NET_WATCH_H

/*
 * A path may carry data in the SYN and swallow what the client sends after it. The kernel watches for that:
 * while nothing that followed the SYN was acknowledged, the socket has TCP_USER_TIMEOUT (tcp(7)), which the
 * kernel counts from its first retransmission by the timer. Then the socket ends with ETIMEDOUT, in whatever
 * way a program waits for it, and TCP_INFO still tells that the path is to blame.
 */

#include <stdbool.h>

#include "net/tcp_facts.h"

/*
 * How long the kernel waits, in milliseconds. The timer sends a second time after twice the retransmission
 * time-out, a third time after six times. One loss is ordinary, so the shortest watch ends when the second
 * retransmission could have been acknowledged; on a path of 50 ms that is 1.1 s after the first sending.
 */
enum watch_most {
	/* Another connection can take the place of this one. */
	WATCH_SHORTLY = 0,
	/* No connection can take its place. The third retransmission is waited for where that makes
	 * no more than three seconds in all: up to a round-trip time of about 120 ms. */
	WATCH_PATIENTLY = 2200,
	/* The socket is the program's own: no connection can take its place, and a false alarm
	 * costs it. The watch ends in less than six seconds. Where that is too short for the second
	 * retransmission the path is not watched. The option is known again as ours by this number,
	 * so it is no round one. */
	WATCH_OWN_SOCKET = 4501
};

/*
 * All zeros: nothing is watched. When what follows a SYN is about to be sent, or was sent, ->open is set and the
 * first look begins to watch, if the SYN's data was acknowledged.
 */
struct watch {
	bool open; /* nothing that followed the SYN was acknowledged yet */
	bool shared; /* the program may have set the option itself, and it is asked for before it is set */
	enum watch_most most;
	int set; /* TCP_USER_TIMEOUT as it was set, or 0: it is the program's */
};

/* Takes the option off the socket when something that followed was acknowledged meanwhile. @facts were just asked of
 * the kernel; NULL: this asks. */
void watch_look(struct watch *watch, int fd, const struct tcp_facts *facts);

/* watch_look() for a socket of the program's own, of which the caller knows nothing but whether it
 * is @watched. Returns whether it is watched now. */
bool watch_look_at_own(int fd, bool watched);

/* True when the socket ended because nothing that followed the SYN was ever acknowledged. @error is the errno that the
 * socket ended with, or 0 when nobody knows it any more: a reset after a loss leaves the same facts, and the path is
 * not to blame for it. */
bool watch_found_swallowed(const struct tcp_facts *facts, int error);

#endif
