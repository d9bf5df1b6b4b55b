/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMAND_GUEST_H
#define COMMAND_GUEST_H

/*
 * Programs under "tlsfo run" in the lab: a server on PROBING_PORT at a distance, visits by foreign programs, and what
 * their SYNs were. The path memory of a test is its own.
 */

#include "command/probing.h"

struct guest {
	struct probing *probing;
	char state[64];	 /* XDG_STATE_HOME */
	char report[64]; /* what --report-file names */
	char server[1024];
};

/* Makes the lab, with a middlebox unless @box is NULL, and a server: "-www" is one for pages, "-rev" for nothing but
 * handshakes; a command line that begins with a slash is run; anything else is the line that it greets with. */
void guest_begin(struct guest *guest, struct probing *probing, const char *box, const char *server);
/* Ends the server, and starts it anew. */
void guest_restart(struct guest *guest);

void guest_end(struct guest *guest);

/* Forgets what was on the wire, runs the program under "tlsfo run" and waits until it ends. Returns its exit status, as
 * a shell has it. */
int guest_visit(struct guest *guest, const char *const *words);

/* The same without tlsfo. */
int guest_visit_bare(struct guest *guest, const char *const *words);

/* The SYN with this index of the last visit. */
enum guest_syn {
	GUEST_NO_OPTION,
	GUEST_COOKIE_ASKED,
	GUEST_COOKIE, /* and no data */
	GUEST_HELLO   /* a cookie and data */
};
#define guest_expect_syn(guest, index, syn)                                                        \
	guest_expect_syn_at(guest, index, syn, __FILE__, __LINE__)
void guest_expect_syn_at(
	const struct guest *guest, size_t index, enum guest_syn syn, const char *file, int line);

/* What the last line of the report says under @key; NULL for null. Valid until the next call. */
#define guest_expect_report(guest, key, text)                                                      \
	guest_expect_report_at(guest, key, text, __FILE__, __LINE__)
void guest_expect_report_at(
	const struct guest *guest, const char *key, const char *text, const char *file, int line);

#endif
