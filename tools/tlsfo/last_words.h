/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_LAST_WORDS_H
#define TLSFO_COMMAND_LAST_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include <tlsfo/client.h>

/* What came before the end of a connection on which nothing was said. */
struct last_words {
	unsigned int tickets; /* that the server gave */
	bool arrived;	      /* the peer has acknowledged all that was sent, the goodbye too */
	int end; /* 0: the server said goodbye too, or tlsfo_conn_shutdown()'s or _read()'s code */
};

/* The server ended the session by an alert: it may refuse what the client's last flight showed, or did not
 * show, when the handshake is over here. */
static inline bool last_words_refuse(const struct last_words *words)
{
	return words->end == GNUTLS_E_FATAL_ALERT_RECEIVED;
}

/*
 * Says goodbye, and reads until the server has done so too, so that every ticket has come; what else
 * comes is thrown away. It takes two round trips, but not less than a second, because servers are
 * busy, and no more than three. As long as the goodbye is not acknowledged it takes three, and on a long
 * path sixteen round trips, but no more than fifteen seconds.
 */
void last_words(struct tlsfo_conn *conn, int64_t rtt_us, struct last_words *ret_words);

#endif
