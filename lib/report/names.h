/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

/* The words of the JSON form that have no public function. */

#include <tlsfo/report.h>

const char *mode_name(enum tlsfo_mode value);
const char *attempt_result_name(enum tlsfo_attempt_result value);
const char *early_data_name(enum tlsfo_early_data value);

#endif
