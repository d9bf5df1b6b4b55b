/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/text.h"
#include "net/stream.h"

/* Every address with its error. */
static void list_attempts(const struct tlsfo_conn *conn, char *buf, size_t size)
{
	const struct address *local = &conn->config->local;
	char peer[ADDRESS_TEXT_SIZE];
	struct text text;

	text_init(&text, buf, size);
	for (size_t i = 0; i < conn->attempt_count; i++) {
		const struct attempt *attempt = &conn->attempts[i];

		address_print(&attempt->address, peer, sizeof(peer));
		text_add(&text, "%s%s port %u", i > 0 ? "; " : "", peer,
			address_port(&attempt->address));
		if (address_family(local) != 0) {
			address_print(local, peer, sizeof(peer));
			text_add(&text, " from %s", peer);
		}
		text_add(&text, ": %s", strerror(attempt->error));
	}
}

static int fail_to_connect(struct tlsfo_conn *conn)
{
	char list[sizeof(conn->error_text)];
	int error = conn->attempt_count > 0 ? conn->attempts[0].error : 0;

	list_attempts(conn, list, sizeof(list));
	if (deadline_passed(conn->deadline, clock_us()))
		return conn_fail(conn, GNUTLS_E_TIMEDOUT, error,
			"not connected before the deadline: %s", list);
	return conn_fail(conn, TLSFO_E_NOT_CONNECTED, error, "%s", list);
}

static int prepare(const struct tlsfo_conn *conn, int fd)
{
	/* Without it the small records of a handshake wait for each other's acknowledgement. */
	if (stream_set_nodelay(fd) != 0)
		return -1;
	return address_family(&conn->config->local) != 0 ? stream_bind(fd, &conn->config->local)
							 : 0;
}

/* The next attempt with its socket, bound if need be. False: there is no socket, and the attempt
 * has the errno. */
static bool next_attempt(
	struct tlsfo_conn *conn, const struct address *address, struct attempt **ret_attempt)
{
	struct attempt *attempt = &conn->attempts[conn->attempt_count++];
	int fd = stream_socket(address_family(address), true);

	attempt_init(attempt, fd, address, conn->config->fast_open == TLSFO_FAST_OPEN_NEVER);
	*ret_attempt = attempt;
	if (fd >= 0 && prepare(conn, fd) == 0)
		return true;
	attempt_failed(attempt, errno);
	if (fd >= 0)
		close(fd);
	attempt->fd = -1;
	return false;
}

int conn_open(struct tlsfo_conn *conn, const struct opening *opening)
{
	int ret = opening->begin != NULL ? opening->begin(conn) : 0;

	for (size_t i = 0; ret == 0 && i < conn->address_count; i++) {
		struct attempt *attempt;
		/* A dead address must not use up the time of those behind it. */
		int64_t share = deadline_share(
			conn->deadline, clock_us(), (unsigned int)(conn->address_count - i));

		if (!next_attempt(conn, &conn->addresses[i], &attempt))
			continue;
		ret = opening->attempt(conn, attempt, share);
		if (ret == 0) {
			conn->fd = attempt->fd;
			return 0;
		}
		/* For the report, should it be the last. */
		if (conn->transport != NULL)
			transport_keep_facts(conn->transport, attempt);
		close(attempt->fd);
		attempt->fd = -1;
		if (ret == -1)
			ret = 0;
	}
	return ret != 0 ? ret : fail_to_connect(conn);
}
