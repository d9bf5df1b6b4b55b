/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A connection is made, and told what the program wants. The first setter that fails lets the opening fail. */

#include "client/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "client/name.h"

/* Longer than any service's name. */
#define SERVICE_MAX_LENGTH 255

int64_t tlsfo_now(void)
{
	return clock_us() / 1000;
}

int64_t tlsfo_deadline_in(int64_t ms)
{
	return deadline_in(clock_us(), ms);
}

int tlsfo_conn_new(struct tlsfo_config *config, const char *host, const char *service,
	struct tlsfo_conn **ret_conn)
{
	if (config == NULL || host == NULL || ret_conn == NULL || host[0] == '\0' ||
		strlen(host) >= TLSFO_HOST_SIZE ||
		(service != NULL && (service[0] == '\0' || strlen(service) > SERVICE_MAX_LENGTH)))
		return TLSFO_E_INVALID_ARGUMENT;
	struct tlsfo_conn *conn = calloc(1, sizeof(*conn));
	if (conn == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	conn->config = config_use(config);
	conn->resolved_us = TLSFO_UNKNOWN;
	waits_init(&conn->waits);
	cancel_init(&conn->cancel);
	conn->opening.means = (struct opening_means){
		.local = &config->local,
		.hook = config->socket_hook,
		.hook_data = config->socket_hook_data,
		.knowledge = &conn->knowledge,
		.waits = &conn->waits,
		.failure = &conn->failure,
		.socket = -1,
	};
	if (!target_init(&conn->target, config, host, service)) {
		tlsfo_conn_free(conn);
		return GNUTLS_E_MEMORY_ERROR;
	}
	*ret_conn = conn;
	return 0;
}

/* Begins a setter: 0 when the connection may still be told, no setter has failed and the argument is @valid. @what says
 * what is wrong with one that is not. */
static int check(struct tlsfo_conn *conn, bool valid, const char *what)
{
	if (conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	if (conn->stage != CONN_SETTING)
		return TLSFO_E_IN_USE;
	if (conn->failure.code != 0 || valid)
		return conn->failure.code;
	return failure_set(
		&conn->failure, TLSFO_E_INVALID_ARGUMENT, 0, "%s: %s", conn->target.host, what);
}

int tlsfo_conn_set_first_data(struct tlsfo_conn *conn, const void *data, size_t len,
	unsigned int flags, const char *protocol)
{
	const gnutls_datum_t *alpn = NULL;
	int ret = check(conn, (data != NULL || len == 0) && len <= TLSFO_FIRST_DATA_MAX,
		"first data is at most 65536 bytes");

	if (ret != 0)
		return ret;
	if ((flags & ~TLSFO_FIRST_DATA_REPLAYABLE) != 0)
		return failure_set(&conn->failure, TLSFO_E_INVALID_FLAGS, 0,
			"%s: a flag of the first data is unknown", conn->target.host);
	for (size_t i = 0; protocol != NULL && i < conn->config->alpn_count; i++)
		if (strcmp(conn->config->alpn_names[i], protocol) == 0)
			alpn = &conn->config->alpn[i];
	if (protocol != NULL && alpn == NULL)
		return failure_set(&conn->failure, TLSFO_E_INVALID_ARGUMENT, 0,
			"%s: the protocol \"%s\" of the first data is none that "
			"tlsfo_config_set_alpn() has set",
			conn->target.host, protocol);
	return first_data_set(&conn->first, data, len, flags, alpn)
		       ? 0
		       : failure_memory(&conn->failure);
}

int tlsfo_conn_set_addresses(struct tlsfo_conn *conn, const struct addrinfo *addresses)
{
	int ret = check(conn, addresses != NULL, "the list of addresses is empty");

	if (ret != 0)
		return ret;
	conn->opening.candidates.count = 0;
	ret = candidates_add_list(&conn->opening.candidates, addresses);
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return failure_memory(&conn->failure);
	return ret == 0 ? 0
			: failure_set(&conn->failure, ret, 0,
				  "%s: no address of the list is one of TCP with a port",
				  conn->target.host);
}

int tlsfo_conn_set_socket(struct tlsfo_conn *conn, int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int type = 0;
	socklen_t type_len = sizeof(type);
	int flags = fcntl(fd, F_GETFL);
	int ret = check(conn, conn != NULL && !conn->primes && conn->opening.means.socket < 0,
		"cookies are not fetched over a connected socket, of which there is one at most");

	if (ret != 0)
		return ret;
	bool good = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0;
	if (good && type != SOCK_STREAM)
		errno = EPROTOTYPE;
	if (!good || type != SOCK_STREAM || getpeername(fd, (struct sockaddr *)&peer, &len) != 0 ||
		fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return failure_set(&conn->failure, TLSFO_E_INVALID_ARGUMENT, errno,
			"%s: descriptor %d is not a connected stream socket: %s", conn->target.host,
			fd, strerror(errno));
	conn->opening.means.socket = fd;
	conn->first.own_socket = true;
	return 0;
}

int tlsfo_conn_set_servername(struct tlsfo_conn *conn, const char *name)
{
	char buf[FAILURE_TEXT_SIZE];
	struct text why;
	int ret = check(conn, name != NULL && strlen(name) < TLSFO_HOST_SIZE,
		"the server name is missing or longer than 255 bytes");

	if (ret != 0)
		return ret;
	text_init(&why, buf, sizeof(buf));
	char *ascii = name_to_ascii(name, &why);
	if (ascii == NULL && why.len > 0)
		return failure_set(&conn->failure, TLSFO_E_INVALID_ARGUMENT, 0,
			"%s: the server name \"%s\" is not a name: %s", conn->target.host, name,
			buf);
	if (ascii == NULL)
		return failure_memory(&conn->failure);
	free(conn->target.servername);
	conn->target.servername = ascii;
	return 0;
}

int tlsfo_conn_set_priming(struct tlsfo_conn *conn)
{
	/* A cookie would tell the server who comes again. */
	int ret = check(conn,
		conn != NULL && !conn->config->is_private && conn->opening.means.socket < 0,
		"cookies are fetched neither for a private configuration nor over a connected "
		"socket");

	if (ret == 0)
		conn->primes = true;
	return ret;
}

int tlsfo_conn_set_steady_fd(struct tlsfo_conn *conn)
{
	int ret = check(conn, true, NULL);

	if (ret != 0 || conn->waits.steady || waits_keep_steady(&conn->waits) == 0)
		return ret;
	return failure_set(&conn->failure, TLSFO_E_SYSTEM, errno, "%s: epoll: %s",
		conn->target.host, strerror(errno));
}

void tlsfo_conn_cancel(struct tlsfo_conn *conn)
{
	if (conn != NULL)
		cancel_tell(&conn->cancel);
}

int tlsfo_connect(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn)
{
	struct tlsfo_conn *conn = NULL;
	int ret = ret_conn != NULL ? tlsfo_conn_new(config, host, service, &conn)
				   : TLSFO_E_INVALID_ARGUMENT;

	if (ret == 0)
		ret = tlsfo_conn_open(conn, deadline);
	if (ret == 0)
		*ret_conn = conn;
	else
		tlsfo_conn_free(conn);
	return ret;
}
