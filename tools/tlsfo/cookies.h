/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_COOKIES_H
#define TLSFO_COMMAND_COOKIES_H

#include <stdbool.h>
#include <stdint.h>

#include <tlsfo/client.h>

/* The system sends a SYN that was not answered again after a second, as a rule without the question. */
#define SYN_AGAIN_US 900000

/* An address of a host that was asked for a cookie. */
struct cookie {
	char address[TLSFO_ADDRESS_SIZE];
	bool answered; /* it could be connected to */
	bool known;    /* the system knows a cookie of it now */
	int error;     /* an errno: why it could not; 0: it did not answer */
};

/* What became of asking every address. */
struct cookies {
	bool asked;
	unsigned int count; /* of the addresses, the first TLSFO_ATTEMPTS_MAX of them */
	unsigned int answered;
	unsigned int known;
	unsigned int silent;  /* did not answer: a visit that begins there loses time */
	unsigned int refused; /* a round trip */
	struct cookie each[TLSFO_ATTEMPTS_MAX];
};

/* Asks every address of @host for a fast-open cookie (tlsfo_conn_set_priming()). No answer within @wait_ms is
 * none. */
void cookies_fetch(struct tlsfo_config *config, const char *host, const char *port, int64_t wait_ms,
	struct cookies *ret_cookies);

#endif
