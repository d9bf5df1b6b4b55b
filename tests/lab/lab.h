/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_H
#define TLSFO_LAB_H

/*
 * The lab: two hosts in two network namespaces, joined by a wire in user space that has distance,
 * faults and a memory.
 *
 *     client namespace                    this process                    server namespace
 *   +------------------+      +--------------------------------+      +------------------+
 *   | 192.0.2.10       | TUN  |  box, box, …    in the middle  | TUN  | 192.0.2.20       |
 *   | 2001:db8::10     |------|  half a round trip each way    |------| 2001:db8::20     |
 *   | /etc/hosts       |      |  trace: every packet           |      | /etc/hosts       |
 *   +------------------+      +--------------------------------+      +------------------+
 *
 * Rules for all of it
 *
 * - Return values: 0 or a count, or a negative errno. lab_new() alone may return LAB_SKIP.
 *   Results go to `ret_…` and are written only on success.
 * - A deadline is a time of CLOCK_MONOTONIC in milliseconds, as lab_deadline() makes it; −1 is
 *   never, 0 is now. Times measured are nanoseconds of the same clock.
 * - Threads: every function may be called from any thread at any time between lab_new() and
 *   lab_free(), unless it says otherwise. Functions that change the namespaces of their caller
 *   (lab_enter, lab_leave) concern the calling thread alone.
 * - Several labs may live in one process.
 * - A pointer into the trace stays valid until lab_trace_reset() or lab_free().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct lab;

/* Returned by lab_new() where the system does not allow a lab. */
enum { LAB_SKIP = 1 };

/* Exit status that meson and automake count as "skipped". */
enum { LAB_EXIT_SKIP = 77 };

enum lab_side { LAB_CLIENT = 0, LAB_SERVER = 1 };

/*
 * Addresses of the hosts, and addresses in the same networks that nobody has. The dead ones are the
 * first choice of RFC 6724 section 6 rule 9 (longest prefix shared with the client's address), so
 * that the system does not move them behind the live ones.
 */
#define LAB_CLIENT_IPV4 "192.0.2.10"
#define LAB_CLIENT_IPV6 "2001:db8::10"
#define LAB_SERVER_IPV4 "192.0.2.20"
#define LAB_SERVER_IPV6 "2001:db8::20"
#define LAB_DEAD_IPV4	"192.0.2.11"
#define LAB_DEAD_IPV6	"2001:db8::11"

/*
 * Names, on both sides:
 *
 *   server.test, www.server.test   LAB_SERVER_IPV6, LAB_SERVER_IPV4
 *   server4.test                   LAB_SERVER_IPV4
 *   server6.test                   LAB_SERVER_IPV6
 *   dead4first.test                LAB_DEAD_IPV4, then LAB_SERVER_IPV4
 *   dead6.test                     LAB_DEAD_IPV6, LAB_SERVER_IPV4
 *   dead.test                      LAB_DEAD_IPV6, LAB_DEAD_IPV4
 *   client.test                    LAB_CLIENT_IPV6, LAB_CLIENT_IPV4
 *
 * They are in an /etc/hosts that exists only in the mount namespace of the lab.
 */

/* ------------------------------------------------------------------ making and freeing a lab -- */

/* `.client_fastopen = LAB_KERNEL_DEFAULT` leaves the sysctl as a fresh namespace has it. */
enum { LAB_KERNEL_DEFAULT = -1 };

struct lab_options {
	double rtt_ms;	      /* round-trip time; half each way */
	double jitter_ms;     /* each packet waits up to this much longer; no reordering by it */
	double loss;	      /* probability 0…1 that a packet is lost */
	double reorder;	      /* probability 0…1 that a packet is held back for rtt/4 + 1 ms */
	uint64_t seed;	      /* of loss, jitter and reordering */
	unsigned mtu;	      /* of the devices, bytes, 1280…9000; 0 means 1500 */
	unsigned path_mtu;    /* larger packets are dropped on the wire, bytes; 0: as `mtu` */
	bool too_big_silent;  /* they are dropped without the ICMP that names the path's MTU */
	size_t queue_packets; /* packets on the way at once, each way; 0 means 1000 */
	size_t trace_bytes;   /* packet bytes kept; then headers only. 0 means 64 MiB */
	int client_fastopen;  /* sysctl net.ipv4.tcp_fastopen of the side, or LAB_KERNEL_DEFAULT */
	int server_fastopen;
	const char *hosts;    /* more lines for /etc/hosts, or NULL; not kept */
	const char *evidence; /* see lab_passed(); not kept. NULL: none */
};

/* 50 ms, nothing lost; fast open on, for every listener of the server whether it asks or not. */
#define LAB_OPTIONS_DEFAULT                                                                        \
	{                                                                                          \
		.rtt_ms = 50, .client_fastopen = 0x1, .server_fastopen = 0x403                     \
	}

/* Why something was refused, in English, without a full stop; "" when there is no reason. */
struct lab_reason {
	char text[256];
};

/*
 * Makes the two hosts and starts the wire. `options` NULL means LAB_OPTIONS_DEFAULT. `ret_reason`,
 * if not NULL, says why when the result is not 0.
 *
 * A caller that may not make namespaces first gets a user namespace of its own, in which it is root
 * (user_namespaces(7)): from then on the whole process has no network but the lab's. That needs a
 * process with one thread, so the first lab is made before threads are.
 *
 * Returns 0, and the lab, which the caller frees with lab_free(); LAB_SKIP where namespaces, TUN
 * devices, mounts or sysctls are not permitted or the kernel lacks them, which is a reason to skip
 * a test; −EINVAL for options out of range; −ENOMEM, −EMFILE and the like when resources run out.
 */
int lab_new(const struct lab_options *options, struct lab **ret_lab, struct lab_reason *ret_reason);

/*
 * The same for a test program: on LAB_SKIP it writes the reason to standard error and ends the
 * process with LAB_EXIT_SKIP, on error with 1. Never returns NULL.
 */
struct lab *lab_new_or_exit(const struct lab_options *options);

/*
 * Kills the programs still running, stops the wire, frees everything. NULL is allowed. Threads
 * still inside a namespace keep it, without a wire. No other thread may use the lab any more.
 */
void lab_free(struct lab *lab);

/*
 * With `evidence` set in the options, lab_free() writes EVIDENCE.pcap and EVIDENCE.txt (the ladder)
 * unless this was called: call it at the very end of a test, and free the lab in the teardown, which
 * runs after a failed assertion as well. A test that failed thus leaves behind what was on the wire.
 */
void lab_passed(struct lab *lab);

/* A deadline so many milliseconds from now; −1 gives −1, never. */
int64_t lab_deadline(int64_t milliseconds);

/* Now, as the trace counts. */
uint64_t lab_now_ns(void);

/* ------------------------------------------------------------------------ changing the wire -- */

/* Packets already on the way keep their time. −EINVAL when out of range. */
int lab_set_rtt(struct lab *lab, double milliseconds);
int lab_set_jitter(struct lab *lab, double milliseconds);
int lab_set_loss(struct lab *lab, double probability);
int lab_set_reorder(struct lab *lab, double probability);
int lab_set_path_mtu(struct lab *lab, unsigned bytes, bool silent);
double lab_rtt(struct lab *lab);

/*
 * Starts the pseudo-random decisions anew. The fate of a packet depends on the seed, its direction
 * and how many packets went that way since, on nothing else.
 */
void lab_set_seed(struct lab *lab, uint64_t seed);

/*
 * Writes a sysctl of one side; `name` is a path below /proc/sys such as
 * "net/ipv4/tcp_fastopen". Returns 0, −ENOENT, −EACCES, −EINVAL as the kernel says.
 */
int lab_set_sysctl(struct lab *lab, enum lab_side side, const char *name, const char *value);

/* Reads one, without the newline. Returns its length; −ENOBUFS when `size` is too small. */
ssize_t lab_get_sysctl(
	struct lab *lab, enum lab_side side, const char *name, char *ret_value, size_t size);

/* net.ipv4.tcp_fastopen, for IPv4 and IPv6. */
int lab_set_fastopen(struct lab *lab, enum lab_side side, int value);

/* The server forgets its fast-open key: every cookie given out before is void (RFC 7413 4.1.2). */
int lab_change_server_key(struct lab *lab);

/* ------------------------------------------------------------------------------ middleboxes -- */

/*
 * Boxes stand in the middle of the wire, in the order in which they were added, first one nearest
 * the client. What a box answers therefore arrives half a round trip after what caused it. box.h
 * says how to write one.
 */
struct lab_box;

/* The kinds of boxes there are, ended by one without a name. */
const struct lab_box *lab_boxes(void);

/* Writes "name=ARG   what it does", one line a box. */
void lab_list_boxes(FILE *file);

/*
 * Adds a box, switched on: "drop-syn-data", or with its argument "clamp-mss=536". Returns its
 * number, to be switched by; −ENOENT: no such box; −EINVAL: argument missing, superfluous or out of
 * range; −ENOSPC: LAB_BOXES_MAX boxes are there already.
 */
int lab_add_box(struct lab *lab, const char *box);
enum { LAB_BOXES_MAX = 18 };

/* Adds a box of the caller's own kind (box.h), which must outlive the lab. Returns as above. */
int lab_add_own_box(struct lab *lab, const struct lab_box *kind, unsigned long argument);

/* Switches a box on or off; what it knows of connections is kept. −ENOENT: no such number. */
int lab_switch_box(struct lab *lab, int number, bool on);

/* Takes all boxes out of the wire. Their numbers are used again. */
void lab_clear_boxes(struct lab *lab);

/* -------------------------------------------------------------------- running code on a side -- */

/*
 * Moves the calling thread into the namespaces of a side: its sockets are the side's, its names
 * those above. The thread gets a working directory of its own (unshare(2), CLONE_FS), which stays
 * where it is. Threads and children made from it start there too. Returns 0, −EPERM or another
 * errno.
 */
int lab_enter(struct lab *lab, enum lab_side side);

static inline int lab_enter_client(struct lab *lab)
{
	return lab_enter(lab, LAB_CLIENT);
}

static inline int lab_enter_server(struct lab *lab)
{
	return lab_enter(lab, LAB_SERVER);
}

/* Moves the calling thread back to where lab_new() was called. */
int lab_leave(struct lab *lab);

/*
 * Calls the function on a side, in a thread of its own, and waits for it. Returns what it returned,
 * or −errno when it could not be called; so let it return 0 or a negative errno.
 */
int lab_call(struct lab *lab, enum lab_side side, int (*function)(void *argument), void *argument);

/*
 * Starts a program on a side. `argv` as for execvp(3), with the caller's environment and working
 * directory. The descriptors become 0, 1 and 2 of the program, −1 means /dev/null; they stay the
 * caller's. No other descriptor is passed on, even one without close-on-exec.
 *
 * The program runs in a PID namespace of its own, under a small init: when it ends, when lab_kill()
 * or lab_free() is called, or when *the thread that called this* ends, however it ends, everything
 * the program ever started is gone too. Process ids the program writes down (a pid file) are those
 * of its namespace and mean nothing outside: use lab_kill().
 *
 * Returns 0 and what lab_wait() and lab_kill() call the program; or −errno of execvp (−ENOENT,
 * −EACCES) and of what comes before it.
 */
int lab_spawn(struct lab *lab, enum lab_side side, const char *const *argv, int stdin_fd,
	int stdout_fd, int stderr_fd, pid_t *ret_pid);

/*
 * Waits until the program has ended; its number is free afterwards. *ret_status is what waitpid(2)
 * would say (WIFEXITED …); it may be NULL. Returns 0, −ETIMEDOUT, −ECHILD: no such program.
 */
int lab_wait(struct lab *lab, pid_t pid, int64_t deadline, int *ret_status);

/*
 * A descriptor that polls readable once the program has ended. It stays the lab's, and is closed
 * when the program has been waited for. −ECHILD.
 */
int lab_pidfd(struct lab *lab, pid_t pid);

/*
 * Sends a signal to the program; SIGKILL to everything it started as well. lab_wait() is still
 * needed. Stop signals are not passed on. Returns 0, −ECHILD, −EINVAL.
 */
int lab_kill(struct lab *lab, pid_t pid, int signal);

/* Kills and waits. Does nothing when there is no such program. */
void lab_stop(struct lab *lab, pid_t pid);

/* What a shell makes of a wait status: the exit status, or 128 and the signal's number. */
int lab_exit_status(int status);

/*
 * Waits until a TCP socket listens on the port, or on any port when it is 0. Returns 0; −ETIMEDOUT;
 * −ECHILD when all programs of that side have ended meanwhile and nobody listens.
 */
int lab_wait_listen(struct lab *lab, enum lab_side side, uint16_t port, int64_t deadline);

/* ------------------------------------------------------------------------------------ trace -- */

enum lab_fate { LAB_ON_THE_WAY, LAB_ARRIVED, LAB_DROPPED };

/* A packet as it was sent, what became of it, and what it says. */
struct lab_packet {
	size_t index;
	enum lab_side from; /* the side it left, or seems to come from if injected */
	enum lab_fate fate;
	uint64_t sent_ns;	 /* by the sender, or by the box that injected it */
	uint64_t arrived_ns;	 /* 0 unless fate is LAB_ARRIVED */
	const char *dropped_by;	 /* name of a box, "loss", "queue", "mtu", "device", or NULL */
	const char *altered_by;	 /* name of the last box that changed it, or NULL */
	const char *injected_by; /* name of a box, "mtu", or NULL: sent by a host */
	int connection;		 /* counted from 0 in order of the first SYN; −1: none */

	int ip_version;
	uint8_t protocol; /* IPPROTO_TCP; others have no fields below */
	uint16_t client_port;
	uint16_t server_port;
	uint8_t flags; /* enum packet_flag */
	uint32_t seq;
	uint32_t ack;
	uint16_t mss;		/* 0: no such option */
	uint8_t fastopen_kind;	/* 0, 34 or 254 */
	uint8_t cookie_length;	/* 0 with an option: cookie request */
	size_t payload_length;	/* as sent */
	size_t payload_arrived; /* after what boxes did to it; as sent if it did not arrive */
	const uint8_t *payload; /* as sent */
	size_t payload_kept;	/* bytes at `payload`; less than its length if the trace is full */
};

/* The packets recorded since the start or the last reset: count, and one of them (−ENOENT). */
size_t lab_trace_packets(struct lab *lab);
int lab_trace_packet(struct lab *lab, size_t index, struct lab_packet *ret_packet);

/*
 * Forgets all packets and connections. Packets on the way still arrive, unrecorded; later ones of a
 * connection whose SYN is forgotten belong to none.
 */
void lab_trace_reset(struct lab *lab);

/*
 * Waits until `true_when(lab, argument)` is true. It is asked at once and after every event on the
 * wire, in the calling thread, and may use the functions of this chapter. Returns 0, −ETIMEDOUT.
 */
int lab_trace_wait(struct lab *lab, bool (*true_when)(struct lab *lab, void *argument),
	void *argument, int64_t deadline);

/*
 * Waits until no packet has been on the way for so many milliseconds, from now on. What a host has
 * sent counts even before the wire has taken it; what it will send when a timer of its own fires
 * does not. Returns 0, −ETIMEDOUT.
 */
int lab_wait_idle(struct lab *lab, int64_t milliseconds, int64_t deadline);

/* Connections opened by the client: different ports, addresses or initial sequence numbers. */
size_t lab_trace_connections(struct lab *lab);

/* SYNs the client sent, retransmitted ones included, whatever became of them. */
size_t lab_trace_syns(struct lab *lab);

/* The i-th of them, counted from 0. −ENOENT. */
int lab_trace_syn(struct lab *lab, size_t i, struct lab_packet *ret_packet);

/* Bytes of data in it as it was sent. −ENOENT. */
ssize_t lab_trace_syn_payload(struct lab *lab, size_t i);

/* Those bytes, NULL if there are none; see `payload_kept` for their number. */
const uint8_t *lab_trace_syn_bytes(struct lab *lab, size_t i, size_t *ret_length);

/*
 * How many bytes of SYN data the first SYN-ACK that reached the client on the connection
 * acknowledged. −ENOENT: no such connection, −EAGAIN: no SYN-ACK has arrived.
 */
ssize_t lab_trace_syn_acked(struct lab *lab, int connection);

/* All connections, where a function takes the number of one. */
enum { LAB_ALL = -1 };

/* A moment, counted from the first SYN sent of the connection, or of the trace for LAB_ALL. */
struct lab_moment {
	uint64_t ns;
	double round_trips; /* of the round-trip time set now */
	size_t packet;	    /* the packet that brought it */
	int connection;
};

/* A TLS record in a stream of a connection; streams are read as sent, so losses do not matter. */
struct lab_record {
	uint8_t type;	  /* 20 change_cipher_spec, 21 alert, 22 handshake, 23 application_data */
	uint16_t message; /* enum tls_message (tls_records.h) of a plain handshake record */
	const char *name; /* "ClientHello", "early data", "encrypted handshake", "response" … */
	size_t length;	  /* with the header of five bytes */
	uint64_t offset;  /* of its first byte in the stream; SYN data begins at 0 */
	size_t packet;	  /* in which its first byte was sent first */
	uint64_t sent_ns; /* … when that was */
	uint64_t arrived_ns; /* when its first byte first reached the peer; 0: not yet */
	bool tls13;	     /* a ServerHello that chooses TLS 1.3 */
	bool takes_ticket;   /* … and has a pre_shared_key */
};

/*
 * The records one side sent on a connection, in order. Writes up to `room` and returns how many
 * there are; `ret_records` may be NULL with room 0. −ENOENT: no such connection. −ENOMEM.
 */
ssize_t lab_trace_records(struct lab *lab, int connection, enum lab_side from,
	struct lab_record *ret_records, size_t room);

/*
 * Whether the server took up the session that the client brought (RFC 8446 §2.2, RFC 5077 §3.1): 1,
 * or 0 for a full handshake. −ENOENT: no such connection; −EAGAIN: it has not said.
 */
int lab_trace_resumed(struct lab *lab, int connection);

/* Early data of a connection, in bytes of the stream, headers of records included. */
struct lab_early_data {
	size_t sent;
	size_t in_syn; /* of it, what left in the first SYN */
	bool accepted; /* the client ended it by EndOfEarlyData (RFC 8446 §4.5) */
};

/* −ENOENT: no such connection; −ENOMEM. */
int lab_trace_early_data(struct lab *lab, int connection, struct lab_early_data *ret_early);

/* When the first byte of TCP payload from the server reached the client. −EAGAIN: not yet. */
int lab_trace_first_server_byte(struct lab *lab, int connection, struct lab_moment *ret_moment);

/*
 * When the first byte of the response reached the client; the same moment for every client program.
 *
 * The response begins with the first record of the server that is application data (type 23), is at
 * least `min_record` bytes long, header included, and of which no byte left the server before the
 * client's first application data had reached it. −EAGAIN: there is no such record yet.
 *
 * In TLS 1.2 every such record is the response, `min_record` 0 will do. In TLS 1.3 the handshake
 * and session tickets are of type 23 as well, but record lengths are not encrypted: let the server
 * answer with one record that is longer than its Certificate and its tickets are, and say so here.
 * With a page of 8,000 bytes nginx sends a record of 8,262 bytes, and gnutls-serv (--http
 * --httpdata=FILE, FILE with status line and all) one of 8,041 to 8,144; with the small ECDSA
 * chains of the tests nothing else of theirs passes LAB_RESPONSE_RECORD. The rule about the
 * client's first application data keeps a large Certificate from being taken for a response in a
 * full handshake; in a session with early data there is no Certificate.
 */
int lab_trace_first_response(
	struct lab *lab, int connection, size_t min_record, struct lab_moment *ret_moment);
enum { LAB_RESPONSE_RECORD = 4096 };

/* -------------------------------------------------------------------------------- pictures -- */

/*
 * Writes the trace as a capture file, as tcpdump on that side would have: what arrived there and
 * what was sent there, lost or not. Link type DLT_RAW, nanoseconds. Returns 0 or −errno.
 */
int lab_write_pcap(struct lab *lab, enum lab_side side, const char *path);

struct lab_ladder {
	int connection;	   /* or LAB_ALL: all in one ladder, told apart by number */
	size_t min_record; /* as for lab_trace_first_response, which is marked; 0 marks none */
	bool ascii;	   /* no character beyond ASCII */
};

/*
 * Draws the packets between the two sides: when (milliseconds and round trips), what, how many
 * bytes, what was dropped, altered or injected, and by whom, in at most 100 columns of UTF-8.
 * `ladder` NULL: all connections. Returns 0, −ENOENT: no such connection, −ENOMEM, −EIO: the file could
 * not be written.
 */
int lab_ladder_text(struct lab *lab, FILE *file, const struct lab_ladder *ladder);

#endif
