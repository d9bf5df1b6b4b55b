/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NET_TCP_FACTS_H
#define NET_TCP_FACTS_H

/* What the kernel says of a connection (TCP_INFO, tcp(7)). */

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

enum tcp_phase {
	TCP_PHASE_UNKNOWN = 0,
	TCP_PHASE_CLOSED,     /* never connected, or failed, or over */
	TCP_PHASE_CONNECTING, /* the SYN is out */
	TCP_PHASE_CONNECTED,  /* the handshake is over */
	TCP_PHASE_LISTENING
};

/* tcpi_fastopen_client_fail: why data did not go with the SYN, or was not taken. */
enum tcp_fastopen_fail {
	TCP_FASTOPEN_FAIL_UNKNOWN = -1, /* the kernel is too old to tell */
	TCP_FASTOPEN_FAIL_NONE = 0,
	TCP_FASTOPEN_FAIL_NO_COOKIE = 1,
	TCP_FASTOPEN_FAIL_NOT_ACKNOWLEDGED = 2,
	TCP_FASTOPEN_FAIL_SYN_RETRANSMITTED = 3
};

struct tcp_facts {
	enum tcp_phase phase;
	bool was_connected;	     /* it is, or was before it ended */
	bool syn_data_acknowledged;  /* valid when it was connected */
	enum tcp_fastopen_fail fail; /* valid when it was connected */
	bool syn_retransmitted;	     /* only known while no data was: see attempt_keep_answer() */
	int64_t segments_sent;	     /* of any kind, or -1 */
	int64_t rtt_us;		     /* smoothed, or -1 */
	int64_t bytes_sent;	     /* payload, retransmissions included, or -1 */
	int64_t bytes_retransmitted; /* bytes that were sent again, or -1 */
	int64_t bytes_waiting;	     /* taken from the program and not sent yet, or -1 */
	int64_t data_segments;	     /* segments with payload sent, or -1 */
	int64_t rto_us;		     /* the retransmission time-out before it is doubled */
	bool follow_up_acknowledged; /* something behind the data of the SYN; true also when unknown */
	bool payload_acknowledged; /* the first byte of all; true also when unknown */
	int timeouts; /* retransmissions by the timer since something was acknowledged */
};

/* Asks the kernel. Returns 0, or -1 and errno: EBADF, ENOTSOCK, or what a socket that is not TCP
 * answers. */
int tcp_facts_read(int fd, struct tcp_facts *ret_facts);

/*
 * 1: the kernel keeps a fast-open cookie for @remote as @fd reaches it (tcp_metrics, the cache that
 * `ip tcp_metrics` shows). 0: it keeps none. -1: it cannot be asked.
 */
int tcp_cookie_known(int fd, const struct address *remote);

#endif
