/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "client/name.h"
#include "resolve/resolve.h"

static int fail_without_memory(struct tlsfo_conn *conn)
{
	return conn_fail(conn, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
}

static int fail_to_resolve(
	struct tlsfo_conn *conn, const struct resolve *resolve, const char *ascii)
{
	const char *error = resolve_error(resolve);

	if (resolve_status(resolve) == RESOLVE_NO_MEMORY)
		return fail_without_memory(conn);
	/* The error names what was looked up, which may not be what was given. */
	if (resolve_status(resolve) != RESOLVE_NO_SERVICE && strcmp(ascii, conn->host) != 0)
		return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, 0, "%s: %s", conn->host, error);
	return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, 0, "%s", error);
}

/* The host in ASCII; unless another name was set, that is also what is sent and verified. */
static int to_ascii(struct tlsfo_conn *conn, char **ret_ascii)
{
	char *ascii = NULL;
	int ret = name_to_ascii(conn->host, &ascii);

	if (ret == GNUTLS_E_MEMORY_ERROR)
		return fail_without_memory(conn);
	if (ret != 0)
		return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, 0,
			"%s: the name cannot be converted to ASCII: %s", conn->host,
			gnutls_strerror(ret));
	if (conn->config->servername == NULL) {
		char *name = name_normalize(ascii);

		if (name == NULL) {
			free(ascii);
			return fail_without_memory(conn);
		}
		free(conn->name);
		conn->name = name;
	}
	*ret_ascii = ascii;
	return 0;
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

/* The earlier of two deadlines. */
static int64_t earlier(int64_t a, int64_t b)
{
	if (a == DEADLINE_NEVER || b == DEADLINE_NEVER)
		return a == DEADLINE_NEVER ? b : a;
	return a < b ? a : b;
}

/* Waits until all addresses are there, or those that came first are not to wait any longer. */
static int wait_for_addresses(struct tlsfo_conn *conn, struct resolve *resolve)
{
	struct pollfd fds[RESOLVE_FDS_MAX];
	int64_t now_us = clock_us();

	while (!resolve_settled(resolve, now_us)) {
		if (deadline_passed(conn->deadline, now_us))
			return conn_fail(conn, GNUTLS_E_TIMEDOUT, 0,
				"%s: the name was not resolved before the deadline", conn->host);
		int64_t until = earlier(conn->deadline, resolve_next(resolve, now_us));
		size_t count = resolve_wait(resolve, fds);
		int ready = poll(fds, (nfds_t)count, deadline_poll(until, now_us));
		if (ready < 0 && errno != EINTR)
			return conn_fail(conn, TLSFO_E_SYSTEM, errno, "poll: %s", strerror(errno));
		now_us = clock_us();
		resolve_advance(resolve, fds, ready > 0 ? count : 0, now_us);
	}
	return 0;
}

static int take_addresses(struct tlsfo_conn *conn, struct resolve *resolve, const char *ascii)
{
	enum resolve_status status = resolve_status(resolve);
	int64_t now_us = clock_us();

	if (status != RESOLVE_DONE && status != RESOLVE_ASKING)
		return fail_to_resolve(conn, resolve, ascii);
	conn->resolved_us = now_us - conn->begun_us;
	conn->addresses = calloc(RESOLVE_ADDRESSES_MAX, sizeof(conn->addresses[0]));
	conn->attempts = calloc(RESOLVE_ADDRESSES_MAX, sizeof(conn->attempts[0]));
	if (conn->addresses == NULL || conn->attempts == NULL)
		return fail_without_memory(conn);
	while (conn->address_count < RESOLVE_ADDRESSES_MAX &&
		resolve_take(resolve, now_us, &conn->addresses[conn->address_count]))
		conn->address_count++;
	if (deadline_passed(conn->deadline, now_us))
		return conn_fail(conn, GNUTLS_E_TIMEDOUT, 0,
			"%s: the deadline passed before a connection was tried", conn->host);
	return 0;
}

int conn_resolve(struct tlsfo_conn *conn)
{
	char *ascii = NULL;
	int family = AF_UNSPEC;
	int ret = choose_family(conn, &family);

	if (ret == 0)
		ret = to_ascii(conn, &ascii);
	if (ret != 0)
		return ret;
	struct resolve *resolve = resolve_start(ascii, conn->service, family, clock_us());
	ret = resolve != NULL ? wait_for_addresses(conn, resolve) : fail_without_memory(conn);
	if (ret == 0)
		ret = take_addresses(conn, resolve, ascii);
	resolve_free(resolve);
	free(ascii);
	return ret;
}
