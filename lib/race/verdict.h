/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RACE_VERDICT_H
#define RACE_VERDICT_H

/*
 * Every decision on what became of fast open, and what follows from it: what the report says, what the path
 * memory is told, whether a ticket may be used again, whether a new connection may take the place of a failed one.
 * Pure: the facts are handed in, and nothing is asked of the system.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlsfo/report.h>

#include "net/attempt.h"
#include "net/tcp_facts.h"
#include "race/race.h"

/* What became of fast open with one attempt. */
struct syn_verdict {
	enum tlsfo_fast_open fast_open;
	enum tlsfo_reason reason;
	int64_t syn_bytes; /* -1: unknown */
};

/* @tcp is NULL where the kernel does not tell. @disabled_here: the system's settings forbid fast open: 1, 0, or -1
 * for not asked. */
struct syn_verdict verdict_on_syn(
	const struct attempt *attempt, const struct tcp_facts *tcp, int disabled_here);

/* A race that was won. */
struct race_verdict {
	enum tlsfo_reason fell_back; /* why fast open was given up, or none */
	bool refuted; /* a plain attempt won where one with fast open to the same address did not */
	int64_t silence_us; /* TLSFO_REASON_SILENT: that long the one with fast open waited for an answer */
};

/* @now_us: the race was won then. @without: the winner could have carried data in its SYN, and carried none. */
struct race_verdict verdict_on_race(const struct race *race, int64_t now_us, bool without);

/* What the path memory is told of the address that won. */
enum path_news {
	PATH_NO_NEWS = 0,
	PATH_CARRIES, /* so far as is known before anything that follows the SYN is acknowledged */
	PATH_FAILS
};

struct path_facts {
	bool ready;		   /* the TLS handshake is over */
	const struct attempt *won; /* the attempt that the session runs over */
	struct tcp_facts tcp;	   /* what the kernel says of its socket now */
	enum tlsfo_reconnect reconnected;
	enum tlsfo_early_data early_data;
};

struct path_verdict {
	enum path_news fast_open;
	enum path_news early_data;
};

struct path_verdict verdict_on_path(
	const struct race_verdict *race, const struct path_facts *facts);

/* True when anybody may have seen the flight. The ticket in it must not be used again then. */
bool verdict_flight_was_seen(const struct attempt *attempts, size_t count);

/* A connection that failed before it was open. */
struct failure_facts {
	int code;			  /* the failure */
	enum tlsfo_reconnect reconnected; /* it had taken the place of another */
	enum tlsfo_early_data early_data; /* WITHHELD also where there was none */
	bool late;			  /* the deadline has passed */
	bool replaceable; /* nothing left that must not be sent twice, apart from early data */
	bool hello_swallowed; /* TLSFO_E_PATH_SWALLOWS: it was a hello with early data that did not arrive */
	const struct attempt *attempts;
	size_t attempt_count;
};

/* Why one new connection without early data may help, or TLSFO_RECONNECT_NONE. */
enum tlsfo_reconnect verdict_on_failure(const struct failure_facts *facts);

#endif
