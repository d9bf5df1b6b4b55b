/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_REPORT_H
#define CLIENT_REPORT_H

/* What the parts of a connection add to its report. */

#include "client/first_data.h"
#include "open/opening.h"
#include "tls/transport.h"

/* Fast open and every attempt. @transport: the session's, or NULL. @adopted: the attempt that it runs over, or
 * NULL. @reconnected: why it was connected to anew. */
void report_opening(struct tlsfo_report *report, const struct opening *opening,
	struct tlsfo_transport *transport, const struct attempt *adopted, int64_t begun_us,
	enum tlsfo_reconnect reconnected);

/* First data and early data. */
void report_first_data(
	struct tlsfo_report *report, const struct first_data *first, const struct opening *opening);

#endif
