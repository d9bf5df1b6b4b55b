/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <errno.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "net/stream.h"

int conn_await(struct tlsfo_conn *conn, int fd, short events)
{
	if (waits_add(&conn->waits, fd, events))
		return GNUTLS_E_AGAIN;
	return conn_fail_memory(conn);
}

void conn_wake_at(struct tlsfo_conn *conn, int64_t us)
{
	if (us >= 0 && (conn->wake_us < 0 || us < conn->wake_us))
		conn->wake_us = us;
}

int conn_wait(int fd, short events, int64_t deadline)
{
	for (;;) {
		int ready = stream_poll(fd, events, deadline_poll(deadline, clock_us()));

		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return TLSFO_E_SYSTEM;
		if (ready == 0 || deadline_passed(deadline, clock_us()))
			return GNUTLS_E_TIMEDOUT;
	}
}
