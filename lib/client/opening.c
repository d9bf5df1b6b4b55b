/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/opening.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/text.h"
#include "net/stream.h"

/* Every attempt that failed with its error. */
static void list_attempts(const struct tlsfo_conn *conn, char *buf, size_t size)
{
	const struct address *local = &conn->config->local;
	char peer[ADDRESS_TEXT_SIZE];
	struct text text;

	text_init(&text, buf, size);
	for (size_t i = 0; i < conn->attempt_count; i++) {
		const struct attempt *attempt = &conn->attempts[i];

		/* One that lost against another, which then failed itself, has none. */
		if (attempt->error == 0)
			continue;
		address_print(&attempt->address, peer, sizeof(peer));
		text_add(&text, "%s%s port %u", buf[0] != '\0' ? "; " : "", peer,
			address_port(&attempt->address));
		if (address_family(local) != 0) {
			address_print(local, peer, sizeof(peer));
			text_add(&text, " from %s", peer);
		}
		text_add(&text, ": %s", strerror(attempt->error));
	}
}

static int first_error(const struct tlsfo_conn *conn)
{
	for (size_t i = 0; i < conn->attempt_count; i++)
		if (conn->attempts[i].error != 0)
			return conn->attempts[i].error;
	return 0;
}

int opening_failed(struct tlsfo_conn *conn)
{
	char list[CONN_ERROR_SIZE] = "";
	int error = first_error(conn);

	list_attempts(conn, list, sizeof(list));
	if (deadline_passed(conn->deadline, clock_us()))
		return conn_fail(conn, GNUTLS_E_TIMEDOUT, error,
			"not connected before the deadline: %s", list);
	return conn_fail(conn, TLSFO_E_NOT_CONNECTED, error, "%s", list);
}

static int prepare(const struct tlsfo_conn *conn, int fd, int family)
{
	const struct tlsfo_config *config = conn->config;
	int error = config->socket_hook != NULL
			    ? config->socket_hook(fd, family, config->socket_hook_data)
			    : 0;

	if (error != 0) {
		errno = error;
		return -1;
	}
	/* Without it the small records of a handshake wait for each other's acknowledgement. */
	if (stream_set_nodelay(fd) != 0)
		return -1;
	return address_family(&config->local) != 0 ? stream_bind(fd, &config->local) : 0;
}

static int next_slot(struct tlsfo_conn *conn)
{
	struct attempt *attempts =
		reallocarray(conn->attempts, conn->attempt_count + 1, sizeof(*attempts));

	if (attempts == NULL)
		return -1;
	conn->attempts = attempts;
	return (int)conn->attempt_count++;
}

int opening_attempt(struct tlsfo_conn *conn, size_t address, bool plain)
{
	const struct address *to = &conn->addresses[address];
	int slot = next_slot(conn);

	if (slot < 0)
		return -1;
	struct attempt *attempt = &conn->attempts[slot];
	int fd = stream_socket(address_family(to), true);
	attempt_init(attempt, fd, to, plain);
	if (fd >= 0 && prepare(conn, fd, address_family(to)) == 0)
		return slot;
	attempt_failed(attempt, errno);
	attempt_close(attempt);
	return slot;
}
