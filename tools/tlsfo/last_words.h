/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_LAST_WORDS_H
#define TLSFO_COMMAND_LAST_WORDS_H

#include <stdint.h>

#include <tlsfo/client.h>

/* What came before the end of a connection on which nothing was said. */
struct last_words {
	unsigned int tickets; /* that the server gave */
	int end; /* 0: the server said goodbye too, or tlsfo_conn_shutdown()'s or _read()'s code */
};

/*
 * Says goodbye, and reads until the server has done so too, so that every ticket has come; what else
 * comes is thrown away. It takes two round trips, but not less than a second, because servers are
 * busy, and no more than three. As long as it is not known whether the path carries what follows the
 * SYN it takes three, and on a long path sixteen round trips, but no more than fifteen seconds.
 */
void last_words(struct tlsfo_conn *conn, int64_t rtt_us, struct last_words *ret_words);

#endif
