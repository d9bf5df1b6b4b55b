/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_OPENING_H
#define TLSFO_OPENING_H

/*
 * connect(2) for a gnutls_session_t that the program made itself: from addresses to one socket.
 *
 * One call takes the place of a program's loop of getaddrinfo(3)'s results, connect(2) and
 * gnutls_transport_set_int():
 *
 *	ret = tlsfo_transport_connect(session, addresses, tlsfo_deadline_in(5000), &fd);
 *	if (ret == 0)
 *		ret = gnutls_handshake(session);
 *
 * The session's first flight, the ClientHello and its early data, is made once. Attempts carry it to the
 * addresses, with fast open and without (RFC 7413, RFC 8305): a next one starts when those before have failed or
 * are silent, the first that answers wins, and the session runs over it. Everything else is the program's:
 * priorities, credentials, verification, the ticket, and gnutls_handshake(), which goes on as after
 * gnutls_transport_set_int().
 *
 * The long way is an object. It is made, told, opened:
 *
 *	struct tlsfo_opening *opening = NULL;
 *
 *	ret = tlsfo_opening_new(session, &opening);
 *	if (ret == 0)
 *		ret = tlsfo_opening_add_list(opening, addresses);
 *	if (ret == 0)
 *		ret = tlsfo_opening_set_store(opening, store, "mail.example");
 *	if (ret == 0)
 *		ret = tlsfo_opening_run(opening, &fd);
 *	if (ret != 0)
 *		fprintf(stderr, "%s: %s\n", tlsfo_strerror(ret), tlsfo_opening_error(opening));
 *	tlsfo_opening_free(opening);
 *
 * The session belongs to the opening from tlsfo_opening_new() on. If the opening fails, or is freed before it
 * has succeeded, the session cannot be used again, and gnutls_handshake() fails: connect with a new one.
 *
 * The descriptor is the program's, which closes it after gnutls_deinit(). Its options are those of a socket of
 * transport.h: TCP_NODELAY is set; behind the client's second flight, and behind each ticket that
 * tlsfo_transport_hook() hears, what the server sent is acknowledged at once; and the kernel watches
 * (TCP_USER_TIMEOUT) whether the path carries what follows a SYN with data. On a path that does not, the
 * connection ends in an error within six seconds: nothing of ours can take its place after the program got it.
 *
 * Early data works as with tlsfo_transport_set_fastopen() (transport.h): the program gives the session a ticket and
 * the data by gnutls_record_send_early_data() before. Each attempt may carry it. When gnutls_handshake() says
 * TLSFO_E_HELLO_RETRIED, for which tlsfo_transport_hook() is to be set, or that the connection was lost, the program
 * connects again with a new session and without the early data.
 *
 * tlsfo_transport_get_report() tells of every attempt, also after a failure, until gnutls_deinit().
 *
 * Threads: an opening and its session are for one thread at a time. After fork(2) an opening goes on in the process
 * that began it; the child may free its copy, and no more.
 */

#include <stdint.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>

#include <tlsfo/attributes.h>
#include <tlsfo/client.h>
#include <tlsfo/config.h>
#include <tlsfo/error.h>
#include <tlsfo/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* From netdb.h. */
struct addrinfo;

/* One opening: a session, addresses to connect it to, and the attempts. */
struct tlsfo_opening;

/**
 * tlsfo_transport_connect: connects a session to the first of some addresses that answers.
 * @session: a TLS client session whose handshake has not begun
 * @addresses: as getaddrinfo(3) makes them, each with its port; see tlsfo_opening_add_list()
 * @deadline: when to give up connecting; the handshake afterwards has the program's own limits
 * @ret_fd: set to the connected socket, which is blocking. The caller closes it after gnutls_deinit()
 *
 * A signal does not end it. Why it failed is told in words by the report, tlsfo_transport_get_report().
 *
 * Returns: 0, or a code of tlsfo_opening_new(), tlsfo_opening_add_list() or tlsfo_opening_run()
 */
TLSFO_MUST_CHECK int tlsfo_transport_connect(gnutls_session_t session,
	const struct addrinfo *addresses, int64_t deadline, int *ret_fd);

/**
 * tlsfo_opening_new: an opening without addresses, with fast open, without a store and without a deadline.
 * @session: a TLS client session whose handshake has not begun
 * @ret_opening: set to the opening, which the caller gives back by tlsfo_opening_free()
 *
 * Returns: 0, or, with everything left as it was,
 *   TLSFO_E_INVALID_ARGUMENT: an argument is NULL
 *   TLSFO_E_NOT_A_CLIENT: @session is a server's or a DTLS session
 *   TLSFO_E_IN_USE: the handshake has begun, or the session has a transport or an opening already
 *   GNUTLS_E_MEMORY_ERROR: no memory
 */
TLSFO_MUST_CHECK int tlsfo_opening_new(
	gnutls_session_t session, struct tlsfo_opening **ret_opening);

/**
 * tlsfo_opening_add: one more address, to be tried after those that were added before.
 * @addr: the address with its port, AF_INET or AF_INET6; copied
 * @addrlen: its length in bytes
 *
 * The first sixteen are tried, and each of them once. The address that the store knows to have answered last
 * goes before all others.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @opening or @addr is NULL
 *   TLSFO_E_INVALID_ADDRESS: @addr is not AF_INET or AF_INET6, @addrlen is too short or too long, or the port is 0
 *   TLSFO_E_IN_USE: tlsfo_opening_advance() was called already
 *   GNUTLS_E_MEMORY_ERROR: no memory
 */
TLSFO_MUST_CHECK int tlsfo_opening_add(
	struct tlsfo_opening *opening, const struct sockaddr *addr, socklen_t addrlen);

/**
 * tlsfo_opening_add_list: the addresses that getaddrinfo(3) found, which may be given back then.
 * @addresses: the list. What cannot be connected to by TCP is passed over
 *
 * The families take turns, as RFC 8305 §4 wants it, and each keeps the order of the list.
 *
 * Returns: as tlsfo_opening_add(), and
 *   TLSFO_E_INVALID_ADDRESS: no address of the list can be used, perhaps because getaddrinfo(3) was given no service
 */
TLSFO_MUST_CHECK int tlsfo_opening_add_list(
	struct tlsfo_opening *opening, const struct addrinfo *addresses);

/**
 * tlsfo_opening_set_store: the path memory (store.h) to ask and to tell.
 * @store: the store, to which the session keeps a reference; NULL: none
 * @host: the host that the addresses are of, as a program would give it to tlsfo_conn_new(); copied
 *
 * What the kernel has found out about the path by then is told at gnutls_deinit(): close the socket after it.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @opening is NULL; with a store @host is NULL, empty or too long
 *   TLSFO_E_IN_USE: tlsfo_opening_advance() was called already
 *   GNUTLS_E_MEMORY_ERROR: no memory
 */
TLSFO_MUST_CHECK int tlsfo_opening_set_store(
	struct tlsfo_opening *opening, struct tlsfo_store *store, const char *host);

/**
 * tlsfo_opening_set_socket_hook: a function that prepares each socket before it is connected.
 * @fn, @userdata: as for tlsfo_config_set_socket_hook(); it may also bind the socket
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_opening_set_socket_hook(
	struct tlsfo_opening *opening, tlsfo_socket_hook_fn fn, void *userdata);

/**
 * tlsfo_opening_set_fast_open: whether to use TCP Fast Open.
 * @mode: as for tlsfo_config_set_fast_open()
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_opening_set_fast_open(
	struct tlsfo_opening *opening, enum tlsfo_fast_open_mode mode);

/**
 * tlsfo_opening_set_deadline: when to give up.
 * @deadline: of tlsfo_deadline_in(), TLSFO_NOW or TLSFO_NEVER
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_opening_set_deadline(struct tlsfo_opening *opening, int64_t deadline);

/**
 * tlsfo_opening_advance: connects, as far as that goes without waiting; for programs with an event loop.
 * @ret_fd: set on success to the connected socket, which is non-blocking. The caller closes it after
 *   gnutls_deinit()
 *
 * Call it until it says something else than GNUTLS_E_AGAIN, and each time wait before for what it asks for:
 *
 *	while ((ret = tlsfo_opening_advance(opening, &fd)) == GNUTLS_E_AGAIN) {
 *		pfd.fd = tlsfo_opening_fd(opening);
 *		pfd.events = tlsfo_opening_events(opening);
 *		due = tlsfo_opening_deadline(opening);
 *		poll(&pfd, 1, due == TLSFO_NEVER ? -1 : milliseconds until due, at least 0);
 *	}
 *
 * Calling it early or too often does no harm.
 *
 * Returns: 0 when the session runs over the socket, also when called again; or
 *   GNUTLS_E_AGAIN: wait for the descriptor's events, or until tlsfo_opening_deadline(), and call again
 *   TLSFO_E_NOT_CONNECTED: no address could be connected to; the text names each
 *   GNUTLS_E_TIMEDOUT: the deadline passed; the text names each address that did not answer
 *   TLSFO_E_INVALID_ARGUMENT: an argument is NULL, there is no address, or the session has ended
 *   TLSFO_E_SYSTEM: a system call failed that should not; the text names it
 *   GNUTLS_E_MEMORY_ERROR: no memory
 *   any other of GnuTLS's: gnutls_handshake() could not make the ClientHello, without priorities, say
 * A failure is the same when called again.
 */
TLSFO_MUST_CHECK int tlsfo_opening_advance(struct tlsfo_opening *opening, int *ret_fd);

/**
 * tlsfo_opening_fd, tlsfo_opening_events: what to wait for before tlsfo_opening_advance() is called again, as
 * tlsfo_conn_fd() and tlsfo_conn_events() tell it: ask after every call.
 *
 * Returns: a descriptor, which stays the opening's, or -1 when there is none; POLLIN, POLLOUT, or 0
 */
int tlsfo_opening_fd(const struct tlsfo_opening *opening);
short tlsfo_opening_events(const struct tlsfo_opening *opening);

/**
 * tlsfo_opening_deadline: when to call tlsfo_opening_advance() though nothing happened.
 *
 * Returns: a deadline, no later than the opening's own; TLSFO_NOW before the first call, TLSFO_NEVER after the last
 */
int64_t tlsfo_opening_deadline(const struct tlsfo_opening *opening);

/**
 * tlsfo_opening_run: connects and waits; for programs that block.
 * @ret_fd: set on success to the connected socket, which is blocking, unless tlsfo_opening_advance() has connected it
 *   before. The caller closes it after gnutls_deinit()
 *
 * A signal does not end it.
 *
 * Returns: as tlsfo_opening_advance(), but never GNUTLS_E_AGAIN
 */
TLSFO_MUST_CHECK int tlsfo_opening_run(struct tlsfo_opening *opening, int *ret_fd);

/**
 * tlsfo_opening_error: why connecting failed, in words that name every address with its error.
 *
 * Returns: text without a full stop, the opening's, empty when nothing failed; never NULL.
 */
const char *tlsfo_opening_error(const struct tlsfo_opening *opening);

/**
 * tlsfo_opening_free: gives an opening back, at any time, before gnutls_deinit() or after; NULL is ignored.
 *
 * Before it has succeeded this ends the attempts and closes their sockets. After that nothing changes for the
 * session and its socket.
 */
void tlsfo_opening_free(struct tlsfo_opening *opening);

#ifdef __cplusplus
}
#endif

#endif
