/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_TEST_H
#define TLSFO_LAB_TEST_H

/*
 * What the lab's own tests share: sockets on either side, and visits with and without data in the
 * SYN. A socket belongs to the side on which it was made and may then be used from any thread.
 * Every function ends the test by a failed assertion when the system refuses what it does.
 */

#include "lab.h"
#include "packet.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

/* How long anything in a test may take before it counts as never; far more than it ever needs. */
enum { TEST_PATIENCE_MS = 20000, TEST_PORT = 4433 };

/* A lab with this round-trip time; its trace is kept as NAME.pcap if the test does not pass. */
struct lab *test_lab(double rtt_ms, const char *name);

/* An address and port of the server. */
struct sockaddr_storage test_address(int family, const char *address, socklen_t *ret_length);

/* A non-blocking, close-on-exec socket on a side. */
int test_socket(struct lab *lab, enum lab_side side, int family, int type);

/* A listener of the server on TEST_PORT, for this family alone. */
int test_listener(struct lab *lab, int family);

/*
 * Connects from the client with the data offered for the SYN (MSG_FASTOPEN). *ret_error is 0 or
 * errno; EINPROGRESS means that the kernel has no cookie and took no data.
 */
int test_fastopen(struct lab *lab, int family, const void *data, size_t length, int *ret_error);

/* The next connection of the listener, non-blocking. */
int test_accept(int listener);

/* Waits until the socket polls with one of the events. Returns what poll(2) returned in revents. */
short test_poll(int fd, short events);

/* Pending error of the socket (SO_ERROR). */
int test_error(int fd);

/* Whether the kernel says that data in its SYN was acknowledged (TCP_INFO). */
bool test_syn_data_acked(int fd);

/* Reads exactly so many bytes and compares them. */
void test_read(int fd, const void *expected, size_t length);

/*
 * Skips the test, visibly, under valgrind: it interprets the wire's thread as well, so that times are
 * valgrind's own.
 */
void test_skip_if_interpreted(void);

/* Closes without a word more than RST, so that the wire is quiet soon. */
void test_close(int fd);

/*
 * A first visit that brings the client a cookie, and a second one that proves the path: its SYN
 * data is acknowledged and read. What follows in a test is then due to what the test changed. The
 * trace is empty afterwards.
 */
void test_make_ready(struct lab *lab, int listener, int family);

#endif
