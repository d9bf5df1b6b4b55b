/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_DNS_H
#define SUPPORT_DNS_H

/*
 * A name server that does what a test wants: a child process on UDP and TCP port 53 of 127.0.0.1
 * that answers each question by a row of a table. A name without a row does not exist; a name with a
 * row for the other type only has no address.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum dns_type { DNS_A = 1, DNS_AAAA = 28 };

enum dns_reply {
	DNS_ANSWER = 0,
	DNS_SERVFAIL = 2, /* these are the codes of RFC 1035 §4.1.1 */
	DNS_NXDOMAIN = 3,
	DNS_REFUSED = 5,
	DNS_SILENCE = 100, /* no reply ever */
	DNS_LOST,	   /* the first question gets none, the next is answered */
	DNS_TRUNCATED,	   /* over UDP "does not fit"; over TCP the answer */
	DNS_HANG_UP	   /* the same, but the TCP connection is closed at once */
};

struct dns_row {
	const char *name; /* in small letters */
	enum dns_type type;
	const char *addresses; /* separated by blanks; NULL: none */
	int delay_ms;
	enum dns_reply reply;
	const char *alias; /* the name is an alias (CNAME) of this one, which has the addresses */
};

struct dns {
	pid_t pid;
	int questions; /* what was asked */
};

/* Starts the server and makes it the only one of /etc/resolv.conf. */
void dns_start(struct dns *dns, const struct dns_row *rows, size_t count);

/* The same, and one second without a reply is enough to give it up. */
void dns_start_briefly(struct dns *dns, const struct dns_row *rows, size_t count);

/* Ends it, and the test if it had failed. */
void dns_stop(struct dns *dns);

/* Waits for the next question; in @buf is "A name" or "AAAA name". */
void dns_hear(struct dns *dns, char *buf, size_t size);

/* Was a question asked that was not heard yet? */
bool dns_was_asked(struct dns *dns);

#endif
