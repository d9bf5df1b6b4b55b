/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_TRANSPORT_H
#define TLSFO_TRANSPORT_H

/*
 * Fast open for a gnutls_session_t that the program made itself.
 *
 * One call takes the place of connect(2) and gnutls_transport_set_int():
 *
 *	fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
 *	ret = tlsfo_transport_set_fastopen(session, fd, addr, addrlen, 0);
 *
 * and everything else stays as it is: gnutls_handshake() connects, and its ClientHello leaves in
 * the SYN when a cookie for the destination is known. There is nothing to release: the state goes
 * with gnutls_deinit().
 *
 * To the program the session looks like any other. gnutls_transport_get_int() returns the socket,
 * from the start with tlsfo's own engine. (With GnuTLS's engine it does so only once the first flight
 * was sent and GnuTLS reads: use the descriptor you have.)
 * The socket may be blocking or non-blocking; on a non-blocking one GnuTLS's usual loop is right
 * from the first call on:
 *
 *	while ((ret = gnutls_handshake(session)) < 0 && !gnutls_error_is_fatal(ret)) {
 *		pfd.fd = gnutls_transport_get_int(session);
 *		pfd.events = gnutls_record_get_direction(session) ? POLLOUT : POLLIN;
 *		poll(&pfd, 1, timeout);
 *	}
 *
 * and calling gnutls_handshake() too early does no harm. On a blocking socket it ends connecting as connect(2)
 * does: by SO_SNDTIMEO (socket(7)), which is the way to limit it, and by a signal, with
 * GNUTLS_E_INTERRUPTED (call it again to go on; signal(7) tells when SA_RESTART does that). What connecting took
 * counts for gnutls_handshake_set_timeout(), which does not end it.
 *
 * When the address is not reached, gnutls_handshake() returns GNUTLS_E_PUSH_ERROR, whatever the reason and the mode;
 * tlsfo_transport_errno() has the errno, and tlsfo_transport_error() the words. GnuTLS knows one other code,
 * GNUTLS_E_PULL_ERROR, for a failure that comes while it reads already: with early data and, where a cookie is known,
 * with GnuTLS's engine, which on a blocking socket waits in its first read then (SO_RCVTIMEO).
 *
 * Once the first flight is delivered, reads and writes are what
 * GnuTLS itself would do on the socket, without a copy, lock or extra call of ours; only SIGPIPE is
 * never raised. TCP_NODELAY is set on the socket, because a TLS handshake consists of small writes. Behind the client's second flight, and behind each ticket that
 * tlsfo_transport_hook() hears, what the server sent is acknowledged at once (TCP_QUICKACK): a server that
 * leaves Nagle's algorithm on holds what follows its tickets until then.
 *
 * Early data (RFC 8446 §4.2.10) rides in the same SYN. The program gives the session a ticket by
 * gnutls_session_set_data() and the data by gnutls_record_send_early_data(), before the handshake,
 * on a session made with GNUTLS_ENABLE_EARLY_DATA. tlsfo then keeps the flight until GnuTLS first
 * reads, to send it whole. Three things are different meanwhile:
 *
 *   - on a non-blocking socket, poll the descriptor you have for what tlsfo_transport_events() says
 *     (gnutls_transport_get_int() and gnutls_record_get_direction() are wrong until the flight is
 *     delivered);
 *   - set tlsfo_transport_hook() as the handshake hook: a server that wants another ClientHello
 *     makes the handshake end with TLSFO_E_HELLO_RETRIED. Connect again then, on a new socket and
 *     session, without the early data and without that ticket;
 *   - with GNUTLS_E_PUSH_ERROR, GNUTLS_E_PULL_ERROR or GNUTLS_E_PREMATURE_TERMINATION from
 *     gnutls_handshake(), do the same if the data may be processed twice.
 *
 * Whether the server took the early data is told by GNUTLS_SFLAGS_EARLY_DATA in
 * gnutls_session_get_flags() after the handshake, and by the report, if the session was resumed
 * (gnutls_session_is_resumed()): a server that has not taken the ticket cannot have read the data, whatever it
 * says (RFC 8446 §4.2.10), and with the hook the handshake then ends with
 * GNUTLS_E_RECEIVED_ILLEGAL_EXTENSION. If not, the program sends it
 * again. Only data that may safely be processed twice may be early data (RFC 8446 §8). GnuTLS before
 * 3.8.9 says that a ticket without early data allows 4294967295 bytes of it, and all versions fail
 * on a ticket that has expired; client.h sees to both.
 *
 * A server can keep gnutls_record_recv() for ever: GnuTLS (3.7.9 to 3.8.13) does not come back from an empty
 * handshake record in the middle of a message after the handshake of TLS 1.3, whatever the socket's time
 * limits. Nothing of tlsfo's is called then; the client rung refuses such records before.
 *
 * What this rung cannot do is connect a second time: when the path to the address turns out to be
 * broken, gnutls_handshake() fails, as it would after a failed connect(2). opening.h tries further
 * addresses with the session, and client.h does without one.
 *
 * A path may carry data in the SYN and swallow what follows it. The kernel watches for that: the socket has
 * TCP_USER_TIMEOUT (tcp(7)) from the first bytes behind the SYN until a read or write finds that something of them
 * was acknowledged. On such a path it ends with ETIMEDOUT within six seconds, also for a program that only polls,
 * and the report's error is TLSFO_E_PATH_SWALLOWS. A value that the program has set itself stays. Where a round
 * trip takes more than half a second the path is not watched. A server that takes nothing for so long, right
 * behind the handshake and before the program's next read or write, looks the same.
 *
 * Threads: as the session, one at a time.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>

#include <tlsfo/attributes.h>
#include <tlsfo/error.h>
#include <tlsfo/report.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The state of one transport; it belongs to the session. */
struct tlsfo_transport;

/* Flags of tlsfo_transport_set_fastopen(), to be combined with |. */

/* Use tlsfo's own callbacks to put the flight in the SYN. */
#define TLSFO_TRANSPORT_SOCKET (1U << 0)
/* Use gnutls_transport_set_fastopen(), cured of its faults. With neither of the two: the socket
 * engine where the system has one, otherwise GnuTLS's. */
#define TLSFO_TRANSPORT_GNUTLS (1U << 1)
/* Connect plainly: no data in the SYN, no cookie asked for. Everything else is the same. Only with
 * the socket engine. */
#define TLSFO_TRANSPORT_PLAIN (1U << 2)
/* Do not touch the session's callbacks and transport pointers: the program has callbacks of its
 * own and calls tlsfo_transport_vec_push() and the others inside them. Only with the socket
 * engine. */
#define TLSFO_TRANSPORT_OWN_CALLBACKS (1U << 3)
/* On a non-blocking socket, too, gnutls_handshake() waits for the connection, within SO_SNDTIMEO: for a program that
 * waited in poll(2) behind connect(2), and whose loop around the handshake polls for reading only. Without it such a
 * loop hangs where no cookie is known. Only with the socket engine. */
#define TLSFO_TRANSPORT_WAIT (1U << 4)
/* Connect only a TCP socket that is not connected. Any other socket, connected or connecting, a socket pair, or what
 * a proxy handed over, is taken as gnutls_transport_set_int() takes it, and its options are left alone. @addr may be
 * NULL then. One line so serves a module that does not know who connected. */
#define TLSFO_TRANSPORT_IF_UNCONNECTED (1U << 5)

/* Memory for one transport, as tlsfo_transport_set_fastopen_mem() wants it. A flight with
 * early data may have up to 4096 bytes; more memory holds longer ones. */
struct tlsfo_storage {
	union {
		int64_t align_integer;
		void *align_pointer;
		unsigned char bytes[5120];
	} opaque;
};

/**
 * tlsfo_transport_set_fastopen: connects a session with fast open, on its first flight.
 * @session: a TLS client session whose handshake has not begun
 * @fd: a TCP socket, blocking or not, neither connected nor connecting; it may be bound. It stays
 *   the program's, which closes it after gnutls_deinit()
 * @addr: the address to connect to, AF_INET or AF_INET6; copied. An IPv4-mapped IPv6 address needs
 *   an IPv6 socket that allows it
 * @addrlen: its length in bytes
 * @flags: TLSFO_TRANSPORT_..., or 0
 *
 * Nothing is sent before gnutls_handshake() is called. May be called again, with another socket or
 * address, as long as the handshake has not begun.
 *
 * The argument list is that of gnutls_transport_set_fastopen() with flags added. The session should
 * be made with GNUTLS_NO_SIGNAL where the engine is GnuTLS's, because only then does its first flight
 * raise no SIGPIPE.
 *
 * Returns: 0, or, with everything left as it was,
 *   TLSFO_E_INVALID_ARGUMENT: @session is NULL, or @addr without TLSFO_TRANSPORT_IF_UNCONNECTED
 *   TLSFO_E_NOT_A_CLIENT: @session is a server's or a DTLS session
 *   TLSFO_E_NOT_A_TCP_SOCKET: @fd is not an open TCP socket (with TLSFO_TRANSPORT_IF_UNCONNECTED: no socket)
 *   TLSFO_E_ALREADY_CONNECTED: @fd is connected, connecting or listening, without TLSFO_TRANSPORT_IF_UNCONNECTED
 *   TLSFO_E_INVALID_ADDRESS: @addr is not AF_INET or AF_INET6, @addrlen is too short, or more
 *     than a struct sockaddr_storage has
 *     for it, its port is 0, or @fd is of another family
 *   TLSFO_E_INVALID_FLAGS: @flags has an unknown flag or two that exclude each other
 *   TLSFO_E_IN_USE: the session has a transport whose first flight was sent already, or belongs to an opening
 *     (opening.h)
 *   GNUTLS_E_MEMORY_ERROR: no memory
 *
 * Follows: RFC 7413; tcp(7).
 */
TLSFO_MUST_CHECK int tlsfo_transport_set_fastopen(gnutls_session_t session, int fd,
	const struct sockaddr *addr, socklen_t addrlen, unsigned int flags);

/**
 * tlsfo_transport_set_fastopen_mem: the same in the caller's memory.
 * @session, @fd, @addr, @addrlen, @flags: as above
 * @mem: memory aligned as struct tlsfo_storage, which must stay until gnutls_deinit()
 * @size: its size in bytes; sizeof(struct tlsfo_storage) is a good choice
 *
 * tlsfo itself allocates nothing then (GnuTLS still does), but for the words of tlsfo_transport_error(). A flight with
 * early data is kept in @mem; one that does not fit fails before anything is sent: the handshake
 * returns GNUTLS_E_PUSH_ERROR and the report's error is TLSFO_E_FLIGHT_TOO_LARGE.
 *
 * Returns: as above, and
 *   TLSFO_E_INVALID_ARGUMENT: @mem is NULL
 *   TLSFO_E_INVALID_STORAGE: @mem is not aligned, or @size is less than TLSFO_STORAGE_MIN
 */
TLSFO_MUST_CHECK int tlsfo_transport_set_fastopen_mem(gnutls_session_t session, int fd,
	const struct sockaddr *addr, socklen_t addrlen, unsigned int flags, void *mem, size_t size);

/* The least size for tlsfo_transport_set_fastopen_mem(); it holds a flight with early data of 512 bytes. */
#define TLSFO_STORAGE_MIN 1536

/**
 * tlsfo_transport_get: the transport of a session, as the argument for the callbacks below.
 *
 * Returns: the transport, which lives until gnutls_deinit(), or NULL when the session has none.
 */
struct tlsfo_transport *tlsfo_transport_get(gnutls_session_t session);

/**
 * tlsfo_transport_events: what to poll(2) the socket for before gnutls_handshake() is called again.
 * @session: a session, with or without a transport
 *
 * Only a flight with early data needs it: gnutls_record_get_direction() says "read" while such a
 * flight still waits for the connection. Otherwise the answer is that of
 * gnutls_record_get_direction().
 *
 * Returns: POLLIN or POLLOUT; 0 when @session is NULL.
 */
short tlsfo_transport_events(gnutls_session_t session);

/**
 * tlsfo_transport_hook: a handshake hook that notices what early data cannot outlive.
 * @session, @type, @when, @incoming, @message: as GnuTLS hands them to a hook
 *
 * A session has one handshake hook. A program without one of its own sets this one,
 *
 *	gnutls_handshake_set_hook_function(
 *		session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
 *
 * and a program with one calls it from there, with everything that comes, and returns what is not 0.
 * When a server answers a ClientHello that announced early data with a HelloRetryRequest, GnuTLS
 * cannot go on (it fails, or waits until the time is over); with this hook gnutls_handshake()
 * returns TLSFO_E_HELLO_RETRIED at once.
 *
 * Returns: 0, TLSFO_E_HELLO_RETRIED, or GNUTLS_E_RECEIVED_ILLEGAL_EXTENSION: the server says that it took
 * early data, but did not take the ticket.
 *
 * Follows: RFC 8446 §4.1.4, §4.2.10.
 */
int tlsfo_transport_hook(gnutls_session_t session, unsigned int type, unsigned int when,
	unsigned int incoming, const gnutls_datum_t *message);

/**
 * tlsfo_transport_get_report: what happened so far.
 * @session: a session with a transport
 * @report: initialised with TLSFO_REPORT_INIT; filled on success
 *
 * Ask before the socket is closed: figures from TCP_INFO, and the errno of a read or write that failed behind
 * the first flight, are unknown afterwards. (For descriptors from 65536 on that errno is never known, and the
 * path is not watched. With GnuTLS's engine the errno of a first flight that failed is known to the thread that
 * it failed on, until another one fails there.) At this rung the
 * report has no host, its only attempt is the connection (of a session that opening.h connects it has every
 * attempt), and first_byte_us and handshake_us are
 * unknown, because tlsfo is out of the way by then. With GnuTLS's engine on a blocking socket, syn_bytes is known
 * only where the kernel's counts leave no doubt.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @session or @report is NULL, or the report's size is not one of this
 *     library or an earlier one
 *   TLSFO_E_NO_TRANSPORT: the session has neither had tlsfo_transport_set_fastopen() nor an opening (opening.h)
 */
TLSFO_MUST_CHECK int tlsfo_transport_get_report(
	gnutls_session_t session, struct tlsfo_report *report);

/**
 * tlsfo_transport_errno: the system's error that the session's connection failed with first.
 * @session: a session, with or without a transport
 *
 * Ask before the socket is closed.
 *
 * Returns: an errno, ETIMEDOUT where SO_SNDTIMEO ended connecting; 0 when nothing failed.
 */
int tlsfo_transport_errno(gnutls_session_t session);

/**
 * tlsfo_transport_error: why connecting or the connection failed, in words, with the address.
 * @session: a session, with or without a transport
 *
 * Returns: text without a full stop, which stays until gnutls_deinit(); empty when nothing failed; never NULL.
 */
const char *tlsfo_transport_error(gnutls_session_t session);

/**
 * tlsfo_transport_vec_push, tlsfo_transport_push, tlsfo_transport_pull,
 * tlsfo_transport_pull_timeout: the callbacks, for programs that have their own.
 * @ptr: what tlsfo_transport_get() returned for the session, set with
 *   TLSFO_TRANSPORT_OWN_CALLBACKS
 *
 * They do what GnuTLS wants of callbacks (gnutls_transport_set_vec_push_function(),
 * gnutls_transport_set_push_function(), gnutls_transport_set_pull_function(),
 * gnutls_transport_set_pull_timeout_function()): a count, or -1 with errno set and also told to the
 * session by gnutls_transport_set_errno(). A program's own callback can count, log or filter around
 * them. Use either push or vec_push, and always pull and pull_timeout with it.
 *
 * Returns: bytes written or read; 0 from pull is the peer's end of data; pull_timeout returns a
 * positive number when there is something to read, 0 after @ms milliseconds without
 * (GNUTLS_INDEFINITE_TIMEOUT is no limit).
 * Or -1 with errno
 *   EAGAIN: wait, in the direction that gnutls_record_get_direction() says
 *   EINTR: call again
 *   EMSGSIZE: the flight does not fit the storage; nothing was sent
 *   any other: the connection failed; the report has the first
 */
ssize_t tlsfo_transport_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt);
ssize_t tlsfo_transport_push(gnutls_transport_ptr_t ptr, const void *buf, size_t len);
ssize_t tlsfo_transport_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len);
int tlsfo_transport_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms);

#ifdef __cplusplus
}
#endif

#endif
