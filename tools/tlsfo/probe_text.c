/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "command.h"

#define WIDTH  80
#define INDENT 12

/* Prints words from @column on, breaking lines at WIDTH and going on at INDENT. */
static void print_words(FILE *file, size_t column, char *text)
{
	const char *gap = "";

	text_make_printable(text);
	while (*text) {
		size_t length = strcspn(text, " ");

		if (gap[0] && column + 1 + length > WIDTH) {
			(void)fprintf(file, "\n%*s", INDENT, "");
			column = INDENT;
			gap = "";
		}
		column += length + strlen(gap);
		(void)fprintf(file, "%s%.*s", gap, (int)length, text);
		text += length;
		text += strspn(text, " ");
		gap = " ";
	}
	(void)fputc('\n', file);
}

static void print_line(FILE *file, const char *label, const char *format, ...) COMMAND_PRINTF(3, 4);

static void print_line(FILE *file, const char *label, const char *format, ...)
{
	char text[2048] = "";
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	(void)fprintf(file, "%-*s", INDENT, label);
	print_words(file, INDENT, text);
}

static const char *outcome_text(const struct probe_findings *findings)
{
	switch (findings->outcome) {
	case PROBE_WORKS:
		return findings->cookie && probe_hello_fits(findings->cookie) == 0
			       ? "fast open works, but the ClientHello does not fit the SYN"
			       : "fast open works";
	case PROBE_OFF_HERE:
		return "fast open is off on this system";
	case PROBE_NO_COOKIE:
		return "no fast open, the server gives no cookie";
	case PROBE_PATH_BREAKS:
		return findings->path == PROBE_PATH_NOT_ACKNOWLEDGED
			       ? "fast open does not work, SYN data is not acknowledged"
			       : "fast open does not work, the path breaks it";
	case PROBE_UNKNOWN:
	default:
		return "what fast open does is not known";
	}
}

static void print_verdict(
	FILE *file, const struct probe_facts *facts, const struct probe_findings *findings)
{
	char text[TLSFO_HOST_SIZE + 256] = "";
	int trips = probe_round_trips(findings->last);

	(void)snprintf(text, sizeof(text), "%s port %s: %s", facts->host, facts->port,
		outcome_text(findings));
	print_words(file, 0, text);
	(void)fprintf(file, "A visit takes %d round trips", trips);
	if (findings->early_data >= 0)
		(void)fprintf(
			file, ", %d where the request may be early data", findings->early_data);
	(void)fputs("\n\n", file);
}

static void print_system(FILE *file, const struct probe_system *system)
{
	if (system->fastopen < 0)
		print_line(file, "system", "net.ipv4.tcp_fastopen cannot be read");
	else
		print_line(file, "system", "net.ipv4.tcp_fastopen is 0x%llx: programs here %s%s",
			(unsigned long long)system->fastopen,
			system->client ? "may use it" : "may not use it",
			system->blackholes > 0 && system->blackhole_timeout_s > 0
				? "; the system has held it back before"
				: "");
}

static void print_cookies(FILE *file, const struct cookies *cookies)
{
	char text[TLSFO_ATTEMPTS_MAX * (TLSFO_ADDRESS_SIZE + 64)] = "";
	struct text words;

	if (!cookies->asked) {
		print_line(file, "cookie", "not asked for");
		return;
	}
	text_init(&words, text, sizeof(text));
	for (unsigned int i = 0; i < cookies->count; i++) {
		const struct cookie *cookie = &cookies->each[i];

		text_add(&words, "%s%s %s", i > 0 ? ", " : "", cookie->address,
			cookie->error != 0  ? strerror(cookie->error)
			: !cookie->answered ? "no answer"
			: cookie->known	    ? "yes"
					    : "no");
	}
	print_line(file, "cookie", "known for %u of %u addresses%s%s", cookies->known,
		cookies->count, cookies->count > 0 ? ": " : "", text);
}

static void print_syn_data(FILE *file, const struct tlsfo_report *report, bool cookie_known)
{
	const char *reason = tlsfo_reason_text(report->reason);

	if (report->syn_bytes > 0 && report->fast_open == TLSFO_FAST_OPEN_ACKNOWLEDGED)
		print_line(file, "SYN data", "acknowledged: %lld of %lld bytes of the ClientHello",
			(long long)report->syn_bytes, (long long)report->flight_bytes);
	else if (!cookie_known && report->reason == TLSFO_REASON_SYN_RETRANSMITTED)
		print_line(
			file, "SYN data", "fell-back: no answer to the SYN that asks for a cookie");
	else
		print_line(file, "SYN data", "%s%s%s", tlsfo_fast_open_name(report->fast_open),
			reason[0] ? ": " : "", reason);
}

static const char *path_text(enum probe_path path)
{
	static const char *const texts[] = {
		[PROBE_PATH_UNKNOWN] = "not known: no data in a SYN was seen to go all the way",
		[PROBE_PATH_CLEAN] = "clean: what followed the SYN arrived too",
		[PROBE_PATH_DROPS_SYN_DATA] = "SYNs with data are not answered, plain ones are",
		[PROBE_PATH_DROPS_SYN_OPTION] =
			"SYNs with the fast-open option are not answered, plain ones are",
		[PROBE_PATH_RESETS_SYN_DATA] = "SYNs with data are reset, plain ones are not",
		[PROBE_PATH_NOT_ACKNOWLEDGED] = "the SYN-ACK does not cover the data, no time lost",
		[PROBE_PATH_GOES_SILENT] =
			"silence after acknowledged SYN data; a plain connection works",
		[PROBE_PATH_SWALLOWS] = "nothing that follows a SYN with data arrives",
		[PROBE_PATH_LOSES_SYNS] = "not known: SYNs are lost, plain ones too",
	};

	return path < sizeof(texts) / sizeof(texts[0]) ? texts[path] : "not known";
}

static void print_path(FILE *file, const struct probe_findings *findings)
{
	print_line(file, "path", "%s%s", path_text(findings->path),
		findings->by_chance ? "; one visit of two met something else: packets are lost"
				    : "");
	if (findings->cookie->result < 0)
		print_line(file, "", "a visit failed: %s", findings->cookie->error);
}

static void print_tls(
	FILE *file, const struct probe_facts *facts, const struct tlsfo_report *report)
{
	print_line(file, "TLS", "%s, %s%s%s, certificate %s%s",
		report->tls_version ? report->tls_version : "version not known",
		report->tls_group ? report->tls_group : "no group",
		report->alpn[0] ? ", ALPN " : "", report->alpn,
		facts->verified ? "verified" : "not verified",
		facts->visits[PROBE_PLAIN].report.hello_retried == 1 ? ", after a HelloRetryRequest"
								     : "");
}

static void print_tickets(
	FILE *file, const struct probe_facts *facts, const struct probe_findings *findings)
{
	const struct probe_visit *ticket = findings->ticket;
	char early_data[64] = "no early data";

	if (facts->tickets == 0) {
		print_line(file, "tickets", "none given");
		return;
	}
	if (facts->early_data > 0)
		(void)snprintf(early_data, sizeof(early_data), "%lu bytes of early data allowed",
			(unsigned long)facts->early_data);
	print_line(file, "tickets", "%u kept, %s, %s", facts->tickets,
		!ticket			      ? "the visit with one failed"
		: ticket->report.resumed == 1 ? "one was taken up"
					      : "one was not taken up",
		early_data);
}

static void print_hello(FILE *file, const struct probe_findings *findings)
{
	const struct probe_visit *ticket = findings->ticket;
	char text[128] = "";
	int fits = probe_hello_fits(findings->cookie);

	if (ticket && ticket->report.flight_bytes >= 0)
		(void)snprintf(text, sizeof(text), ", with a ticket %lld%s",
			(long long)ticket->report.flight_bytes,
			probe_hello_fits(ticket) == 1	? ", which fits the SYN"
			: probe_hello_fits(ticket) == 0 ? ", which does not fit the SYN"
							: "");
	if (findings->cookie->report.flight_bytes < 0) {
		print_line(file, "hello", "its length is not known");
		return;
	}
	print_line(file, "hello", "%lld bytes%s%s",
		(long long)findings->cookie->report.flight_bytes,
		fits == 1   ? ", which fit the SYN"
		: fits == 0 ? ", which do not fit the SYN"
			    : "",
		text);
}

static void print_trips(
	FILE *file, const struct probe_facts *facts, const struct probe_findings *findings)
{
	static const char *const names[] = {
		[PROBE_PLAIN] = "plain",
		[PROBE_COOKIE] = "fast open",
		[PROBE_COOKIE_TWO] = "fast open, again",
		[PROBE_TICKET] = "fast open, ticket",
	};

	(void)fputs("\nRound trips from the first SYN to the first byte of a response:\n", file);
	for (size_t i = 0; i < PROBE_VISITS; i++) {
		const struct probe_visit *visit = &facts->visits[i];
		int64_t lost_us = probe_visit_lost_us(visit);

		if (!visit->made)
			continue;
		if (findings->round_trips[i] < 0) {
			(void)fprintf(file, "  -  %-30s %s\n", names[i],
				visit->result < 0 ? "failed" : "what is sent does not arrive");
			continue;
		}
		(void)fprintf(file, "  %d  %-30s ready to send after %.1f ms",
			findings->round_trips[i], names[i],
			(double)probe_visit_ready_us(visit) / 1000);
		if (lost_us > 0)
			(void)fprintf(file, ", %.1f lost", (double)lost_us / 1000);
		(void)fputc('\n', file);
	}
	if (findings->early_data >= 0)
		(void)fprintf(file, "  %d  %-30s allowed by the ticket, not tried\n",
			findings->early_data, "fast open, ticket, early data");
}

/* On a line of its own, to be copied: it is never broken. */
static void print_command(FILE *file, const char *command)
{
	int indent = INDENT + strlen(command) <= WIDTH ? INDENT : 2;

	(void)fprintf(file, "%*s%s\n", indent, "", command);
}

static void print_changes(
	FILE *file, const struct probe_facts *facts, const struct probe_findings *findings)
{
	struct probe_change changes[PROBE_CHANGES_MAX];
	size_t count = probe_advise(facts, findings, changes);

	(void)fputs("\nWhat to change:\n", file);
	if (count == 0)
		(void)fputs(findings->outcome == PROBE_WORKS
				    ? "  nothing\n"
				    : "  nothing is known that would help\n",
			file);
	if (findings->outcome == PROBE_WORKS)
		print_line(file, "  programs",
			"'tlsfo run COMMAND' gives fast open to those that do not know it.");
	for (size_t i = 0; i < count; i++) {
		char label[INDENT] = "";

		(void)snprintf(label, sizeof(label), "  %s", changes[i].where);
		print_line(file, label, "%s%s", changes[i].text,
			changes[i].saves > 0 ? " Saves a round trip." : "");
		if (changes[i].command[0])
			print_command(file, changes[i].command);
	}
}

bool probe_print_text(
	FILE *file, const struct probe_facts *facts, const struct probe_findings *findings)
{
	const struct probe_visit *last = findings->last;

	if (!findings->cookie || !last)
		return true;
	print_verdict(file, facts, findings);
	print_system(file, &facts->system);
	print_cookies(file, &facts->cookies);
	print_line(file, "address", "%s", last->report.address);
	print_syn_data(file, &findings->cookie->report, facts->cookies.known > 0);
	print_path(file, findings);
	print_tls(file, facts, &last->report);
	print_tickets(file, facts, findings);
	print_hello(file, findings);
	if (findings->rtt_us >= 0)
		print_line(file, "round trip", "%.1f ms", (double)findings->rtt_us / 1000);
	print_trips(file, facts, findings);
	(void)fprintf(file, "\nThe visit \"%s\", from what system and library tell here:\n",
		probe_visit_name((size_t)(last - facts->visits)));
	probe_print_ladder(file, last, findings->rtt_us);
	print_changes(file, facts, findings);
	return true;
}
