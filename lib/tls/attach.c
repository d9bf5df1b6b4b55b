/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Hangs a transport on a session. The state is the private data of a TLS extension that is registered with the
 * session and never sent: GnuTLS hands the data back when asked and frees it inside gnutls_deinit(), so there is no
 * table of sessions and nothing for the program to release.
 */

#include "tls/transport.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/dtls.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "net/stream.h"
#include "net/tcp_facts.h"
#include "tls/messages.h"
#include "tls/session.h"

/* A number of the range for private use (RFC 8446 §11). It is never on the wire. */
#define EXTENSION      0xff4f
#define EXTENSION_NAME "tlsfo"

#define ENGINES	    (TLSFO_TRANSPORT_SOCKET | TLSFO_TRANSPORT_GNUTLS)
#define SOCKET_ONLY (TLSFO_TRANSPORT_PLAIN | TLSFO_TRANSPORT_OWN_CALLBACKS | TLSFO_TRANSPORT_WAIT)
#define ALL_FLAGS   (ENGINES | SOCKET_ONLY | TLSFO_TRANSPORT_IF_UNCONNECTED)

_Static_assert(sizeof(struct tlsfo_transport) + 512 <= TLSFO_STORAGE_MIN, "TLSFO_STORAGE_MIN");
_Static_assert(sizeof(struct tlsfo_transport) + 4096 <= sizeof(struct tlsfo_storage),
	"struct tlsfo_storage");

static bool is_ours(gnutls_session_t session)
{
	/* The program may have an extension of its own by this number. */
	const char *name = gnutls_ext_get_name2(session, EXTENSION, GNUTLS_EXT_ANY);

	return name != NULL && strcmp(name, EXTENSION_NAME) == 0;
}

struct tlsfo_transport *tlsfo_transport_get(gnutls_session_t session)
{
	gnutls_ext_priv_data_t data = NULL;

	if (session == NULL || !is_ours(session))
		return NULL;
	return gnutls_ext_get_data(session, EXTENSION, &data) == 0 ? data : NULL;
}

int transport_check_session(gnutls_session_t session)
{
	const struct tlsfo_transport *transport = tlsfo_transport_get(session);
	char name[1];
	size_t len = sizeof(name);
	unsigned int type;

	/* No function of GnuTLS tells the role of a session. This one refuses clients. Only a DTLS
	 * session has an MTU. */
	if (gnutls_server_name_get(session, name, &len, &type, 0) != GNUTLS_E_INVALID_REQUEST ||
		gnutls_dtls_get_mtu(session) != 0)
		return TLSFO_E_NOT_A_CLIENT;
	/* GnuTLS says -1 before the first message, and after the last one. A socket that was connected before
	 * needs no attempt. */
	if ((transport != NULL && transport->phase != TRANSPORT_IDLE &&
		    transport->attempt->state != ATTEMPT_IDLE) ||
		(int)gnutls_handshake_get_last_out(session) != -1 ||
		session_is_established(session))
		return TLSFO_E_IN_USE;
	return 0;
}

/*
 * Also sets TCP_NODELAY: without it the small records of a handshake wait for each other's acknowledgement. Only TCP
 * knows the option, and a socket without a port is neither connected, nor connecting, nor listening. So for a fresh
 * socket these two calls are enough; one that is bound may be fresh all the same.
 */
static int check_socket(int fd, const struct address *address, bool *ret_fresh)
{
	struct tcp_facts facts;
	struct address local;

	*ret_fresh = true;
	if (!stream_local_address(fd, &local))
		return TLSFO_E_NOT_A_TCP_SOCKET;
	bool same = address_family(&local) == address_family(address);
	if (!same || address_port(&local) != 0) {
		bool is_tcp = tcp_facts_read(fd, &facts) == 0;

		*ret_fresh = is_tcp && facts.phase == TCP_PHASE_CLOSED && !facts.was_connected;
		if (!*ret_fresh)
			return is_tcp ? TLSFO_E_ALREADY_CONNECTED : TLSFO_E_NOT_A_TCP_SOCKET;
	}
	if (!same)
		return TLSFO_E_INVALID_ADDRESS;
	return stream_set_nodelay(fd) == 0 ? 0 : TLSFO_E_NOT_A_TCP_SOCKET;
}

static int check(gnutls_session_t session, int fd, const struct sockaddr *addr, socklen_t addrlen,
	unsigned int flags, struct address *ret_address, bool *ret_fresh)
{
	bool any_socket = (flags & TLSFO_TRANSPORT_IF_UNCONNECTED) != 0;
	int ret;

	if (session == NULL || (addr == NULL && !any_socket))
		return TLSFO_E_INVALID_ARGUMENT;
	if ((flags & ~ALL_FLAGS) != 0 || (flags & ENGINES) == ENGINES ||
		((flags & TLSFO_TRANSPORT_GNUTLS) != 0 && (flags & SOCKET_ONLY) != 0))
		return TLSFO_E_INVALID_FLAGS;
	ret = transport_check_session(session);
	if (ret != 0)
		return ret;
	*ret_address = (struct address){0};
	if (addr != NULL && (!address_from_sockaddr(addr, addrlen, ret_address) ||
				    address_port(ret_address) == 0))
		return TLSFO_E_INVALID_ADDRESS;
	ret = check_socket(fd, ret_address, ret_fresh);
	return any_socket && !*ret_fresh ? 0 : ret;
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

static int extension_receive(gnutls_session_t session, const unsigned char *data, size_t len)
{
	(void)session;
	(void)data;
	(void)len;
	return 0;
}

static void extension_deinit(gnutls_ext_priv_data_t data)
{
	struct tlsfo_transport *transport = data;

	if (transport == NULL)
		return;
	if (transport->opener != NULL)
		transport->opener->end(transport->opener);
	flight_wipe(&transport->held);
	failure_deinit(&transport->failure);
	if (transport->allocated)
		free(transport);
}

/* The state becomes the session's, which frees that of an earlier call. On failure it is released. */
static int attach(struct tlsfo_transport *transport, gnutls_session_t session)
{
	int ret = gnutls_session_ext_register(session, EXTENSION_NAME, EXTENSION, GNUTLS_EXT_ANY,
		extension_receive, extension_send, extension_deinit, NULL, NULL, 0);

	/* For want of memory GnuTLS registers an extension without its name, by which it is found. */
	if (ret == 0 && !is_ours(session))
		ret = GNUTLS_E_MEMORY_ERROR;
	if (ret != 0 && (ret != GNUTLS_E_ALREADY_REGISTERED || !is_ours(session))) {
		extension_deinit(transport);
		return ret;
	}
	transport->session = session;
	gnutls_ext_set_data(session, EXTENSION, transport);
	return 0;
}

/* Zeros but for what is unknown. The state is at the beginning of a program's memory, with room for the flight behind
 * it, or, where that is NULL, in memory of ours. */
static struct tlsfo_transport *make(void *mem, size_t size)
{
	struct tlsfo_transport *transport = mem != NULL ? mem : malloc(sizeof(*transport));

	if (transport == NULL)
		return NULL;
	*transport = (struct tlsfo_transport){
		.attempt = &transport->own,
		.engine = TLSFO_ENGINE_SOCKET,
		.flight_bytes = -1,
		.begun_us = clock_us(),
		.allocated = mem == NULL,
	};
	if (mem != NULL)
		transport->held = (struct flight){
			.data = (unsigned char *)mem + sizeof(*transport),
			.size = size - sizeof(*transport),
			.fixed = true,
		};
	return transport;
}

static int set_fastopen(gnutls_session_t session, int fd, const struct sockaddr *addr,
	socklen_t addrlen, unsigned int flags, void *mem, size_t size)
{
	struct tlsfo_transport *transport = tlsfo_transport_get(session);
	struct address address;
	bool fresh;
	int ret = check(session, fd, addr, addrlen, flags, &address, &fresh);

	if (ret != 0)
		return ret;
	bool was_gnutls = transport != NULL && transport->engine == TLSFO_ENGINE_GNUTLS;
	/* GnuTLS releases earlier data when new is set. Here both are the same memory. */
	if (mem != NULL && transport == mem)
		gnutls_ext_set_data(session, EXTENSION, NULL);
	transport = make(mem, size);
	if (transport == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	transport->own_callbacks = (flags & TLSFO_TRANSPORT_OWN_CALLBACKS) != 0;
	transport->waits = (flags & TLSFO_TRANSPORT_WAIT) != 0;
	transport->phase = fresh ? TRANSPORT_IDLE : TRANSPORT_DIRECT;
	if (!fresh)
		stream_peer_address(fd, &address);
	attempt_init(&transport->own, fd, &address, (flags & TLSFO_TRANSPORT_PLAIN) != 0);
	transport_set_attempt(transport, &transport->own);
	ret = attach(transport, session);
	if (ret != 0)
		return ret;
	if (was_gnutls)
		engine_gnutls_remove(session);
	if ((flags & TLSFO_TRANSPORT_GNUTLS) == 0 || !fresh) {
		transport_set_callbacks(transport, true);
		return 0;
	}
	gnutls_transport_ptr_t receive;
	gnutls_transport_ptr_t send;
	transport->engine = TLSFO_ENGINE_GNUTLS;
	engine_gnutls_install(transport);
	/* GnuTLS pushes, and its first read comes to us. */
	gnutls_transport_get_ptr2(session, &receive, &send);
	gnutls_transport_set_ptr2(session, transport, send);
	gnutls_transport_set_pull_function(session, tlsfo_transport_pull);
	gnutls_transport_set_pull_timeout_function(session, tlsfo_transport_pull_timeout);
	return 0;
}

int tlsfo_transport_set_fastopen(gnutls_session_t session, int fd, const struct sockaddr *addr,
	socklen_t addrlen, unsigned int flags)
{
	return set_fastopen(session, fd, addr, addrlen, flags, NULL, 0);
}

int tlsfo_transport_set_fastopen_mem(gnutls_session_t session, int fd, const struct sockaddr *addr,
	socklen_t addrlen, unsigned int flags, void *mem, size_t size)
{
	if (mem == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	if ((uintptr_t)mem % _Alignof(struct tlsfo_storage) != 0 || size < TLSFO_STORAGE_MIN)
		return TLSFO_E_INVALID_STORAGE;
	return set_fastopen(session, fd, addr, addrlen, flags, mem, size);
}

int transport_capture(
	gnutls_session_t session, int64_t begun_us, struct tlsfo_transport **ret_transport)
{
	struct tlsfo_transport *transport = make(NULL, 0);

	if (transport == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	attempt_init(&transport->own, -1, &(const struct address){0}, false);
	transport->begun_us = begun_us;
	int ret = attach(transport, session);
	if (ret != 0)
		return ret;
	transport_set_callbacks(transport, false);
	*ret_transport = transport;
	return 0;
}

short tlsfo_transport_events(gnutls_session_t session)
{
	const struct tlsfo_transport *transport = tlsfo_transport_get(session);

	if (session == NULL)
		return 0;
	if (transport != NULL && transport_is_holding(transport))
		return POLLOUT;
	return gnutls_record_get_direction(session) != 0 ? POLLOUT : POLLIN;
}

int tlsfo_transport_hook(gnutls_session_t session, unsigned int type, unsigned int when,
	unsigned int incoming, const gnutls_datum_t *message)
{
	struct tlsfo_transport *transport = tlsfo_transport_get(session);

	if (transport == NULL || incoming == 0)
		return 0;
	if (type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST && when == GNUTLS_HOOK_PRE) {
		transport->hello_retried = true;
		transport->retry_group = retry_wants_group(message->data, message->size);
		/* GnuTLS goes on with early data that the server will not take, and fails or hangs. */
		if (transport->early_data) {
			transport->error = TLSFO_E_HELLO_RETRIED;
			return TLSFO_E_HELLO_RETRIED;
		}
	}
	/* A server with Nagle's algorithm holds what follows its ticket until that is acknowledged, which the
	 * kernel delays by 40 ms. */
	if (type == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET && when == GNUTLS_HOOK_PRE)
		stream_acknowledge(transport->attempt->fd);
	/* No server reads early data without the ticket (RFC 8446 §4.2.10). GnuTLS believes it. */
	if (type == GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS && when == GNUTLS_HOOK_PRE &&
		gnutls_session_is_resumed(session) == 0 &&
		extensions_take_early_data(message->data, message->size)) {
		transport->error = GNUTLS_E_RECEIVED_ILLEGAL_EXTENSION;
		return transport->error;
	}
	if (transport->watch == NULL)
		return 0;
	return transport->watch(transport->watch_context, session, type, when, message);
}
