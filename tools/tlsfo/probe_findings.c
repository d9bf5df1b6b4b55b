/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

#include <string.h>

#include <tlsfo/tlsfo.h>

static enum probe_path path_of_fall_back(
	const struct probe_facts *facts, const struct probe_visit *visit)
{
	switch (visit->report.reason) {
	case TLSFO_REASON_RESET:
	case TLSFO_REASON_RESET_LATER:
		return PROBE_PATH_RESETS_SYN_DATA;
	case TLSFO_REASON_SILENT:
		return PROBE_PATH_GOES_SILENT;
	case TLSFO_REASON_SWALLOWED:
		return PROBE_PATH_SWALLOWS;
	case TLSFO_REASON_SYN_RETRANSMITTED:
		if (probe_visit_lost_syn(&facts->visits[PROBE_PLAIN]))
			return PROBE_PATH_LOSES_SYNS;
		return facts->cookies.known > 0 ? PROBE_PATH_DROPS_SYN_DATA
						: PROBE_PATH_DROPS_SYN_OPTION;
	default:
		return PROBE_PATH_UNKNOWN;
	}
}

/*
 * A visit that failed, after a plain one that did not. Its own plain attempt, which a path that breaks
 * fast open lets through, had not helped: the server may have gone away, or had enough of us.
 */
static enum probe_path path_of_failure(const struct probe_visit *visit)
{
	return visit->result == TLSFO_E_PATH_SWALLOWS ? PROBE_PATH_SWALLOWS : PROBE_PATH_UNKNOWN;
}

static enum probe_path path_of(const struct probe_facts *facts, const struct probe_visit *visit)
{
	if (!visit->made)
		return PROBE_PATH_UNKNOWN;
	if (visit->result < 0)
		return path_of_failure(visit);
	if (visit->later_acknowledged == 0)
		return PROBE_PATH_SWALLOWS;
	switch (visit->report.fast_open) {
	case TLSFO_FAST_OPEN_FELL_BACK:
		return path_of_fall_back(facts, visit);
	case TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED:
		/* Of some systems it is only not known that it was. */
		return visit->report.reason == TLSFO_REASON_DATA_NOT_ACKNOWLEDGED
			       ? PROBE_PATH_NOT_ACKNOWLEDGED
			       : PROBE_PATH_UNKNOWN;
	case TLSFO_FAST_OPEN_ACKNOWLEDGED:
		return visit->later_acknowledged > 0 ? PROBE_PATH_CLEAN : PROBE_PATH_UNKNOWN;
	default:
		return PROBE_PATH_UNKNOWN;
	}
}

static enum probe_outcome outcome_of(const struct probe_visit *visit, enum probe_path path)
{
	if (!visit->made)
		return PROBE_UNKNOWN;
	if (path == PROBE_PATH_CLEAN)
		return PROBE_WORKS;
	if (path == PROBE_PATH_LOSES_SYNS)
		return PROBE_UNKNOWN;
	if (path != PROBE_PATH_UNKNOWN)
		return PROBE_PATH_BREAKS;
	switch (visit->report.fast_open) {
	case TLSFO_FAST_OPEN_UNAVAILABLE:
		return PROBE_OFF_HERE;
	case TLSFO_FAST_OPEN_NO_COOKIE_GIVEN:
		return PROBE_NO_COOKIE;
	default:
		return PROBE_UNKNOWN;
	}
}

int probe_hello_fits(const struct probe_visit *visit)
{
	if (!visit->made || visit->report.syn_bytes <= 0)
		return -1;
	return visit->report.flight_in_syn;
}

int probe_round_trips(const struct probe_visit *visit)
{
	const struct tlsfo_report *report = &visit->report;
	int trips = 2; /* of the hello and its answer, of the request and its answer */
	bool tls13 = false;

	if (!probe_visit_succeeded(visit) || !report->tls_version || visit->later_acknowledged == 0)
		return -1;
	tls13 = strcmp(report->tls_version, "TLS1.3") == 0;
	if (report->fast_open != TLSFO_FAST_OPEN_ACKNOWLEDGED || report->flight_in_syn != 1)
		trips++;
	if (!tls13 && report->resumed != 1 && !visit->false_start)
		trips++;
	if (report->hello_retried == 1)
		trips++;
	return trips;
}

static int trips_with_early_data(
	const struct probe_facts *facts, const struct probe_findings *findings)
{
	const struct probe_visit *visit = findings->ticket;

	if (!visit || facts->early_data == 0 || visit->report.resumed != 1 ||
		visit->report.hello_retried == 1 || findings->round_trips[PROBE_TICKET] < 0)
		return -1;
	return findings->round_trips[PROBE_TICKET] - 1;
}

static void note_rtt(struct probe_findings *findings, int64_t rtt_us)
{
	if (rtt_us > 0 && (findings->rtt_us < 0 || rtt_us < findings->rtt_us))
		findings->rtt_us = rtt_us;
}

static void find_least_rtt(const struct probe_facts *facts, struct probe_findings *findings)
{
	findings->rtt_us = -1;
	for (size_t i = 0; i < PROBE_VISITS; i++) {
		if (!probe_visit_succeeded(&facts->visits[i]))
			continue;
		note_rtt(findings, facts->visits[i].report.rtt_us);
		note_rtt(findings, probe_visit_answer_us(&facts->visits[i]));
	}
}

struct probe_findings probe_judge(const struct probe_facts *facts)
{
	const struct probe_visit *first = &facts->visits[PROBE_COOKIE];
	const struct probe_visit *second = &facts->visits[PROBE_COOKIE_TWO];
	const struct probe_visit *counts = second->made ? second : first;
	struct probe_findings findings = {.path = path_of(facts, counts)};

	findings.outcome = outcome_of(counts, findings.path);
	/* The first may also have begun with an address that is dead. */
	findings.by_chance = second->made && findings.outcome == PROBE_WORKS &&
			     facts->cookies.silent + facts->cookies.refused == 0;
	if (counts->made)
		findings.cookie = counts;
	if (probe_visit_succeeded(&facts->visits[PROBE_TICKET]))
		findings.ticket = &facts->visits[PROBE_TICKET];
	for (size_t i = 0; i < PROBE_VISITS; i++) {
		findings.round_trips[i] = probe_round_trips(&facts->visits[i]);
		if (findings.round_trips[i] >= 0)
			findings.last = &facts->visits[i];
	}
	find_least_rtt(facts, &findings);
	findings.early_data = trips_with_early_data(facts, &findings);
	return findings;
}

const char *probe_outcome_name(enum probe_outcome outcome)
{
	static const char *const names[] = {
		[PROBE_WORKS] = "works",
		[PROBE_OFF_HERE] = "off-here",
		[PROBE_NO_COOKIE] = "no-cookie",
		[PROBE_PATH_BREAKS] = "path-breaks",
	};

	return outcome < sizeof(names) / sizeof(names[0]) ? names[outcome] : NULL;
}

const char *probe_path_name(enum probe_path path)
{
	static const char *const names[] = {
		[PROBE_PATH_CLEAN] = "clean",
		[PROBE_PATH_DROPS_SYN_DATA] = "drops-syn-data",
		[PROBE_PATH_DROPS_SYN_OPTION] = "drops-syn-option",
		[PROBE_PATH_RESETS_SYN_DATA] = "resets-syn-data",
		[PROBE_PATH_NOT_ACKNOWLEDGED] = "not-acknowledged",
		[PROBE_PATH_GOES_SILENT] = "goes-silent",
		[PROBE_PATH_SWALLOWS] = "swallows",
		[PROBE_PATH_LOSES_SYNS] = "loses-syns",
	};

	return path < sizeof(names) / sizeof(names[0]) ? names[path] : NULL;
}

const char *probe_visit_name(size_t kind)
{
	static const char *const names[] = {
		[PROBE_PLAIN] = "plain",
		[PROBE_COOKIE] = "cookie",
		[PROBE_COOKIE_TWO] = "cookie-again",
		[PROBE_TICKET] = "ticket",
	};

	return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}
