/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Many connections with sessions that the program makes itself: GnuTLS alone, and with tlsfo's transport
 * rung. They differ in how a session gets its socket, and in nothing else.
 */

#include "many_way.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/socket.h>

#include <tlsfo/transport.h>

static gnutls_certificate_credentials_t credentials;
static char verified[64];

static int begin(const struct many_target *target)
{
	int ret = gnutls_certificate_allocate_credentials(&credentials);

	if (ret < 0)
		return ret;
	strncpy(verified, target->host, sizeof(verified) - 1);
	ret = gnutls_certificate_set_x509_trust_file(
		credentials, target->ca_file, GNUTLS_X509_FMT_PEM);
	return ret < 0 ? ret : 0;
}

static void end(void)
{
	gnutls_certificate_free_credentials(credentials);
}

/* A session as the client rung makes it. */
static int make_session(struct many_conn *conn, bool blocking)
{
	unsigned int flags = GNUTLS_CLIENT | GNUTLS_NO_SIGNAL | GNUTLS_ENABLE_FALSE_START |
			     (blocking ? 0U : (unsigned int)GNUTLS_NONBLOCK);
	int ret = gnutls_init(&conn->session, flags);

	if (ret == 0)
		ret = gnutls_set_default_priority(conn->session);
	if (ret == 0)
		ret = gnutls_credentials_set(conn->session, GNUTLS_CRD_CERTIFICATE, credentials);
	if (ret == 0)
		gnutls_session_set_verify_cert(conn->session, verified, 0);
	return ret;
}

static int make_socket(struct many_conn *conn, bool blocking)
{
	conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK), 0);
	return conn->fd < 0 ? GNUTLS_E_PUSH_ERROR : 0;
}

static int handshake(struct many_conn *conn)
{
	int ret;

	do
		ret = gnutls_handshake(conn->session);
	while (ret == GNUTLS_E_INTERRUPTED ||
		(ret < 0 && !gnutls_error_is_fatal(ret) && ret != GNUTLS_E_AGAIN));
	return ret;
}

static int advance(struct many_conn *conn)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (!conn->connecting)
		return handshake(conn);
	if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 || error != 0)
		return GNUTLS_E_PUSH_ERROR;
	conn->connecting = false;
	return handshake(conn);
}

static int make(struct many_conn *conn, bool blocking)
{
	int ret = make_session(conn, blocking);

	return ret == 0 ? make_socket(conn, blocking) : ret;
}

static int start_plain(const struct many_target *target, struct many_conn *conn)
{
	int ret = make(conn, false);

	if (ret < 0)
		return ret;
	gnutls_transport_set_int(conn->session, conn->fd);
	if (connect(conn->fd, (const struct sockaddr *)&target->address, target->length) == 0)
		return handshake(conn);
	conn->connecting = true;
	return errno == EINPROGRESS ? GNUTLS_E_AGAIN : GNUTLS_E_PUSH_ERROR;
}

static int start_plain_blocking(const struct many_target *target, struct many_conn *conn)
{
	int ret = make(conn, true);

	if (ret < 0)
		return ret;
	if (connect(conn->fd, (const struct sockaddr *)&target->address, target->length) < 0)
		return GNUTLS_E_PUSH_ERROR;
	gnutls_transport_set_int(conn->session, conn->fd);
	return handshake(conn);
}

static int attach_fastopen(const struct many_target *target, struct many_conn *conn, bool blocking)
{
	struct sockaddr_storage address = target->address;
	int ret = make(conn, blocking);

	if (ret < 0)
		return ret;
	gnutls_transport_set_fastopen(
		conn->session, conn->fd, (struct sockaddr *)&address, target->length, 0);
	return handshake(conn);
}

static int start_fastopen(const struct many_target *target, struct many_conn *conn)
{
	return attach_fastopen(target, conn, false);
}

static int start_fastopen_blocking(const struct many_target *target, struct many_conn *conn)
{
	return attach_fastopen(target, conn, true);
}

static int attach_transport(const struct many_target *target, struct many_conn *conn, bool blocking)
{
	int ret = make(conn, blocking);

	if (ret == 0)
		ret = tlsfo_transport_set_fastopen(conn->session, conn->fd,
			(const struct sockaddr *)&target->address, target->length, 0);
	return ret == 0 ? handshake(conn) : ret;
}

static int start_transport(const struct many_target *target, struct many_conn *conn)
{
	return attach_transport(target, conn, false);
}

static int start_transport_blocking(const struct many_target *target, struct many_conn *conn)
{
	return attach_transport(target, conn, true);
}

static int descriptor(const struct many_conn *conn)
{
	return conn->fd;
}

static short events(const struct many_conn *conn)
{
	if (conn->connecting)
		return POLLOUT;
	return gnutls_record_get_direction(conn->session) != 0 ? POLLOUT : POLLIN;
}

static int64_t deadline(const struct many_conn *conn)
{
	(void)conn;
	return -1;
}

static uint64_t attempts(struct many_conn *conn)
{
	(void)conn;
	return 1;
}

static void close_conn(struct many_conn *conn)
{
	if (conn->session)
		gnutls_deinit(conn->session);
	if (conn->fd >= 0)
		close(conn->fd);
}

#define WAY(NAME, START, BLOCKING)                                                                 \
	{                                                                                          \
		.name = NAME, .blocking = BLOCKING, .begin = begin, .end = end, .start = START,    \
		.advance = advance, .descriptor = descriptor, .events = events,                    \
		.deadline = deadline, .attempts = attempts, .close = close_conn                    \
	}

const struct many_way many_way_transport = WAY("transport", start_transport, false);
const struct many_way many_way_transport_blocking =
	WAY("transport-blocking", start_transport_blocking, true);
const struct many_way many_way_plain = WAY("gnutls", start_plain, false);
const struct many_way many_way_plain_blocking = WAY("gnutls-blocking", start_plain_blocking, true);
const struct many_way many_way_fastopen = WAY("gnutls-fastopen", start_fastopen, false);
const struct many_way many_way_fastopen_blocking =
	WAY("gnutls-fastopen-blocking", start_fastopen_blocking, true);
