/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls/transport.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/dtls.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "net/stream.h"
#include "net/tcp_facts.h"
#include "tls/direct.h"
#include "tls/session.h"

#define ENGINES	    (TLSFO_TRANSPORT_SOCKET | TLSFO_TRANSPORT_GNUTLS)
#define SOCKET_ONLY (TLSFO_TRANSPORT_PLAIN | TLSFO_TRANSPORT_OWN_CALLBACKS)
#define ALL_FLAGS   (ENGINES | SOCKET_ONLY)

_Static_assert(sizeof(struct tlsfo_transport) + 512 <= TLSFO_STORAGE_MIN, "TLSFO_STORAGE_MIN");
_Static_assert(sizeof(struct tlsfo_transport) + 4096 <= sizeof(struct tlsfo_storage),
	"struct tlsfo_storage");

static bool handshake_begun(gnutls_session_t session)
{
	const struct tlsfo_transport *transport = tlsfo_transport_get(session);

	if (transport != NULL && transport->phase != TRANSPORT_IDLE)
		return true;
	/* Before the first message, and after the last, GnuTLS has an impossible one here. */
	return (int)gnutls_handshake_get_last_out(session) != -1 || session_is_established(session);
}

static int check_session(gnutls_session_t session)
{
	char name[1];
	size_t len = sizeof(name);
	unsigned int type;

	/* GnuTLS has no question for the role; this one is for servers only. A DTLS session has an
	 * MTU. */
	if (gnutls_server_name_get(session, name, &len, &type, 0) != GNUTLS_E_INVALID_REQUEST)
		return TLSFO_E_NOT_A_CLIENT;
	if (gnutls_dtls_get_mtu(session) != 0)
		return TLSFO_E_NOT_A_CLIENT;
	return handshake_begun(session) ? TLSFO_E_IN_USE : 0;
}

static int check_flags(unsigned int flags)
{
	if ((flags & ~ALL_FLAGS) != 0 || (flags & ENGINES) == ENGINES)
		return TLSFO_E_INVALID_FLAGS;
	if ((flags & TLSFO_TRANSPORT_GNUTLS) != 0 && (flags & SOCKET_ONLY) != 0)
		return TLSFO_E_INVALID_FLAGS;
	return 0;
}

/* For a socket that has a port, or is in another way not what a program usually brings. */
static int check_used_socket(int fd, const struct address *address)
{
	struct tcp_facts facts;
	struct address local;

	if (tcp_facts_read(fd, &facts) != 0)
		return TLSFO_E_NOT_A_TCP_SOCKET;
	if (facts.phase != TCP_PHASE_CLOSED)
		return TLSFO_E_ALREADY_CONNECTED;
	if (!stream_local_address(fd, &local))
		return TLSFO_E_NOT_A_TCP_SOCKET;
	if (address_family(&local) != address_family(address))
		return TLSFO_E_INVALID_ADDRESS;
	stream_set_nodelay(fd);
	return 0;
}

/*
 * Also sets TCP_NODELAY: without it the small records of a handshake wait for each other's
 * acknowledgement. Only TCP knows the option, and what has no port is neither connected, nor
 * connecting, nor listening, so for a fresh socket no further question is needed.
 */
static int check_socket(int fd, const struct address *address)
{
	struct address local;

	if (stream_local_address(fd, &local) && address_port(&local) == 0 &&
		address_family(&local) == address_family(address) && stream_set_nodelay(fd) == 0)
		return 0;
	return check_used_socket(fd, address);
}

static int check(gnutls_session_t session, int fd, const struct sockaddr *addr, socklen_t addrlen,
	unsigned int flags, struct address *ret_address)
{
	int ret;

	if (session == NULL || addr == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	ret = check_flags(flags);
	if (ret != 0)
		return ret;
	ret = check_session(session);
	if (ret != 0)
		return ret;
	if (!address_from_sockaddr(addr, addrlen, ret_address) || address_port(ret_address) == 0)
		return TLSFO_E_INVALID_ADDRESS;
	return check_socket(fd, ret_address);
}

static enum tlsfo_engine choose_engine(unsigned int flags)
{
	if ((flags & TLSFO_TRANSPORT_GNUTLS) != 0)
		return TLSFO_ENGINE_GNUTLS;
	return TLSFO_ENGINE_SOCKET;
}

static void install(struct tlsfo_transport *transport, bool was_gnutls)
{
	gnutls_session_t session = transport->session;

	if (was_gnutls)
		engine_gnutls_remove(session);
	if (transport->engine == TLSFO_ENGINE_GNUTLS) {
		engine_gnutls_install(transport);
		return;
	}
	if (transport->own_callbacks)
		return;
	gnutls_transport_set_ptr2(session, direct_pointer(transport->attempt->fd), transport);
	gnutls_transport_set_vec_push_function(session, tlsfo_transport_vec_push);
	gnutls_transport_set_pull_function(session, direct_pull);
	gnutls_transport_set_pull_timeout_function(session, direct_pull_timeout);
}

static bool has_gnutls_engine(gnutls_session_t session)
{
	const struct tlsfo_transport *transport = tlsfo_transport_get(session);

	return transport != NULL && transport->engine == TLSFO_ENGINE_GNUTLS;
}

/* GnuTLS calls this while it makes the ClientHello. Nothing is sent. */
static int extension_send(gnutls_session_t session, gnutls_buffer_t buf)
{
	struct tlsfo_transport *transport = tlsfo_transport_get(session);

	(void)buf;
	if (transport != NULL)
		engine_gnutls_begin(transport);
	return 0;
}

/* Puts the state in its place, and that of an earlier call out of it. On failure it is released. */
static int attach(struct tlsfo_transport *transport, bool was_gnutls)
{
	int ret = transport_hang(transport, extension_send);

	if (ret == 0 && transport->phase == TRANSPORT_IDLE)
		install(transport, was_gnutls);
	return ret;
}

static void init(struct tlsfo_transport *transport, gnutls_session_t session, int fd,
	const struct address *address, unsigned int flags)
{
	transport->session = session;
	transport->flight_bytes = -1;
	transport->begun_us = clock_us();
	transport->engine = choose_engine(flags);
	transport->own_callbacks = (flags & TLSFO_TRANSPORT_OWN_CALLBACKS) != 0;
	transport->socket_cookie = fd >= 0 ? stream_cookie(fd) : 0;
	if (fd >= 0)
		direct_forget(fd);
	transport->attempt = &transport->own;
	attempt_init(transport->attempt, fd, address, (flags & TLSFO_TRANSPORT_PLAIN) != 0);
}

static struct tlsfo_transport *allocate(void)
{
	struct tlsfo_transport *transport = calloc(1, sizeof(*transport));

	if (transport == NULL)
		return NULL;
	transport->allocated = true;
	flight_init(&transport->held);
	return transport;
}

int tlsfo_transport_set_fastopen(gnutls_session_t session, int fd, const struct sockaddr *addr,
	socklen_t addrlen, unsigned int flags)
{
	struct address address;
	int ret = check(session, fd, addr, addrlen, flags, &address);

	if (ret != 0)
		return ret;
	struct tlsfo_transport *transport = allocate();
	if (transport == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	init(transport, session, fd, &address, flags);
	return attach(transport, has_gnutls_engine(session));
}

/* The state at the beginning of a program's storage, and room for the flight behind it. */
static struct tlsfo_transport *place(void *mem, size_t size)
{
	struct tlsfo_transport *transport = mem;

	memset(transport, 0, sizeof(*transport));
	flight_init_fixed(&transport->held, (unsigned char *)mem + sizeof(*transport),
		size - sizeof(*transport));
	return transport;
}

int tlsfo_transport_set_fastopen_mem(gnutls_session_t session, int fd, const struct sockaddr *addr,
	socklen_t addrlen, unsigned int flags, void *mem, size_t size)
{
	struct tlsfo_transport *transport = mem;
	struct address address;
	int ret;

	if (mem == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	if ((uintptr_t)mem % _Alignof(struct tlsfo_storage) != 0 || size < TLSFO_STORAGE_MIN)
		return TLSFO_E_INVALID_STORAGE;
	ret = check(session, fd, addr, addrlen, flags, &address);
	if (ret != 0)
		return ret;
	bool was_gnutls = has_gnutls_engine(session);
	/* The same memory again would be released by GnuTLS after it was filled anew. */
	if (tlsfo_transport_get(session) == transport)
		transport_take_off(session);
	place(mem, size);
	init(transport, session, fd, &address, flags);
	return attach(transport, was_gnutls);
}

int transport_capture(
	gnutls_session_t session, int64_t begun_us, struct tlsfo_transport **ret_transport)
{
	const struct address nowhere = {0};
	struct tlsfo_transport *transport = allocate();

	if (transport == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	init(transport, session, -1, &nowhere, TLSFO_TRANSPORT_SOCKET);
	transport->phase = TRANSPORT_CAPTURING;
	transport->begun_us = begun_us;
	int ret = attach(transport, false);
	if (ret != 0)
		return ret;
	gnutls_transport_set_ptr2(session, transport, transport);
	gnutls_transport_set_vec_push_function(session, tlsfo_transport_vec_push);
	gnutls_transport_set_pull_function(session, tlsfo_transport_pull);
	gnutls_transport_set_pull_timeout_function(session, tlsfo_transport_pull_timeout);
	*ret_transport = transport;
	return 0;
}
