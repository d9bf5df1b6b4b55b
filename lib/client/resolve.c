/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "resolve/resolve.h"

int conn_resolve_begin(struct tlsfo_conn *conn)
{
	int local_family = address_family(&conn->config->local);
	int family = conn->config->family;

	/* Addresses of another family than the local address's are of no use. */
	if (family == AF_UNSPEC)
		family = local_family;
	conn->resolve = resolve_start(conn->host, conn->service, family, clock_us());
	if (conn->resolve == NULL)
		return conn_fail(conn, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
	return 0;
}

/* Keeps what has come. */
static void take_addresses(struct tlsfo_conn *conn, int64_t now_us)
{
	int local_family = address_family(&conn->config->local);
	struct address address;

	while (conn->address_count < RACE_ADDRESSES &&
		resolve_take(conn->resolve, now_us, &address)) {
		if (local_family == 0 || local_family == address_family(&address))
			conn->addresses[conn->address_count++] = address;
	}
}

static int fail(struct tlsfo_conn *conn)
{
	if (resolve_status(conn->resolve) == RESOLVE_NO_MEMORY)
		return conn_fail(conn, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
	if (resolve_status(conn->resolve) == RESOLVE_DONE)
		return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, 0,
			"%s: no address of the local address's family", conn->host);
	return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, 0, "%s", resolve_error(conn->resolve));
}

static int await(struct tlsfo_conn *conn, int64_t now_us)
{
	struct pollfd fds[RESOLVE_FDS_MAX];
	size_t count = resolve_wait(conn->resolve, fds);
	int64_t next = resolve_next(conn->resolve, now_us);

	for (size_t i = 0; i < count; i++) {
		int ret = conn_await(conn, fds[i].fd, fds[i].events);

		if (ret != GNUTLS_E_AGAIN)
			return ret;
	}
	conn_wake_at(conn, next < 0 ? -1 : next * 1000);
	return 0;
}

int conn_resolve_advance(struct tlsfo_conn *conn, int64_t now_us)
{
	struct pollfd fds[RESOLVE_FDS_MAX];

	if (conn->resolve == NULL && conn->address_count == 0) {
		int ret = conn_resolve_begin(conn);

		if (ret != 0)
			return ret;
	}
	size_t count = resolve_wait(conn->resolve, fds);
	for (size_t i = 0; i < count; i++)
		fds[i].revents = waits_found(&conn->waits, fds[i].fd);
	resolve_advance(conn->resolve, fds, count, now_us);
	take_addresses(conn, now_us);
	if (resolve_status(conn->resolve) == RESOLVE_ASKING && conn->address_count < RACE_ADDRESSES)
		return await(conn, now_us);
	if (conn->address_count == 0)
		return fail(conn);
	resolve_free(conn->resolve);
	conn->resolve = NULL;
	return 0;
}
