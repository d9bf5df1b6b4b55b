/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_REPORT_H
#define TLSFO_REPORT_H

/*
 * The report: what happened to one connection.
 *
 * It keeps three things apart. Asked: the system was told to put data in the SYN. Sent: bytes left
 * in the SYN. Acknowledged: the peer's SYN-ACK covered them. Nothing in it is a guess: the figures
 * come from what the system calls returned and from TCP_INFO (tcp(7)), and a figure that cannot be
 * known is TLSFO_UNKNOWN (null in JSON).
 *
 * A report is a plain value. It refers to nothing that can go away, may be copied, and needs no
 * release.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number that is not known. */
#define TLSFO_UNKNOWN (-1)

/* What became of TCP Fast Open; the words in quotes stand in the JSON form. */
enum tlsfo_fast_open {
	/* null: the kernel could not be asked, because the socket is closed, as after priming. */
	TLSFO_FAST_OPEN_UNKNOWN = -1,
	/* "off": it was not asked for. */
	TLSFO_FAST_OPEN_OFF = 0,
	/* "acknowledged": the SYN carried data and the SYN-ACK covered it. One round trip saved. */
	TLSFO_FAST_OPEN_ACKNOWLEDGED = 1,
	/* "not-acknowledged": the SYN carried data and the SYN-ACK did not cover it, so that the
	 * system sent it again at once and no time was lost; or there was no SYN-ACK at all, see the
	 * reason. */
	TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED = 2,
	/* "cookie-requested": no cookie was known; the SYN asked for one and the flight followed the
	 * handshake. The next connection can carry data. */
	TLSFO_FAST_OPEN_COOKIE_REQUESTED = 3,
	/* "no-cookie-given": the SYN asked for a cookie and the SYN-ACK brought none. */
	TLSFO_FAST_OPEN_NO_COOKIE_GIVEN = 4,
	/* "fell-back": the SYN with data or with the option went unanswered, was reset, or was followed by
	 * silence or a reset; the connection was made without. The reason tells which. */
	TLSFO_FAST_OPEN_FELL_BACK = 5,
	/* "unavailable": this system cannot or may not do it. */
	TLSFO_FAST_OPEN_UNAVAILABLE = 6
};

/* Why; tlsfo_reason_text() says it in words. */
enum tlsfo_reason {
	TLSFO_REASON_NONE = 0,
	/* The program asked for a plain connect. */
	TLSFO_REASON_NOT_WANTED = 1,
	/* sysctl net.ipv4.tcp_fastopen lacks bit 0x1 (it governs IPv6 too). */
	TLSFO_REASON_DISABLED_HERE = 2,
	/* This system's TCP has no fast open for clients. */
	TLSFO_REASON_NOT_SUPPORTED = 3,
	/* No cookie for this destination was known. */
	TLSFO_REASON_NO_COOKIE = 4,
	/* The peer, or something on the path, gave no cookie when asked. */
	TLSFO_REASON_COOKIE_NOT_GIVEN = 5,
	/* The SYN-ACK covered the SYN but not its data. */
	TLSFO_REASON_DATA_NOT_ACKNOWLEDGED = 6,
	/* The SYN with data, or with the fast-open option, was not answered; the system sent it
	 * again bare, or another attempt connected without. */
	TLSFO_REASON_SYN_RETRANSMITTED = 7,
	/* There is no connection: it failed, or is still being made. */
	TLSFO_REASON_NOT_CONNECTED = 8,
	/* The system's TCP_INFO is too old to tell. */
	TLSFO_REASON_NOT_TOLD = 9,
	/* Nothing was sent yet. */
	TLSFO_REASON_NOT_STARTED = 10,
	/* The SYN with data was answered by a reset. */
	TLSFO_REASON_RESET = 11,
	/* The SYN-ACK covered the data, and nothing came after it. */
	TLSFO_REASON_SILENT = 12,
	/* Fast open failed here before, and was not asked for: see <tlsfo/store.h>. */
	TLSFO_REASON_PATH_REMEMBERED = 13,
	/* The SYN's data was acknowledged, and nothing that followed it was. */
	TLSFO_REASON_SWALLOWED = 14,
	/* The SYN-ACK covered the data, and a reset came after it. */
	TLSFO_REASON_RESET_LATER = 15
};

/* Who puts the flight in the SYN. */
enum tlsfo_engine {
	/* "socket": tlsfo's own callbacks. */
	TLSFO_ENGINE_SOCKET = 1,
	/* "gnutls": gnutls_transport_set_fastopen(). */
	TLSFO_ENGINE_GNUTLS = 2
};

/* How an attempt connects: plainly also where the system cannot or may not do other. */
enum tlsfo_mode {
	TLSFO_MODE_FAST_OPEN = 0, /* "fast-open" */
	TLSFO_MODE_PLAIN = 1	  /* "plain" */
};

/* How an attempt ended. */
enum tlsfo_attempt_result {
	TLSFO_ATTEMPT_PENDING = 0, /* "pending": it is still being made, or stands and may still lose */
	TLSFO_ATTEMPT_FAILED = 1,  /* "failed": see its error; without one it was ended by tlsfo */
	TLSFO_ATTEMPT_WON = 2,	   /* "won": the session runs over it; after priming, it stood */
	TLSFO_ATTEMPT_LOST = 3	   /* "lost": it was given up, because another won */
};

/* What became of early data (RFC 8446 §4.2.10). */
enum tlsfo_early_data {
	/* null: it was sent, and the handshake did not get as far as an answer to it. */
	TLSFO_EARLY_DATA_UNKNOWN = -1,
	TLSFO_EARLY_DATA_NONE = 0, /* "none": none was given; or, at the transport rung with GnuTLS's
				      engine, it is out of sight: gnutls_session_get_flags() tells */
	TLSFO_EARLY_DATA_ACCEPTED = 1, /* "accepted" */
	TLSFO_EARLY_DATA_REJECTED = 2, /* "rejected": it is sent again as ordinary data; at the
					  transport rung by the program */
	TLSFO_EARLY_DATA_WITHHELD = 3, /* "withheld": it did not leave as early data, but as ordinary
					  data or, where the connection failed before, not at all */
	TLSFO_EARLY_DATA_UNSENT = 4    /* "unsent": the server chose another application protocol than the
					  data is for, so the data was not sent at all */
};

/* Why first data did not leave as early data. */
enum tlsfo_withheld {
	/* null: it did, there was none, or nothing was sent. */
	TLSFO_WITHHELD_NOT = 0,
	/* "not-replayable": it was not marked as safe to be processed twice. */
	TLSFO_WITHHELD_NOT_REPLAYABLE = 1,
	/* "no-ticket": none was kept for this server that serves in these circumstances. */
	TLSFO_WITHHELD_NO_TICKET = 2,
	/* "not-allowed": the ticket allows no early data. */
	TLSFO_WITHHELD_NOT_ALLOWED = 3,
	/* "too-large": there is more of it than the ticket allows. */
	TLSFO_WITHHELD_TOO_LARGE = 4,
	/* "other-protocol": the application protocol of the ticket is no longer offered, or is not the one that
	 * the data is for. */
	TLSFO_WITHHELD_OTHER_PROTOCOL = 5,
	/* "connected-again": a second connection goes without. */
	TLSFO_WITHHELD_CONNECTED_AGAIN = 6,
	/* "ticket-refused": GnuTLS did not take the ticket, or not for early data. */
	TLSFO_WITHHELD_TICKET_REFUSED = 7,
	/* "path-remembered": the path swallowed a hello with early data to this host before. */
	TLSFO_WITHHELD_PATH_REMEMBERED = 8,
	/* "own-socket": tlsfo_conn_set_socket(): no second connection could carry it, if the server wanted
	 * another ClientHello. */
	TLSFO_WITHHELD_OWN_SOCKET = 9
};

/* What became of a client certificate. A session that is resumed is asked for none as a rule. */
enum tlsfo_client_cert {
	TLSFO_CLIENT_CERT_UNKNOWN = -1,	 /* null: the handshake is not over */
	TLSFO_CLIENT_CERT_NOT_ASKED = 0, /* "not-asked" */
	TLSFO_CLIENT_CERT_NOT_SENT = 1,	 /* "not-sent": the server asked, and there was none to send */
	TLSFO_CLIENT_CERT_SENT = 2	 /* "sent": in the handshake or, TLS 1.3, after it */
};

/* Why a connection was made a second time, without early data. */
enum tlsfo_reconnect {
	/* null: it was not. */
	TLSFO_RECONNECT_NONE = 0,
	/* "hello-retried": the server wanted another ClientHello (RFC 8446 §4.1.4). */
	TLSFO_RECONNECT_HELLO_RETRIED = 1,
	/* "connection-lost": it ended before the handshake was over. */
	TLSFO_RECONNECT_CONNECTION_LOST = 2,
	/* "handshake-failed": the handshake failed with early data in flight. */
	TLSFO_RECONNECT_HANDSHAKE_FAILED = 3,
	/* "path-swallows": the SYN's data was acknowledged and nothing that followed it was; the second
	 * connection is a plain one. */
	TLSFO_RECONNECT_PATH_SWALLOWS = 4,
	/* "early-data-swallowed": nothing of a hello with early data was acknowledged on a connection that
	 * stood. */
	TLSFO_RECONNECT_EARLY_DATA_SWALLOWED = 5
};

/* Room for an address in text, with scope: "fe80::1%eth0". */
#define TLSFO_ADDRESS_SIZE 64
/* Room for a host name in text. */
#define TLSFO_HOST_SIZE 256
/* Attempts that a report holds; later ones are counted only. */
#define TLSFO_ATTEMPTS_MAX 16

/* One attempt: one socket, one address, one mode. */
struct tlsfo_attempt {
	char address[TLSFO_ADDRESS_SIZE]; /* text, without the port */
	enum tlsfo_mode mode;
	enum tlsfo_attempt_result result;
	int error;	      /* errno when it failed, 0 otherwise and where the system told none */
	int64_t start_us;     /* microseconds from the start of the connection, or unknown */
	int64_t connected_us; /* microseconds, or unknown */
	int64_t cookie; /* 1: this system has a fast-open cookie for the address, 0: it has none; or unknown */
	int64_t reserved[3];
};

/* Times are microseconds since the connection was begun: by tlsfo_conn_begin(), or at the transport
 * rung by tlsfo_transport_set_fastopen(). */
struct tlsfo_report {
	size_t size; /* set by TLSFO_REPORT_INIT */

	char host[TLSFO_HOST_SIZE];	  /* as given; empty at the transport rung */
	char address[TLSFO_ADDRESS_SIZE]; /* of the connection, or of the last attempt,
					     with fast open if there was one */
	uint16_t port;			  /* host order; 0 while not known */
	int family;			  /* AF_INET, AF_INET6, or 0 while there is no address */
	enum tlsfo_engine engine;	  /* which served; the client rung's is always socket */
	int connected; /* 1: there is or was a connection, 0: there is none; or unknown */

	enum tlsfo_fast_open fast_open;
	enum tlsfo_reason reason;
	int64_t flight_bytes; /* of the first flight, or unknown */
	int64_t syn_bytes;    /* of the flight that left in the SYN; 0 is none; or unknown */
	int flight_in_syn; /* 1: hello and early data left in the SYN whole; 0: not; or unknown */

	enum tlsfo_early_data early_data;
	int64_t early_data_bytes; /* that left as early data; at the transport rung 0 or unknown */
	enum tlsfo_reconnect reconnected; /* the rest tells of the second connection then */
	int resumed;  /* 1, 0, or unknown while the handshake is not over */
	int verified; /* 1: chain and name were verified by tlsfo; 0: not, or the program does it */

	const char *
		tls_version; /* such as "TLS1.3", static, or NULL while the handshake is not over */
	/* Such as "AES-256-GCM", static, or NULL: not known, as of TLS 1.2 with a false start (RFC 7918)
	 * while nothing was read from the server. */
	const char *tls_cipher;
	const char *tls_group;	/* such as "X25519", static, or NULL */
	char alpn[256];		/* the protocol agreed on; empty when none */

	int64_t resolved_us;   /* addresses known, or unknown */
	int64_t first_sent_us; /* the winning attempt's first packet was handed to the system */
	int64_t connected_us;  /* seen to be connected */
	int64_t first_byte_us; /* the peer's first byte was read */
	int64_t handshake_us;  /* the handshake was over */
	int64_t rtt_us;	       /* the kernel's smoothed round-trip time at the time of asking */

	int error;	      /* the first error's code (error.h), or 0 */
	int system_error;     /* its errno, or 0 */
	char error_text[512]; /* and in words; empty when there is none */

	size_t attempt_count; /* may exceed TLSFO_ATTEMPTS_MAX */
	struct tlsfo_attempt attempts[TLSFO_ATTEMPTS_MAX];

	enum tlsfo_withheld early_data_reason; /* why first data left as ordinary data */
	/* 1: the server asked for another ClientHello (RFC 8446 §4.1.4), which took a round trip; 0: not;
	 * or unknown while the handshake is not over. At the transport rung 1 or unknown, and 1 only where
	 * tlsfo_transport_hook() is called. */
	int hello_retried;
	/* How many tickets the store has for the next connection like this one. Unknown without a store, and
	 * instead of 0 as long as the server may still send one: 0 means that none is left. */
	int64_t tickets_left;
	enum tlsfo_client_cert client_cert;
};

/* The initial value of a report: struct tlsfo_report report = TLSFO_REPORT_INIT;
 * A later version of the library may know more fields; it fills, and shows, those that the size covers. */
/* clang-format off */
#ifdef __cplusplus
static inline struct tlsfo_report tlsfo_report_initial(void)
{
	struct tlsfo_report report = tlsfo_report();

	report.size = sizeof(report);
	return report;
}
#define TLSFO_REPORT_INIT tlsfo_report_initial()
#else
#define TLSFO_REPORT_INIT { .size = sizeof(struct tlsfo_report) }
#endif
/* clang-format on */

/**
 * tlsfo_report_size: the size of a report of this library, for programs that were not compiled with this header.
 *
 * Such a program, in another language, say, allocates so many bytes, and stores the number in the first of them as a
 * size_t, which is all that TLSFO_REPORT_INIT does. tlsfo_conn_report_json() needs none of this.
 *
 * Returns: sizeof(struct tlsfo_report), as the library was compiled.
 */
size_t tlsfo_report_size(void);

/**
 * tlsfo_report_line: the report as one line of text, without a newline.
 * tlsfo_report_text: the report as several lines for people, each ending in a newline.
 * tlsfo_report_json: the report as one JSON object (RFC 8259) on one line, without a newline.
 * @report: a report filled by tlsfo_conn_get_report() or tlsfo_transport_get_report()
 * @buf: where the text goes, always terminated; may be NULL when @size is 0
 * @size: room at @buf in bytes, the terminator included
 *
 * Line and text are fit for a terminal: control characters, and bytes that are not UTF-8, are question
 * marks. So are the texts of errors elsewhere in this library.
 *
 * The keys of the JSON form are stable: keys may be added, and "version" is raised when a key
 * changes its meaning. Times there are milliseconds with three decimals, "port" is a number, what is
 * unknown is null.
 *
 * Returns: the length of the whole text in bytes without the terminator; when it is @size or more,
 * the text was cut. Or
 *   TLSFO_E_INVALID_ARGUMENT: @report is NULL or its size is not one of this library or an earlier one, or @buf is
 *     NULL and @size is not 0
 */
int tlsfo_report_line(const struct tlsfo_report *report, char *buf, size_t size);
int tlsfo_report_text(const struct tlsfo_report *report, char *buf, size_t size);
int tlsfo_report_json(const struct tlsfo_report *report, char *buf, size_t size);

/**
 * tlsfo_fast_open_name: the JSON word of a value, such as "acknowledged".
 * tlsfo_engine_name: the same for an engine, such as "socket".
 * tlsfo_reason_text: a reason as a phrase, such as "no cookie was known"; empty for none.
 *
 * Returns: a static string, never NULL; "unknown" for a value that is none.
 */
const char *tlsfo_fast_open_name(enum tlsfo_fast_open value);
const char *tlsfo_engine_name(enum tlsfo_engine value);
const char *tlsfo_reason_text(enum tlsfo_reason value);

#ifdef __cplusplus
}
#endif

#endif
