/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PATH_PATH_H
#define PATH_PATH_H

/*
 * Facts about paths: a visit from the client of the lab to gnutls-serv on its server, at the
 * transport rung, by connecting a session, or at the client rung, and what the wire, the kernel and the report say of it. A
 * program holds one fact, which is run once for each way; every run has a lab of its own, so that
 * no cookie is known when it begins.
 *
 * Times are compared as round trips, or as "at once" against a deadline far away; a limit in
 * milliseconds is only ever the one the visit was given.
 *
 * Everything here ends the test when it fails.
 */

#include "support/client.h"
#include "support/kernel.h"
#include "support/visit.h"

#include "lab.h"

enum {
	PATH_PORT = 4433,
	/* Round-trip time of the labs. */
	PATH_RTT_MS = 50,
	/* Given to a visit that is to end well, or to fail at once. */
	PATH_PATIENCE_MS = 20000,
	/* Given to a visit that can only end at its deadline. */
	PATH_LIMIT_MS = 500
};

/* Which ways to run a fact in. */
enum {
	PATH_TRANSPORT = 1 << 0,
	PATH_CLIENT = 1 << 1,  /* attempts are raced */
	PATH_CONNECT = 1 << 3, /* they are, for a session of the test's own */
	PATH_RACED = PATH_CLIENT | PATH_CONNECT,
	PATH_EVERY_WAY = PATH_TRANSPORT | PATH_RACED,
	/* Besides: the fact has no times, or excuses what is late by itself. */
	PATH_NO_EXCUSE = 1 << 2
};

struct path {
	struct way way; /* its priority may be changed before the first visit */
	bool client;	/* the rung: client.h, */
	bool connects;	/* or <tlsfo/opening.h>, or else tlsfo_transport_set_fastopen() */
	struct lab *lab;
	const char
		*host; /* not at the transport rung: what to connect to; a name of the server's */
	uint16_t port; /* of the server, to connect to */
	int64_t limit_ms; /* of the next visit */
	char late[160];	  /* what took longer than it may; see path_expect_in_time() */

	int ret;	 /* of the last visit's handshake: 0 or an error's code */
	int64_t took_ms; /* how long it took */

	bool open; /* there is a visit that was not ended */
	struct visit visit;
	struct tlsfo_config *config;
	struct tlsfo_conn *conn;
	struct tlsfo_store *store; /* of what connects, and its mode */
	enum tlsfo_fast_open_mode mode;
};

typedef void (*path_fact)(struct path *path);

/* Runs the fact in every one of these ways, each in a process of its own. One that fails while this
 * machine lets processes wait is run again, some times. Returns the exit status of main(); skips the
 * program where there can be no lab. */
int path_run(const char *name, path_fact fact, unsigned int ways);

/* The same with another MTU of the lab's devices. */
int path_run_mtu(const char *name, path_fact fact, unsigned int ways, unsigned int mtu);

/* Starts another server on this port. */
void path_start_server(struct path *path, uint16_t port);

/* Puts a middlebox in the path. Returns its number. */
int path_add_box(struct path *path, const char *box);

/* ---------------------------------------------------------------------------------- visits -- */

/* The client's configuration, made when it is first asked for; it keeps no tickets. */
struct tlsfo_config *path_config(struct path *path);

/* Connects and handshakes, however that ends: in ->ret. */
void path_visit(struct path *path);

/* The same, and it has to succeed; a long line is sent and comes back. */
void path_visit_well(struct path *path);

/* Sends a line that is more than one segment holds, and gets it back in one record. */
void path_talk(struct path *path);

/* Closes the visit's connection without a word and clears the trace. */
void path_end(struct path *path);

/* A whole visit that goes well and brings a cookie. */
void path_fetch_cookie(struct path *path);

/* The visit's socket, and its report. */
int path_fd(const struct path *path);
struct tlsfo_report path_report(struct path *path);

/* The words of a visit that failed; not at the transport rung. */
const char *path_error(const struct path *path);

/* ------------------------------------------------------------------------ what the wire says -- */

/* The fast-open option of a SYN or SYN-ACK. */
enum path_option { PATH_NO_OPTION, PATH_COOKIE_ASKED, PATH_COOKIE };

/* Exactly so many SYNs were sent, on so many connections. */
void path_expect_syns(const struct path *path, size_t syns, size_t connections);

/* The i-th SYN has this option, and was dropped by this box, or arrived when that is NULL. */
struct lab_packet path_expect_syn(
	const struct path *path, size_t i, enum path_option option, const char *dropped_by);

/* The same, and it carries no data. */
void path_expect_bare_syn(
	const struct path *path, size_t i, enum path_option option, const char *dropped_by);

/* The same with a cookie, and it carries one whole ClientHello and nothing else. Returns the
 * hello's length. */
size_t path_expect_hello_syn(const struct path *path, size_t i, const char *dropped_by);

/* The n-th SYN-ACK, from 0, that the server sent or a box put in its place. */
struct lab_packet path_syn_ack(const struct path *path, size_t n);

/* Length of the connection's first record from the client, which has to be a ClientHello at the
 * beginning of its stream. */
size_t path_hello_length(const struct path *path, int connection);

/* The server's first byte came after so many round trips from the first SYN, and before another one
 * had passed. */
void path_expect_first_byte(const struct path *path, double round_trips);

/*
 * Times on the wire that depend on how soon this process and the wire get the processor. One that is
 * not kept fails the test only when it is not kept in several runs of the whole fact, each with a lab
 * of its own.
 */

/* The server's first byte came on this connection, after that delay and so many round trips from the first SYN
 * of all at the latest. */
void path_expect_in_time(struct path *path, int connection, double delay_ms, double round_trips);

/* The second of two SYNs left at least so much later than the first. */
void path_expect_pause(struct path *path, size_t first, size_t second, double ms);

/* The client ended the connection that lost before it sent anything on the one that won. */
void path_expect_loser_closed(const struct path *path, int loser, int winner);

/* --------------------------------------------------------- what kernel and report say of it -- */

/* A connection that stands. */
void path_expect_kernel(const struct path *path, bool syn_data, enum kernel_fail fail);

/* What every report on this visit has to say, and this. */
void path_expect_report(struct path *path, enum tlsfo_fast_open fast_open, enum tlsfo_reason reason,
	size_t syn_bytes, size_t flight_bytes);

/* One attempt, as the report has it. */
struct path_attempt {
	const char *address;
	enum tlsfo_mode mode;
	enum tlsfo_attempt_result result;
	int error;
};

/* Where attempts are raced: exactly these attempts, in this order. */
void path_expect_attempts(struct path *path, const struct path_attempt *attempts, size_t count);

/* The server's address in the family of the way. */
const char *path_address(const struct path *path);

/* The visit ended at its deadline, not before it, with GNUTLS_E_TIMEDOUT. */
void path_expect_deadline(struct path *path);

/* The visit failed at once because of this errno, and the error names the address. */
void path_expect_refusal(struct path *path, int error);

#endif
