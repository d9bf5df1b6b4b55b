/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_RELAY_H
#define TLSFO_COMMAND_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include <tlsfo/client.h>

/* How a relay ended. What the server sent was written out in all cases but the last three. */
enum relay_end {
	RELAY_DONE,	     /* the server closed, and had taken all input there was */
	RELAY_NO_ANSWER,     /* the same, but there was input and not a byte of an answer */
	RELAY_INPUT_LEFT,    /* the server closed before it had taken all input */
	RELAY_TRUNCATED,     /* the server went away without close_notify */
	RELAY_FAILED,	     /* the connection failed */
	RELAY_INPUT_FAILED,  /* standard input cannot be read */
	RELAY_OUTPUT_FAILED, /* standard output cannot be written, or its reader went away */
	RELAY_IDLE	     /* no byte moved for too long */
};

struct relay_terms {
	const char *host; /* for what is told about a silent server */
	const char *port;
	int64_t idle_timeout_ms; /* how long no byte may move at either end; -1 is for ever */
	bool half_close;	 /* send close_notify at the end of input */
	bool input_begun;	 /* some of the input was sent already */
	bool input_ended;	 /* the end of input was seen already */
};

/*
 * Moves bytes from standard input to the server and from the server to standard output, both ways
 * at once and neither waiting for the other, until the server closes.
 *
 * At the end of input nothing is sent to the server unless @terms ask for it: many servers take a
 * close_notify for the end of the conversation and drop the answer. So a server that waits for the end
 * of input stays silent. When it does so for three seconds, one line on standard error says what the
 * user can do. When there was no input at all and the server has sent nothing either, nobody has
 * anything to say, and the relay is done.
 *
 * @ret_error: a code of error.h after RELAY_TRUNCATED and RELAY_FAILED, an errno after
 *   RELAY_INPUT_FAILED and RELAY_OUTPUT_FAILED, otherwise 0
 */
enum relay_end relay_run(struct tlsfo_conn *conn, const struct relay_terms *terms, int *ret_error);

#endif
