/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_FORM_H
#define REPORT_FORM_H

#include <stdbool.h>

#include <tlsfo/error.h>
#include <tlsfo/report.h>

/* What the public functions of the forms refuse. */
bool form_arguments_valid(const struct tlsfo_report *report, const char *buf, size_t size);

#endif
