/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_REPORT_H
#define TLSFO_COMMAND_REPORT_H

#include <stdbool.h>

#include <tlsfo/client.h>

#include "options.h"

/* Tells whether a report can be written to @path, as far as this shows beforehand; complains. */
bool report_file_is_possible(const char *path);

/* Writes the report of @conn, which may have failed, to standard error and to the file as
 * @options ask for; complains about what cannot be written and returns false then. */
bool report_write(struct tlsfo_conn *conn, const struct connect_options *options);

/* Where early data was wanted: says so when the next visit will have no ticket for it. */
void report_tickets(struct tlsfo_conn *conn, const struct connect_options *options);

#endif
