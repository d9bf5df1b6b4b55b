/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_FORM_H
#define REPORT_FORM_H

/* The report as a value. Inside the library it has all its fields; a program that was compiled with an earlier version
 * has a shorter one, which says so by its ->size. */

#include <stdbool.h>

#include <tlsfo/report.h>

#include "base/macros.h"

/* Nothing is known yet. */
void report_init(struct tlsfo_report *report);

/* Copies the fields that both reports have; further ones of @to, and its ->size, stay. False: a report is NULL, or no
 * version up to this one has its size. */
must_check bool report_copy(struct tlsfo_report *to, const struct tlsfo_report *from);

#endif
