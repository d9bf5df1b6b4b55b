/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_FAILURE_H
#define TLSFO_COMMAND_FAILURE_H

#include <tlsfo/client.h>

#include "command.h"
#include "options.h"

/* The exit status for a code of error.h. */
enum command_status status_of(int error);

/* What is known about a code on this connection. */
const char *words_for(const struct tlsfo_conn *conn, int error);

/* After connecting to @port failed: writes the report, and a line about the failure unless that has it.
 * @conn may be NULL. */
enum command_status tell_connect_failure(struct tlsfo_conn *conn, int error,
	const struct connect_options *options, const char *port);

#endif
