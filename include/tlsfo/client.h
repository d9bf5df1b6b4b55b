/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_CLIENT_H
#define TLSFO_CLIENT_H

/*
 * Host and service in, verified TLS session out.
 *
 *	struct tlsfo_config *config = NULL;
 *	struct tlsfo_conn *conn = NULL;
 *
 *	ret = tlsfo_config_new(&config);
 *	if (ret == 0)
 *		ret = tlsfo_conn_new(config, "dns.example", "853", &conn);
 *	if (ret == 0)
 *		ret = tlsfo_conn_open(conn, tlsfo_deadline_in(5000));
 *	if (ret == 0)
 *		n = tlsfo_conn_write(conn, query, length, tlsfo_deadline_in(1000));
 *	else
 *		fprintf(stderr, "%s: %s\n", tlsfo_strerror(ret), tlsfo_conn_error(conn));
 *	tlsfo_conn_free(conn);
 *	tlsfo_config_free(config);
 *
 * Certificates are verified against the system's trust store: chain, name and purpose (config.h).
 *
 * After fork(2) a configuration serves both sides, whatever threads of the parent were at. A connection that
 * was being opened goes on in the process that began it; the child may free its copy, and no more.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gnutls/gnutls.h>

#include <tlsfo/attributes.h>
#include <tlsfo/config.h>
#include <tlsfo/error.h>
#include <tlsfo/report.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One connection. */
struct tlsfo_conn;

/* Deadlines: absolute milliseconds of tlsfo_now(). */
#define TLSFO_NEVER (-1)
#define TLSFO_NOW   (0)

/**
 * tlsfo_now: the clock that deadlines are measured by.
 *
 * Returns: milliseconds of CLOCK_MONOTONIC (clock_gettime(2)), always positive.
 */
int64_t tlsfo_now(void);

/**
 * tlsfo_deadline_in: a deadline some time from now.
 * @ms: milliseconds from now; negative means TLSFO_NEVER
 *
 * Returns: a deadline.
 */
int64_t tlsfo_deadline_in(int64_t ms);

/**
 * tlsfo_conn_new: a connection that is not opened yet. Nothing is looked up and nothing is sent.
 * @config: the configuration; the connection keeps a reference
 * @host: a name, or an IPv4 or IPv6 address in text, with a scope ("fe80::1%eth0") and in brackets
 *   ("[2001:db8::1]") if wanted. A name may be internationalised, in UTF-8: those of its labels that are
 *   not ASCII are converted (RFC 5891, by gnutls_idna_map()) to be looked up, sent and verified. No
 *   character is left out: a name with blanks or control characters, with an empty label or one of more
 *   than 63 bytes, or with a label that cannot be converted whole, is TLSFO_E_NAME_NOT_FOUND when it is opened
 * @service: a port number, or a name that the system knows (services(5)); may be NULL where
 *   tlsfo_conn_set_addresses() follows
 * @ret_conn: set to the connection, which the caller gives back by tlsfo_conn_close() or tlsfo_conn_free()
 *
 * The setters below are for the time before tlsfo_conn_open() or tlsfo_conn_begin(), and return TLSFO_E_IN_USE
 * later. A setter that fails says why by tlsfo_conn_error(), and lets every later one and the opening fail with the
 * same code.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @config, @host or @ret_conn is NULL, @host or @service is empty or too long
 *   GNUTLS_E_MEMORY_ERROR: no memory
 *
 * Threads: any number of connections at once with one configuration; a connection is for one thread at a time.
 */
TLSFO_MUST_CHECK int tlsfo_conn_new(struct tlsfo_config *config, const char *host,
	const char *service, struct tlsfo_conn **ret_conn);

/* Flags of tlsfo_conn_set_first_data(). */

/* The data is safe to be processed twice: a server that gets it a second time, because the network or
 * an attacker repeats it, does no harm (RFC 8446 §8). A DNS query is; an order to pay is not. */
#define TLSFO_FIRST_DATA_REPLAYABLE (1U << 0)

/* The most first data, in bytes; servers allow as early data what they like, often 16384. */
#define TLSFO_FIRST_DATA_MAX 65536

/* What opening returns when the connection is open and the first data was not sent. */
#define TLSFO_FIRST_DATA_UNSENT 1

/**
 * tlsfo_conn_set_first_data: the first data to send, which may save another round trip.
 * @data: what the connection is to carry first; copied, and wiped when it is sent. May be NULL when
 *   @len is 0
 * @len: its length in bytes; at most TLSFO_FIRST_DATA_MAX
 * @flags: TLSFO_FIRST_DATA_REPLAYABLE, or 0
 * @protocol: the application protocol that the data is for, one of tlsfo_config_set_alpn(). If the server chooses
 *   another one or none, the data is not sent, the connection is open, and opening returns
 *   TLSFO_FIRST_DATA_UNSENT. NULL: the data is sent whatever the server chooses
 *
 * With the flag, and with a ticket whose server allows it, the data travels as TLS 1.3 early data (RFC
 * 8446 §2.3), together with the ClientHello: in the SYN where a cookie is known, one round trip
 * before anything else could be sent. In every other case it is sent as ordinary data as soon as the
 * handshake permits. When opening returns 0 the connection carries the data exactly once, whatever
 * happened: what the server rejected is sent again as ordinary data. The report tells which.
 *
 * Data marked by the flag may reach a server, or two, more than once: whoever can record it can send
 * it again, a flight is repeated when a path loses it, and where a server asks for another ClientHello,
 * takes the data in another protocol (ALPN) than it was meant for, the connection is lost before the
 * handshake is over, or the path swallows a hello with early data (nothing of it is acknowledged after the
 * kernel has sent it more than twice), one new connection is made, without early data, and carries it. After such a path the
 * next connections to the host go without early data, as the store remembers, for an hour, and longer each
 * time it happens again, up to a day; fast open goes on. Data that is not
 * marked never leaves before the server has proved who it is, and only in one session: after the handshake,
 * with TLS 1.2 along with the client's Finished (false start, RFC 7918).
 *
 * Returns: 0, TLSFO_E_IN_USE, or
 *   TLSFO_E_INVALID_ARGUMENT: @conn is NULL, @data is NULL and @len is not 0, @len is too large, or @protocol is
 *     none that is offered
 *   TLSFO_E_INVALID_FLAGS: a flag is unknown
 *   GNUTLS_E_MEMORY_ERROR: no memory
 */
TLSFO_MUST_CHECK int tlsfo_conn_set_first_data(struct tlsfo_conn *conn, const void *data,
	size_t len, unsigned int flags, const char *protocol);

/* From netdb.h. */
struct addrinfo;

/**
 * tlsfo_conn_set_addresses: connects to these addresses, and looks no name up.
 * @addresses: as getaddrinfo(3) makes them, or a resolver of the program's own, each with its port; copied. The
 *   families take turns (RFC 8305 §4), each keeps the order of the list, and the first sixteen are tried
 *
 * The host of tlsfo_conn_new() stays what is sent, verified, and kept in the store. The service is not needed.
 *
 * Returns: 0, TLSFO_E_IN_USE, or
 *   TLSFO_E_INVALID_ARGUMENT: an argument is NULL
 *   TLSFO_E_INVALID_ADDRESS: no address of the list is an IPv4 or IPv6 address of TCP with a port
 *   GNUTLS_E_MEMORY_ERROR: no memory
 */
TLSFO_MUST_CHECK int tlsfo_conn_set_addresses(
	struct tlsfo_conn *conn, const struct addrinfo *addresses);

/**
 * tlsfo_conn_set_socket: opens TLS over a socket that is connected already: by a proxy, after STARTTLS, or handed
 *   over by another program.
 * @fd: a connected stream socket, which is the connection's from now on and becomes non-blocking. When this fails it
 *   stays the program's
 *
 * Everything works but what needs a SYN: tickets, verification, deadlines and the report. The host of
 * tlsfo_conn_new() is verified, and the store keeps tickets under it and its service. Nothing is resolved or
 * raced, and no second connection can be made, so that first data never travels early. The report has the address
 * that the socket is connected to, and none when it is no TCP socket.
 *
 * Returns: 0, TLSFO_E_IN_USE, or
 *   TLSFO_E_INVALID_ARGUMENT: @conn is NULL, @fd is not a connected stream socket, there is one already, or cookies are to be
 *     fetched
 */
TLSFO_MUST_CHECK int tlsfo_conn_set_socket(struct tlsfo_conn *conn, int fd);

/**
 * tlsfo_conn_set_servername: the name to send and to verify in place of the host's.
 * @name: as a host; converted in the same way. An address is verified and not sent (RFC 6066 §3)
 *
 * Returns: 0, TLSFO_E_IN_USE, TLSFO_E_INVALID_ARGUMENT: @conn or @name is NULL, or @name is not a name;
 *   GNUTLS_E_MEMORY_ERROR
 */
TLSFO_MUST_CHECK int tlsfo_conn_set_servername(struct tlsfo_conn *conn, const char *name);

/**
 * tlsfo_conn_set_priming: only fetches fast-open cookies, ahead of need (RFC 7413 §4.1.2).
 *
 * To open the connection is then to send every address of the host a SYN without data that asks for a cookie; a
 * family that no name server tells within 50 ms of the other is left out. The sockets are closed as soon as they are
 * connected, and there is no session: opening returns 0 when one address at least was connected to, and the report
 * tells for each address whether the system has a cookie now (->cookie). The system keeps cookies, for all programs,
 * until it is restarted.
 *
 * Returns: 0, TLSFO_E_IN_USE, or
 *   TLSFO_E_INVALID_ARGUMENT: @conn is NULL, its configuration is private (tlsfo_config_set_private()), or it has a
 *     socket
 */
TLSFO_MUST_CHECK int tlsfo_conn_set_priming(struct tlsfo_conn *conn);

/**
 * tlsfo_conn_open: connects, handshakes and verifies.
 * @deadline: when to give up; covers names, connecting and the handshake
 *
 * A name is looked up by getaddrinfo(3), so that the addresses are those that "getent ahosts" tells:
 * nsswitch.conf(5), resolv.conf(5) and gai.conf(5) are heeded. When that takes longer than 50 ms, each
 * family is asked for by itself as well, where both are surely of one name: IPv6 is used as it comes,
 * and IPv4 waits 50 ms for it (RFC 8305 §3). Within each family the addresses keep the system's order, the
 * families take turns (RFC 8305 §4), and the first sixteen are tried.
 *
 * getaddrinfo(3) blocks, and runs in threads of the library's own: sixteen at most in a process, for all
 * names at once, with all signals blocked. A name that is given up keeps its thread until the system has
 * given it up too. The library stays in memory when a program unloads it.
 *
 * Addresses and modes are raced (RFC 8305, and fast open against plain): all attempts carry the same
 * first flight, the next one starts when those before have failed or are silent, and the first that
 * answers wins.
 *
 * Returns: 0, TLSFO_FIRST_DATA_UNSENT, or, with words from tlsfo_conn_error(),
 *   TLSFO_E_INVALID_ARGUMENT: @conn is NULL, or neither a service nor addresses were given
 *   TLSFO_E_IN_USE: it was begun already
 *   TLSFO_E_NAME_NOT_FOUND: there is no such name, or it has no address (of the family asked for)
 *   TLSFO_E_NAME_LOOKUP_FAILED: nobody could tell now, because the name servers failed, say; the text
 *     says why
 *   TLSFO_E_SERVICE_NOT_FOUND: the service is neither a port nor a name that the system knows
 *   TLSFO_E_NOT_CONNECTED: no address could be connected to; the text names each
 *   TLSFO_E_INVALID_FILE: the trust store cannot be loaded
 *   TLSFO_E_SYSTEM: a system call failed that should not; the text names it
 *   TLSFO_E_CANCELLED: tlsfo_conn_cancel() was called
 *   GNUTLS_E_TIMEDOUT: the deadline passed; the text says while what was done
 *   GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR: the certificate was refused; the text says why
 *   GNUTLS_E_MEMORY_ERROR: no memory
 *   TLSFO_E_PATH_SWALLOWS, the code of a setter that failed, or any other of GnuTLS's: the handshake failed
 */
TLSFO_MUST_CHECK int tlsfo_conn_open(struct tlsfo_conn *conn, int64_t deadline);

/**
 * tlsfo_connect: the short way: tlsfo_conn_new() and tlsfo_conn_open() in one call.
 * @ret_conn: set on success to the connection. What made it fail is told by the code alone
 *
 * Returns: as tlsfo_conn_new() and tlsfo_conn_open()
 */
TLSFO_MUST_CHECK int tlsfo_connect(struct tlsfo_config *config, const char *host,
	const char *service, int64_t deadline, struct tlsfo_conn **ret_conn);

/**
 * tlsfo_conn_begin: tlsfo_conn_open() without waiting, for programs with an event loop.
 * @deadline: as for tlsfo_conn_open()
 *
 * Nothing is sent yet. Call tlsfo_conn_advance() until it says something else than GNUTLS_E_AGAIN, each
 * time waiting for what it asks for:
 *
 *	ret = tlsfo_conn_begin(conn, deadline);
 *	if (ret != 0)
 *		return ret;
 *	while ((ret = tlsfo_conn_advance(conn)) == GNUTLS_E_AGAIN) {
 *		pfd.fd = tlsfo_conn_fd(conn);
 *		pfd.events = tlsfo_conn_events(conn);
 *		due = tlsfo_conn_deadline(conn);
 *		poll(&pfd, 1, due == TLSFO_NEVER ? -1 : milliseconds until due, at least 0);
 *	}
 *
 * Ask for all three after every call: the descriptor may be another one then and the one before closed, also
 * where both have the same number, so that an epoll(7) descriptor of the program's own is to be told anew.
 * It is the socket itself, or while several things are awaited at once an epoll descriptor, which an
 * event loop watches like a socket. tlsfo_conn_set_steady_fd() makes it one and the same from here to the end. To give
 * up at any moment, call tlsfo_conn_free().
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_IN_USE, or the code of a setter that failed
 */
TLSFO_MUST_CHECK int tlsfo_conn_begin(struct tlsfo_conn *conn, int64_t deadline);

/**
 * tlsfo_conn_set_steady_fd: tlsfo_conn_fd() is one descriptor from tlsfo_conn_begin() to the connection's end.
 *
 * It is an epoll descriptor, to be waited for with POLLIN. Event loops that keep a descriptor for long, as those of
 * libuv and of Python, watch it once. It costs a descriptor, and a system call where the awaited events change.
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_IN_USE, or
 *   TLSFO_E_SYSTEM: there is no descriptor left, say
 */
TLSFO_MUST_CHECK int tlsfo_conn_set_steady_fd(struct tlsfo_conn *conn);

/**
 * tlsfo_conn_cancel: ends whatever call of this connection waits, and each later one that would wait, with
 *   TLSFO_E_CANCELLED.
 *
 * For good: the connection can then be closed or given back only. A call that finds what it wants without waiting
 * still succeeds. A program with an event loop wakes the loop itself; its next tlsfo_conn_advance() returns
 * TLSFO_E_CANCELLED.
 *
 * Threads: any, at any time between tlsfo_conn_new() and tlsfo_conn_free(), and signal handlers
 *   (signal-safety(7)).
 */
void tlsfo_conn_cancel(struct tlsfo_conn *conn);

/**
 * tlsfo_conn_advance: goes on with opening a connection, as far as that goes without waiting.
 *
 * It never waits, names included; the one thing that takes time is loading the trust store, 8
 * to 60 ms once for a configuration, unless tlsfo_config_load() did that before. Calling it
 * early or too often does no harm.
 *
 * Returns: 0 when the connection is open, also when called again; or
 *   GNUTLS_E_AGAIN: wait for the descriptor's events, or until tlsfo_conn_deadline(), and call again
 *   any other: as tlsfo_conn_open(); the same when called again
 */
TLSFO_MUST_CHECK int tlsfo_conn_advance(struct tlsfo_conn *conn);

/**
 * tlsfo_conn_deadline: when to call tlsfo_conn_advance() though nothing happened.
 *
 * Returns: a deadline, no later than the connection's own; TLSFO_NOW before the first call; TLSFO_NEVER when the
 * connection is open or has failed, because only events count then. While tlsfo_conn_finish() waits for a ticket it is
 * when to call that again.
 */
int64_t tlsfo_conn_deadline(const struct tlsfo_conn *conn);

/**
 * tlsfo_conn_session: the plain GnuTLS session, for everything this header does not cover.
 *
 * With TLS 1.2 the connection is open as soon as data may be sent, a round trip before the server's Finished
 * (false start, RFC 7918). Until something was read GnuTLS does not know yet what was agreed on:
 * gnutls_session_get_desc() and the name of the cipher may be NULL, and there is no channel binding.
 *
 * Of a connection that failed because the server's certificate was refused the session remains for questions:
 * gnutls_certificate_get_peers() has the chain, for a program that shows it to a person. Nothing can be sent over it.
 *
 * Returns: the session, which stays the connection's, or NULL when there is none: before the connection is
 * open, and after any other failure. Its socket is non-blocking.
 */
gnutls_session_t tlsfo_conn_session(struct tlsfo_conn *conn);

/**
 * tlsfo_conn_fd: the descriptor to wait for: the socket, or while the connection is being opened
 * what tlsfo_conn_advance() waits for.
 *
 * Returns: the descriptor, which stays the connection's, or -1 when there is none.
 */
int tlsfo_conn_fd(const struct tlsfo_conn *conn);

/**
 * tlsfo_conn_events: what to poll(2) the socket for before the next call.
 *
 * Read until GNUTLS_E_AGAIN before waiting: data that is decrypted already is not seen by poll.
 *
 * Returns: POLLIN, with POLLOUT when a record is half sent.
 */
short tlsfo_conn_events(const struct tlsfo_conn *conn);

/**
 * tlsfo_conn_read: reads what there is.
 * @buf: where the data goes
 * @len: room in bytes, at least 1
 * @deadline: how long to wait for the first byte; TLSFO_NOW does not wait
 *
 * Data that has arrived behind up to 64 tickets or key updates is read although the time is over, so that
 * epoll(7) with EPOLLET may be used.
 *
 * Where the path swallows what follows a fast-open SYN, the socket ends with an error within three seconds of the
 * first write (on paths of up to 120 ms), so that poll(2) and epoll(7) wake, and this returns
 * TLSFO_E_PATH_SWALLOWS. For this the socket has TCP_USER_TIMEOUT (tcp(7)) until something that was written is seen
 * to be acknowledged; a value that the program has set itself stays. Every call of this connection looks, and one
 * that waits looks ten times a second. A program that makes none, as with the session of tlsfo_conn_session(),
 * keeps the option, and then loses a server that takes nothing for so long.
 *
 * Returns: the number of bytes read, 1 to @len; 0 when the peer has closed its direction with
 * close_notify, or with user_canceled, which servers in Java send before that (RFC 8446 §6.1); or
 *   GNUTLS_E_AGAIN: with TLSFO_NOW, there was no data yet; poll(2) tells when to try again
 *   GNUTLS_E_TIMEDOUT: the deadline passed
 *   GNUTLS_E_PREMATURE_TERMINATION: the peer closed without close_notify; data may be missing
 *   GNUTLS_E_UNEXPECTED_PACKET: a record came that may not come, an empty one of the handshake's type
 *     (RFC 8446 §5.1) among them, which GnuTLS alone would never return from
 *   TLSFO_E_INVALID_ARGUMENT: an argument is NULL or 0, or @conn is not connected
 *   TLSFO_E_PATH_SWALLOWS: nothing arrives that follows the SYN; or any other of GnuTLS's
 */
TLSFO_MUST_CHECK ssize_t tlsfo_conn_read(
	struct tlsfo_conn *conn, void *buf, size_t len, int64_t deadline);

/**
 * tlsfo_conn_write: writes all of it, as far as the deadline allows.
 * @buf: the data; may be NULL when @len is 0
 * @len: its length in bytes; 0 only sends on what waits from before
 * @deadline: how long to try; TLSFO_NOW does not wait, and takes what the socket takes
 *
 * A peer that reads as fast as this writes does not keep it: the deadline is asked after every record.
 * A record of what was not taken may be half sent when the deadline passes. The next write must
 * therefore begin with the bytes that were not taken; any other call sends the record on too, and
 * tlsfo_conn_events() asks for POLLOUT meanwhile.
 *
 * Returns: the number of bytes taken, less than @len only when the deadline passed or the connection
 * failed (the next call then says so); or, when none was taken,
 *   GNUTLS_E_AGAIN: with TLSFO_NOW, the socket is full
 *   GNUTLS_E_TIMEDOUT: the deadline passed
 *   TLSFO_E_INVALID_ARGUMENT: an argument is NULL, @conn is not connected, was shut down or is
 *     being shut down, or
 *     @len is less than what of these bytes was half sent before
 *   TLSFO_E_PATH_SWALLOWS, as reading; or any other of GnuTLS's: the connection failed
 */
TLSFO_MUST_CHECK ssize_t tlsfo_conn_write(
	struct tlsfo_conn *conn, const void *buf, size_t len, int64_t deadline);

/**
 * tlsfo_conn_shutdown: ends the writing direction with close_notify (RFC 8446 §6.1). Reading goes
 * on.
 *
 * Do not call it behind a request to say that the request is complete: the protocol says that. Many
 * servers take close_notify for the end of the whole conversation. nginx then closes without its own,
 * Node.js drops an answer that is not ready yet, and others cut it short and close with close_notify, so
 * that nothing tells that data is missing. It is for servers that wait for the end of the input, such as an echo
 * service; in other cases read the answer to its end and call tlsfo_conn_close().
 *
 * Returns: 0, also when it was done before; or
 *   GNUTLS_E_AGAIN, GNUTLS_E_TIMEDOUT: it could not be sent before the deadline
 *   TLSFO_E_INVALID_ARGUMENT: @conn is NULL or not connected
 *   TLSFO_E_PATH_SWALLOWS, as reading; or any other of GnuTLS's: the connection failed
 */
TLSFO_MUST_CHECK int tlsfo_conn_shutdown(struct tlsfo_conn *conn, int64_t deadline);

/**
 * tlsfo_conn_close: sends close_notify if that was not done, closes the socket and frees the
 * connection, whatever happens.
 * @conn: NULL is ignored
 * @deadline: how long it may take; TLSFO_NOW does not wait
 *
 * A server's tickets may arrive after the last data that the program read. When none has come by now, or
 * the handshake of TLS 1.2 has not ended yet (false start, RFC 7918), this waits for that, for two round
 * trips or 50 ms, whichever is more, and at most a second. Every ticket that has arrived is kept; what else
 * arrives is thrown away.
 *
 * Returns: 0, also for NULL and for a connection that is not connected, which has nobody to say it to; or
 * what tlsfo_conn_shutdown() returned.
 */
int tlsfo_conn_close(struct tlsfo_conn *conn, int64_t deadline);

/**
 * tlsfo_conn_finish: what tlsfo_conn_close() does before it closes the socket, without waiting.
 *
 * Call it until it says something else than GNUTLS_E_AGAIN, each time waiting for the descriptor's events or until
 * tlsfo_conn_deadline(), as with tlsfo_conn_advance(); then, or to give up, call tlsfo_conn_free(). What arrives is
 * thrown away, so that nothing can be read any more.
 *
 * Returns: 0, also for NULL and for a connection that is not connected; GNUTLS_E_AGAIN; or what
 * tlsfo_conn_shutdown() returns
 */
TLSFO_MUST_CHECK int tlsfo_conn_finish(struct tlsfo_conn *conn);

/**
 * tlsfo_conn_free: closes the socket without a word and frees the connection; NULL is ignored.
 *
 * While the connection is being opened this gives it up; a ticket that had not left this host by then goes back
 * to the store.
 */
void tlsfo_conn_free(struct tlsfo_conn *conn);

/**
 * tlsfo_conn_error: the first thing that went wrong, in words that name the host and what somebody has to know to
 * mend it.
 *
 * Of addresses, each once, with its errors and their modes, "fast open" or "plain". Of a refused certificate: the names that
 * it is for (tlsfo_conn_set_servername()), when it expired or from when on it is valid, and its issuer
 * (tlsfo_config_set_ca_file()). Of a server that does not speak TLS: the line with which it begins. Of a URL that was given in
 * place of a host: the host. A call that its deadline ended, or that was wrong, while the connection goes on has a text
 * too, until the next call of reading, writing or shutting down; the report has none of it.
 *
 * Returns: text without a full stop, the connection's until the next call, empty when nothing failed, never NULL.
 */
const char *tlsfo_conn_error(const struct tlsfo_conn *conn);

/**
 * tlsfo_conn_get_report: what happened so far.
 * @conn: a connection, also one that failed
 * @report: initialised with TLSFO_REPORT_INIT; filled on success
 *
 * Returns: 0, or TLSFO_E_INVALID_ARGUMENT: an argument is NULL, or the report's size is not one of
 * this library or an earlier one
 */
TLSFO_MUST_CHECK int tlsfo_conn_get_report(struct tlsfo_conn *conn, struct tlsfo_report *report);

/**
 * tlsfo_conn_report_json: the report as JSON without a structure between, for programs in other languages.
 * @conn: as for tlsfo_conn_get_report()
 * @buf, @size: as for tlsfo_report_json()
 *
 * Returns: as tlsfo_report_json()
 */
int tlsfo_conn_report_json(struct tlsfo_conn *conn, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif
