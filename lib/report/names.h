/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

/* The words of the JSON form that have no public function. */

#include <tlsfo/report.h>

const char *mode_name(enum tlsfo_mode value);
const char *attempt_result_name(enum tlsfo_attempt_result value);
const char *early_data_name(enum tlsfo_early_data value);
const char *reconnect_name(enum tlsfo_reconnect value);
const char *withheld_name(enum tlsfo_withheld value);
const char *client_cert_name(enum tlsfo_client_cert value);

/* Why, as a phrase; empty for none. */
const char *reconnect_text(enum tlsfo_reconnect value);
const char *withheld_text(enum tlsfo_withheld value);

#endif
