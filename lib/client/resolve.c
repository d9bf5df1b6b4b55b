/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <errno.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "client/name.h"
#include "resolve/resolve.h"

static int fail_to_resolve(struct tlsfo_conn *conn)
{
	const struct resolve *resolve = conn->resolve;
	const char *error = resolve_error(resolve);
	int code = TLSFO_E_NAME_NOT_FOUND;

	if (resolve_status(resolve) == RESOLVE_NO_MEMORY)
		return conn_fail_memory(conn);
	if (resolve_status(resolve) == RESOLVE_NO_SERVICE)
		return conn_fail(conn, TLSFO_E_SERVICE_NOT_FOUND, 0, "%s", error);
	if (resolve_status(resolve) == RESOLVE_FAILED)
		code = TLSFO_E_NAME_LOOKUP_FAILED;
	/* The error names what was looked up, which may not be what was given. */
	if (strcmp(conn->ascii, conn->host) != 0)
		return conn_fail(conn, code, 0, "%s: %s", conn->host, error);
	return conn_fail(conn, code, 0, "%s", error);
}

/* The host in ASCII; unless another name was set, that is also what is sent and verified. */
static int to_ascii(struct tlsfo_conn *conn)
{
	char buf[CONN_ERROR_SIZE];
	struct text why;

	text_init(&why, buf, sizeof(buf));
	int ret = name_to_ascii(conn->host, &conn->ascii, &why);
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return conn_fail_memory(conn);
	if (ret != 0)
		return conn_fail(conn, ret, 0, "\"%s\" is not a name: %s", conn->host, buf);
	if (conn->name != NULL)
		return 0;
	size_t len;
	const char *bare = name_normalize(conn->ascii, &len);
	conn->name = strndup(bare, len);
	return conn->name != NULL ? 0 : conn_fail_memory(conn);
}

/* The family to ask for; the local address restricts it. */
static int choose_family(struct tlsfo_conn *conn, int *ret_family)
{
	int local_family = address_family(&conn->config->local);
	int family = conn->config->family;

	if (local_family != 0 && family != AF_UNSPEC && local_family != family)
		return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, 0,
			"%s: the local address is not of the family to be used", conn->host);
	*ret_family = local_family != 0 ? local_family : family;
	return 0;
}

int conn_resolve_begin(struct tlsfo_conn *conn)
{
	int family = AF_UNSPEC;
	int ret = choose_family(conn, &family);

	if (ret == 0)
		ret = to_ascii(conn);
	if (ret != 0)
		return ret;
	conn->resolve = resolve_start(conn->ascii, conn->service, family, clock_us());
	if (conn->resolve != NULL)
		return 0;
	if (errno == ENOMEM)
		return conn_fail_memory(conn);
	return conn_fail(conn, TLSFO_E_SYSTEM, errno, "%s: the name could not be looked up: %s",
		conn->host, strerror(errno));
}

int conn_resolve_advance(struct tlsfo_conn *conn, int64_t now_us)
{
	resolve_advance(conn->resolve, now_us);
	while (conn->address_count < RACE_ADDRESSES &&
		resolve_take(conn->resolve, now_us, &conn->addresses[conn->address_count]))
		conn->address_count++;
	bool asking = resolve_status(conn->resolve) == RESOLVE_ASKING;
	if (asking && conn->address_count < RACE_ADDRESSES) {
		conn_wake_at(conn, deadline_to_us(resolve_next(conn->resolve, now_us)));
		int ret = conn_await(conn, resolve_fd(conn->resolve), POLLIN);
		return ret == GNUTLS_E_AGAIN ? 0 : ret;
	}
	if (conn->address_count == 0)
		return fail_to_resolve(conn);
	resolve_free(conn->resolve);
	conn->resolve = NULL;
	return 0;
}
