/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_CONFIGURE_H
#define TLSFO_COMMAND_CONFIGURE_H

#include <tlsfo/client.h>

#include "command.h"
#include "options.h"

/* Makes the configuration that the options ask for; complains about what is wrong. @store may be NULL:
 * no tickets are kept. */
enum command_status configure(const struct connect_options *options, enum tlsfo_ticket_use use,
	struct tlsfo_store *store, struct tlsfo_config **ret_config);

/* Makes a connection to the host and one port of the options. Returns 0 or a code, as tlsfo_conn_new(); the connection
 * is there also when a later call failed. */
int make_conn(struct tlsfo_config *config, const struct connect_options *options, const char *port,
	struct tlsfo_conn **ret_conn);

#endif
