/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_SCENARIO_H
#define TLSFO_BENCH_SCENARIO_H

#include <stdbool.h>

/*
 * What a client has from earlier visits. They are measured in this order, on two hosts that are
 * new.
 */
enum scenario { SCENARIO_FIRST, SCENARIO_COOKIE, SCENARIO_TICKET, SCENARIO_EARLY, SCENARIOS };

struct scenario_kind {
	const char *name;  /* in files */
	const char *title; /* in tables */
	bool prepared;	   /* a visit that may bring a ticket, unmeasured and whole, comes first */
};

static const struct scenario_kind scenario_kinds[SCENARIOS] = {
	[SCENARIO_FIRST] = {"first", "first contact", false},
	[SCENARIO_COOKIE] = {"cookie", "cookie known", false},
	[SCENARIO_TICKET] = {"ticket", "cookie + ticket", true},
	[SCENARIO_EARLY] = {"early", "cookie + ticket + early data", true},
};

#endif
