/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_SOCKET_H
#define TLSFO_SOCKET_H

/*
 * TCP sockets, and a connect that takes the first data with it (TCP Fast Open, RFC 7413).
 *
 * Arguments, return values and errno are those of libowfat's functions of the same names without
 * the prefix; <tlsfo/compat/socket.h> maps those names, so that a program written for libowfat
 * compiles unchanged. Addresses are the 4 or 16 bytes of an in_addr or in6_addr in network order,
 * ports are in host order, scope_id is an interface index (if_nametoindex(3)) for link-local
 * addresses and otherwise 0.
 *
 * All functions here report failure by -1 and errno. They keep no state, take no lock and may be
 * called from any thread. None of them raises SIGPIPE, every socket is close-on-exec.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * tlsfo_socket_tcp4, tlsfo_socket_tcp6: a non-blocking TCP socket for IPv4, or for IPv6.
 * tlsfo_socket_tcp4b, tlsfo_socket_tcp6b: the same, blocking.
 *
 * An IPv6 socket accepts IPv4-mapped addresses (::ffff:192.0.2.1) too, whatever
 * net.ipv6.bindv6only says.
 *
 * Returns: a descriptor, which the caller closes, or -1 with the errno of socket(2), among them
 *   EAFNOSUPPORT: the system has no such address family
 *   EMFILE, ENFILE: no descriptor is left
 */
int tlsfo_socket_tcp4(void);
int tlsfo_socket_tcp6(void);
int tlsfo_socket_tcp4b(void);
int tlsfo_socket_tcp6b(void);

/**
 * tlsfo_socket_bind4, tlsfo_socket_bind6: gives the socket a local address.
 * tlsfo_socket_bind4_reuse, tlsfo_socket_bind6_reuse: the same with SO_REUSEADDR set before.
 * @fd: a TCP socket
 * @ip: the local address; all zero means any
 * @port: the local port, host order; 0 means one that the system chooses
 * @scope_id: interface index of a link-local address, otherwise 0
 *
 * Returns: 0, or -1 with the errno of bind(2), among them
 *   EFAULT: @ip is NULL
 *   EADDRINUSE: address and port are taken
 *   EADDRNOTAVAIL: no interface has the address
 *   EACCES: the port is reserved
 */
int tlsfo_socket_bind4(int fd, const char ip[4], uint16_t port);
int tlsfo_socket_bind4_reuse(int fd, const char ip[4], uint16_t port);
int tlsfo_socket_bind6(int fd, const char ip[16], uint16_t port, uint32_t scope_id);
int tlsfo_socket_bind6_reuse(int fd, const char ip[16], uint16_t port, uint32_t scope_id);

/**
 * tlsfo_socket_connect4, tlsfo_socket_connect6: connects without data.
 * @fd: a TCP socket; one that was not bound gets any address and a port of the system's choice
 * @ip: the address to connect to
 * @port: the port, host order
 * @scope_id: interface index of a link-local address, otherwise 0
 *
 * On a non-blocking socket the connection is usually not ready when the call returns: wait until
 * the socket is writable, then ask tlsfo_socket_connected().
 *
 * A blocking connect that a signal interrupts is waited for to its end.
 *
 * Returns: 0 when connected, or -1 with the errno of connect(2), among them
 *   EFAULT: @ip is NULL
 *   EINPROGRESS: (non-blocking) the connection is being made
 *   EALREADY: (non-blocking) it is still being made
 *   EISCONN: the socket is connected
 *   ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH: the attempt failed
 */
int tlsfo_socket_connect4(int fd, const char ip[4], uint16_t port);
int tlsfo_socket_connect6(int fd, const char ip[16], uint16_t port, uint32_t scope_id);

/**
 * tlsfo_socket_fastopen_connect4, tlsfo_socket_fastopen_connect6: connects and sends the first
 * data in the SYN where possible.
 * @fd: a TCP socket, not connected
 * @ip: the address to connect to
 * @port: the port, host order
 * @scope_id: interface index of a link-local address, otherwise 0
 * @buf: the first data; may be NULL when @len is 0
 * @len: its length in bytes; 0 asks for a fast-open cookie, so that a later connection can carry
 *   data in its SYN
 *
 * The server may see the data twice when the network duplicates the SYN (RFC 7413 §2.1); a TLS
 * ClientHello is safe to be seen twice.
 *
 * On a blocking socket the call returns when the connection stands and everything is sent, signals
 * notwithstanding; SO_SNDTIMEO (socket(7)) limits how long it waits for the connection, as with
 * connect(2).
 *
 * Where the system has fast open switched off (sysctl net.ipv4.tcp_fastopen without bit 0x1) or
 * lacks it, this is a plain connect: on a blocking socket the data follows at once, on a
 * non-blocking socket the result is -1 with EINPROGRESS and nothing is queued.
 *
 * Returns: the number of bytes that were taken. On a non-blocking socket these are those that left in
 * the SYN (at MTU 1500 at most 1420 for IPv4, 1400 for IPv6), which may be less than @len; the rest is
 * the caller's to send when the socket is writable. (To a server on the same machine the handshake
 * can be over before the call returns, and then it took everything.) Or -1 with
 *   EFAULT: @ip is NULL
 *   EINPROGRESS: (non-blocking) the connection is being made and nothing was queued: there was no
 *     cookie, and the SYN asked for one. Wait until the socket is writable, ask
 *     tlsfo_socket_connected(), then send with send(2) and MSG_NOSIGNAL
 *   EWOULDBLOCK: (non-blocking) as EINPROGRESS
 *   EALREADY: (non-blocking) an earlier call's connection is still being made
 *   EISCONN: the socket is connected; send the data with send(2)
 *   ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH: the attempt failed
 * On a non-blocking socket a refusal or a time-out comes later, and tlsfo_socket_connected() tells.
 */
ssize_t tlsfo_socket_fastopen_connect4(
	int fd, const char ip[4], uint16_t port, const char *buf, size_t len);
ssize_t tlsfo_socket_fastopen_connect6(
	int fd, const char ip[16], uint16_t port, uint32_t scope_id, const char *buf, size_t len);

/**
 * tlsfo_socket_connected: tells whether a connection came to be.
 * @fd: a socket whose connect returned -1 with EINPROGRESS and that became writable since
 *
 * Returns: 1 when connected. Otherwise 0, with errno
 *   EINPROGRESS: the connection is still being made
 *   ENOTCONN: no connection was ever tried
 *   ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH and others: why the attempt failed. The system tells
 *     this once: a second call says ENOTCONN
 */
int tlsfo_socket_connected(int fd);

/**
 * tlsfo_socket_fastopen: lets a server's socket accept data in the SYN.
 * @fd: a TCP socket, before or after listen(2)
 *
 * The system takes part only where sysctl net.ipv4.tcp_fastopen has bit 0x2 set as well. At most
 * 256 connections that carried data may wait for their handshake to end; further ones are treated
 * as without fast open.
 *
 * Returns: 0, or -1 with errno
 *   ENOPROTOOPT, EOPNOTSUPP: the system has no fast open
 *   EBADF, ENOTSOCK: @fd is not a socket
 */
int tlsfo_socket_fastopen(int fd);

#ifdef __cplusplus
}
#endif

#endif
