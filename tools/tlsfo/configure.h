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

#endif
