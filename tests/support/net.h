/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_NET_H
#define SUPPORT_NET_H

/*
 * A network of the test's own: a namespace that holds nothing but a loopback device, so that tests
 * change what they like and run beside each other. A fresh one is made for every test, which also
 * means: no fast-open cookie, no packet filter, no old connection.
 *
 *      this process and its children, in their network namespace
 *      +---------------------------------------------------+
 *      |  test (client)  ---\                              |
 *      |                     lo, MTU 1500: 127.0.0.1, ::1  |
 *      |  server(s)      ---/      \                       |
 *      |                            capture (libpcap)      |
 *      +---------------------------------------------------+
 *
 * Everything here ends the test with a message when it fails.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Bits of net.ipv4.tcp_fastopen (ip-sysctl). */
enum {
	NET_FASTOPEN_CLIENT = 0x1,
	NET_FASTOPEN_SERVER = 0x2,
	NET_FASTOPEN_EVERY_LISTENER = 0x400,
	NET_FASTOPEN_ALL = 0x403
};

/* Makes the first network of this process; where that is not permitted the program is skipped.
 * The process may have no second thread yet. suite_run() does it if it was not done. */
void net_begin(void);

/* Leaves the network for a fresh one with MTU 1500 and NET_FASTOPEN_ALL. Sockets and children stay
 * in the old one. */
void net_fresh(void);

/* Sets net.ipv4.tcp_fastopen, which governs IPv6 too. */
void net_set_fastopen(unsigned int bits);

/* Sets the MTU of the loopback device. Below 1280 there is no IPv6. */
void net_set_mtu(int mtu);

/* Sets the size of every new socket's send and receive buffers, fixed. */
void net_set_buffers(unsigned int bytes);

/* Sets net.ipv6.bindv6only: what a new IPv6 socket thinks of IPv4-mapped addresses. */
void net_set_v6only(bool on);

/* The loopback address of @family with @port, in @ret_address; returns its length. */
socklen_t net_loopback(int family, uint16_t port, struct sockaddr_storage *ret_address);

/* Gives the loopback device the link-local address fe80::1, which is reached with the device as its
 * scope only. Returns the scope: the number of the device. */
unsigned int net_add_link_local(struct sockaddr_storage *ret_address);

/* Gives it 127.0.0.100 and 2001:db8:1::1 too. With 127.0.0.1 and ::1 alone a system has no address of
 * either family in the eyes of getaddrinfo(3), which AI_ADDRCONFIG tells to ask for no others. */
void net_add_addresses(void);

/* A socket of @family that listens on a free loopback port, which is in @ret_port. */
int net_listen(int family, bool fastopen, uint16_t *ret_port);

/* A loopback port that nobody listens on. */
uint16_t net_unused_port(int family);

/* The local port of a socket. */
uint16_t net_port(int fd);

/* A TCP socket for a client. */
int net_socket(int family, bool blocking);

/* An address for documentation (RFC 5737, RFC 3849), with @port, that no route leads to. Returns
 * its length. */
socklen_t net_elsewhere(int family, uint16_t port, struct sockaddr_storage *ret_address);

/* Makes a route that answers for that IPv4 address: host unreachable. */
void net_reject_elsewhere(void);

/*
 * Names: an /etc/hosts that only this process and its children see, with
 *
 *	localhost   127.0.0.1, ::1
 *	both.test   ::1, 127.0.0.1, in the order of RFC 6724
 *	ip4.test    127.0.0.1
 *	ip6.test    ::1
 *
 * Skips the program where that is not permitted.
 */
void net_need_names(void);

/* Also an /etc/resolv.conf that names 127.0.0.1, where nobody is but whom a test puts there. After
 * net_need_names(); skips the program in the same way. */
void net_need_resolv_conf(void);

/* A name server that takes questions and answers none. Returns its socket. */
int net_mute_name_server(void);

/*
 * Packet filter: adds rules (nft(8)) to the chain "in", which every packet passes when it arrives
 * and after the capture saw it. A program that needs it calls net_begin() and net_need_filter()
 * before its first test, which skips the program where nft or the kernel's part of it is missing.
 */
void net_need_filter(void);
void net_filter(const char *rules);
/* Removes all rules. */
void net_filter_none(void);

/* Rules for net_filter(). */

/* The first SYN-ACK to each client port is lost; the second comes a second later. */
#define NET_DROP_FIRST_SYNACK                                                                      \
	"add set inet t seen { type inet_service; size 1024; flags dynamic; }\n"                   \
	"add rule inet t in tcp flags & (syn|ack) == syn|ack tcp dport != @seen "                  \
	"add @seen { tcp dport } drop\n"
/* Every SYN is lost. */
#define NET_DROP_SYN "add rule inet t in tcp flags & (syn|ack) == syn drop\n"
/* A SYN with data is lost; one without passes. A header with all options takes 80 bytes at most. */
#define NET_DROP_SYN_WITH_DATA                                                                     \
	"add rule inet t in tcp flags & (syn|ack) == syn meta length > 100 drop\n"
/* A SYN with data is answered by RST. */
#define NET_RESET_SYN_WITH_DATA                                                                    \
	"add rule inet t in tcp flags & (syn|ack) == syn meta length > 100 reject with tcp "       \
	"reset\n"

#endif
