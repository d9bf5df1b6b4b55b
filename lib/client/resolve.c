/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"

/* getaddrinfo(3) takes numbers that are no ports, cut to 16 bits. */
static bool service_valid(const char *service)
{
	if (service[strspn(service, "0123456789")] != '\0')
		return true;
	unsigned long port = strtoul(service, NULL, 10);
	return port >= 1 && port <= 65535;
}

static int fail_to_resolve(struct tlsfo_conn *conn, int code, int error)
{
	if (code == EAI_MEMORY)
		return conn_fail(conn, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
	if (code == EAI_SERVICE)
		return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, 0, "service %s: %s", conn->service,
			gai_strerror(code));
	return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, error, "%s: %s", conn->host,
		error != 0 ? strerror(error) : gai_strerror(code));
}

/* Keeps the addresses that may be used; the local address restricts the family. */
static int take_addresses(struct tlsfo_conn *conn, const struct addrinfo *list)
{
	int local_family = address_family(&conn->config->local);
	size_t count = 0;

	for (const struct addrinfo *info = list; info != NULL; info = info->ai_next)
		count++;
	conn->addresses = calloc(count, sizeof(conn->addresses[0]));
	conn->attempts = calloc(count, sizeof(conn->attempts[0]));
	if (conn->addresses == NULL || conn->attempts == NULL)
		return conn_fail(conn, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
	for (const struct addrinfo *info = list; info != NULL; info = info->ai_next) {
		if (local_family != 0 && info->ai_family != local_family)
			continue;
		if (address_from_sockaddr(
			    info->ai_addr, info->ai_addrlen, &conn->addresses[conn->address_count]))
			conn->address_count++;
	}
	if (conn->address_count > 0)
		return 0;
	return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, 0,
		"%s: no address of the local address's family", conn->host);
}

int conn_resolve(struct tlsfo_conn *conn)
{
	const struct addrinfo hints = {
		.ai_family = conn->config->family,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
	};
	struct addrinfo *list = NULL;
	char *bare = NULL;
	size_t len = strlen(conn->host);

	if (!service_valid(conn->service))
		return conn_fail(conn, TLSFO_E_NAME_NOT_FOUND, 0,
			"service %s: a port is a number from 1 to 65535", conn->service);
	if (conn->host[0] == '[' && conn->host[len - 1] == ']') {
		bare = strndup(conn->host + 1, len - 2);
		if (bare == NULL)
			return conn_fail(conn, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
	}
	int code = getaddrinfo(bare != NULL ? bare : conn->host, conn->service, &hints, &list);
	int error = code == EAI_SYSTEM ? errno : 0;
	free(bare);
	if (code != 0)
		return fail_to_resolve(conn, code, error);
	int ret = take_addresses(conn, list);
	freeaddrinfo(list);
	if (ret != 0)
		return ret;
	conn->resolved_us = clock_us() - conn->begun_us;
	if (deadline_passed(conn->deadline, clock_us()))
		return conn_fail(
			conn, GNUTLS_E_TIMEDOUT, 0, "%s: resolving it took too long", conn->host);
	return 0;
}
