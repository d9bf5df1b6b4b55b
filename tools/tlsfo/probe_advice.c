/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

/* A SYN that has less room than this meets a small MSS rather than a large hello. */
#define USUAL_ROOM 1200

#define FLIGHT_RTT_LEAST_US 10000

struct advice {
	const struct probe_facts *facts;
	const struct probe_findings *findings;
	struct probe_change *changes;
	size_t count;
};

static struct probe_change *add(struct advice *advice, const char *where, const char *what,
	int saves, const char *format, ...) COMMAND_PRINTF(5, 6);

static struct probe_change *add(struct advice *advice, const char *where, const char *what,
	int saves, const char *format, ...)
{
	/* There is room for one of each kind, so the last is never written over twice. */
	struct probe_change *change = &advice->changes[advice->count];
	va_list arguments;

	if (advice->count + 1 < PROBE_CHANGES_MAX)
		advice->count++;
	*change = (struct probe_change){.where = where, .what = what, .saves = saves};
	va_start(arguments, format);
	(void)vsnprintf(change->text, sizeof(change->text), format, arguments);
	va_end(arguments);
	return change;
}

static bool is_tls13(const struct probe_visit *visit)
{
	return visit->report.tls_version && strcmp(visit->report.tls_version, "TLS1.3") == 0;
}

static void advise_sysctl(struct advice *advice)
{
	long long value = (long long)advice->facts->system.fastopen;
	struct probe_change *change = add(advice, "here", "sysctl", 1,
		"Let programs on this system use fast open: net.ipv4.tcp_fastopen, which governs "
		"IPv6 too, lacks bit 0x1. As root; a file in /etc/sysctl.d makes it last. Then "
		"probe again, for the rest is not known yet.");

	(void)snprintf(change->command, sizeof(change->command),
		"sysctl -w net.ipv4.tcp_fastopen=%lld", (value < 0 ? 0 : value) | 1);
}

static void advise_blackhole(struct advice *advice)
{
	const struct probe_system *system = &advice->facts->system;
	struct probe_change *change = add(advice, "here", "blackhole", 1,
		"This system holds fast open back, because it saw connections with it go silent "
		"(%lld times since it started; it then waits for %lld seconds, and longer each "
		"time). As root that can be switched off; tlsfo looks after such paths itself.",
		(long long)system->blackholes, (long long)system->blackhole_timeout_s);

	(void)snprintf(change->command, sizeof(change->command),
		"sysctl -w net.ipv4.tcp_fastopen_blackhole_timeout_sec=0");
}

static void advise_here(struct advice *advice)
{
	const struct probe_visit *visit = advice->findings->cookie;

	if (advice->findings->outcome != PROBE_OFF_HERE)
		return;
	if (visit->report.reason == TLSFO_REASON_DISABLED_HERE)
		advise_sysctl(advice);
	else if (visit->report.reason == TLSFO_REASON_NOT_SUPPORTED)
		(void)add(advice, "here", "kernel", 1,
			"This system has no TCP Fast Open for clients. Linux has it since 3.7, for "
			"IPv6 since 3.16.");
	else if (advice->facts->system.blackholes > 0 &&
		 advice->facts->system.blackhole_timeout_s > 0)
		advise_blackhole(advice);
	else
		(void)add(advice, "here", "unknown", 1,
			"This system put no data in the SYN, asked for no cookie, and does not say "
			"why.");
}

static void advise_addresses(struct advice *advice)
{
	const struct cookies *cookies = &advice->facts->cookies;

	if (cookies->silent > 0)
		(void)add(advice, "server", "dead-addresses", 0,
			"%u of %u addresses did not answer. A first visit that begins with one of "
			"them loses the time until another is tried.",
			cookies->silent, cookies->count);
	if (cookies->refused > 0)
		(void)add(advice, "server", "refusing-addresses", 0,
			"%u of %u addresses refuse connections. A first visit that begins with one "
			"of them loses a round trip. Let the server listen at all of them.",
			cookies->refused, cookies->count);
}

static void advise_cookie(struct advice *advice)
{
	const struct cookies *cookies = &advice->facts->cookies;

	if (advice->findings->outcome == PROBE_NO_COOKIE)
		(void)add(advice, "server", "fast-open", 1,
			"No cookie came. Where the server takes no part in fast open: on Linux "
			"sysctl net.ipv4.tcp_fastopen needs bit 0x2, and the listener has to ask "
			"for it (nginx: 'listen 443 ssl fastopen=256;'), or bit 0x400 lets every "
			"listener take part. Where it does: a device on the path takes the option "
			"out of the SYN or the SYN-ACK; from here the two look the same, from a "
			"place nearer to the server a probe tells.");
	else if (cookies->known > 0 && cookies->known < cookies->answered)
		(void)add(advice, "server", "some-addresses", 1,
			"Only %u of the %u addresses that answer gave a cookie. Let the servers at "
			"all of them take part in fast open.",
			cookies->known, cookies->answered);
	advise_addresses(advice);
}

/* Who may be the cause and what helps. */
static void advise_path(struct advice *advice)
{
	static const char *const texts[] = {
		[PROBE_PATH_DROPS_SYN_DATA] =
			"A device on the path drops SYNs that carry data, while plain ones pass: a "
			"firewall, NAT or load balancer, at either end. Have it let them through "
			"(RFC 7413; data in a SYN is legal since RFC 793).",
		[PROBE_PATH_DROPS_SYN_OPTION] =
			"A device on the path drops SYNs with the fast-open option (TCP option "
			"34), while plain ones pass. Have it ignore options that it does not know.",
		[PROBE_PATH_RESETS_SYN_DATA] =
			"SYNs that carry data are answered by a reset, plain ones are not: a "
			"firewall on the path or before the server. Have it let them through.",
		[PROBE_PATH_GOES_SILENT] =
			"Data in the SYN is acknowledged, and then nothing comes back, while a "
			"plain connection works: a device (proxy, NAT, load balancer) answers for "
			"the server without handing the data on, or loses what it answers. Have it "
			"hand SYN data on, or pass such SYNs unchanged.",
		[PROBE_PATH_SWALLOWS] =
			"Data in the SYN arrives, and nothing that follows it does, while a plain "
			"connection works: a device on the path loses count of such connections. "
			"Have it count the data in the SYN.",
	};
	enum probe_path path = advice->findings->path;

	if (path == PROBE_PATH_NOT_ACKNOWLEDGED)
		(void)add(advice, "server", probe_path_name(path), 1,
			"A cookie is known, but the SYN-ACK does not cover the data, so that it is "
			"sent again; no time is lost. Its queue of fast opens may be full (nginx: "
			"a larger fastopen=N), several servers behind the address may have "
			"different keys (sysctl net.ipv4.tcp_fastopen_key must be the same on "
			"all), "
			"or a device on the path takes the data out.");
	else if (path == PROBE_PATH_LOSES_SYNS)
		(void)add(advice, "path", probe_path_name(path), 0,
			"SYNs are lost, plain ones too. That says nothing of fast open; when the "
			"path is well again, probe again.");
	else if (path < sizeof(texts) / sizeof(texts[0]) && texts[path])
		(void)add(advice, "path", probe_path_name(path), 1,
			"%s Until then tlsfo connects plainly here after the first failure; for "
			"other programs switch fast open off.",
			texts[path]);
}

#define ROOM_IS_SMALL                                                                              \
	"The room is small: look for a tunnel or a device that lowers the MSS or the MTU. "

static const char *hello_size_text(const struct probe_visit *visit)
{
	return visit->report.syn_bytes < USUAL_ROOM
		       ? ROOM_IS_SMALL "Or make it shorter: fewer key shares and algorithms "
				       "(--priority), fewer protocols (--alpn)."
		       : "Make it shorter: fewer key shares, a post-quantum one alone takes 1200 "
			 "bytes, and fewer algorithms (--priority).";
}

static const char *ticket_size_text(const struct probe_visit *ticket)
{
	return ticket->report.syn_bytes < USUAL_ROOM
		       ? ROOM_IS_SMALL "Or give smaller tickets."
		       : "Give smaller tickets: they hold a client's certificate, or a long chain.";
}

static void advise_hello(struct advice *advice)
{
	const struct probe_visit *visit = advice->findings->cookie;
	const struct probe_visit *ticket = advice->findings->ticket;
	bool acknowledged = visit && visit->report.fast_open == TLSFO_FAST_OPEN_ACKNOWLEDGED;

	if (acknowledged && probe_hello_fits(visit) == 0)
		(void)add(advice, "here", "hello-size", 1,
			"The ClientHello has %lld bytes and the SYN took %lld, so the rest waits "
			"for the SYN-ACK. %s",
			(long long)visit->report.flight_bytes, (long long)visit->report.syn_bytes,
			hello_size_text(visit));
	else if (acknowledged && ticket && probe_hello_fits(ticket) == 0)
		(void)add(advice, "server", "ticket-size", 1,
			"With its ticket the ClientHello has %lld bytes, and the SYN took %lld. %s",
			(long long)ticket->report.flight_bytes, (long long)ticket->report.syn_bytes,
			ticket_size_text(ticket));
}

static void advise_retry(struct advice *advice)
{
	const struct probe_visit *visit = advice->findings->cookie;
	const char *group = visit ? visit->report.tls_group : NULL;
	struct probe_change *change = NULL;

	if (!visit || visit->report.hello_retried != 1)
		return;
	change = add(advice, "here", "hello-retried", 1,
		"The server asked for another ClientHello (HelloRetryRequest), because it wants "
		"the group %s. Offer the share of that group first. Visits with a ticket of "
		"this server's do that by themselves.",
		group ? group : "of another key share");
	if (group)
		(void)snprintf(change->command, sizeof(change->command),
			"--priority NORMAL:-GROUP-ALL:+GROUP-%s:+GROUP-X25519:+GROUP-SECP256R1",
			group);
}

static void advise_version(struct advice *advice)
{
	const struct probe_visit *last = advice->findings->last;

	if (last && !is_tls13(last))
		(void)add(advice, "server", "tls13", 1,
			"The session is %s. With TLS 1.3 no full handshake takes more than one "
			"round trip, and a request that is safe to be processed twice may leave "
			"together with the ClientHello (nginx: 'ssl_protocols TLSv1.2 TLSv1.3;'). "
			"If --priority leaves it out, offer it.",
			last->report.tls_version ? last->report.tls_version : "an old one");
}

/* Microseconds that were waited between the server's first byte and the end of the handshake, where the
 * client needs no second answer for it; or -1. */
static int64_t flight_us(const struct probe_visit *visit)
{
	const struct tlsfo_report *report = &visit->report;

	if (!probe_visit_succeeded(visit) || report->hello_retried == 1 ||
		(!is_tls13(visit) && !visit->false_start) || report->first_byte_us < 0)
		return -1;
	return report->handshake_us - report->first_byte_us - visit->cpu_us;
}

/* Waiting for a processor looks like it, above all on a short path. Both visits have to show it. */
static void advise_flight(struct advice *advice)
{
	const struct probe_visit *cookie = advice->findings->cookie;
	int64_t rtt_us = advice->findings->rtt_us;
	int64_t one_us = flight_us(&advice->facts->visits[PROBE_PLAIN]);
	int64_t other_us = cookie ? flight_us(cookie) : -1;
	int64_t least_us = rtt_us * 7 / 10;

	if (rtt_us < FLIGHT_RTT_LEAST_US || one_us < least_us || other_us < least_us)
		return;
	(void)add(advice, "server", "flight", 1,
		"The server's answer to the ClientHello came in pieces, %.1f ms apart, as if it "
		"waited "
		"for an acknowledgement in between, which the round trips above do not count. Have "
		"it set TCP_NODELAY, and keep the certificate chain below ten segments.",
		(double)(one_us < other_us ? one_us : other_us) / 1000);
}

static void advise_tickets(struct advice *advice)
{
	const struct probe_facts *facts = advice->facts;
	const struct probe_visit *ticket = advice->findings->ticket;
	const struct probe_visit *last = advice->findings->last;
	int saves = advice->findings->early_data < 0;

	if (!last)
		return;
	if (facts->tickets == 0)
		(void)add(advice, "server", "tickets", saves,
			"The server gave no session tickets. With them a visit needs no "
			"certificate, "
			"and early data becomes possible (nginx: 'ssl_session_tickets on;').");
	else if (ticket && ticket->report.resumed == 0)
		(void)add(advice, "server", "resumption", saves,
			"The server gave a ticket and did not take it up. Let all servers of this "
			"name share the ticket key (nginx: ssl_session_ticket_key).");
	else if (is_tls13(last) && facts->early_data == 0)
		(void)add(advice, "server", "early-data", 1,
			"The server's tickets allow no early data. With it a request that is safe "
			"to be processed twice leaves together with the ClientHello (nginx: "
			"'ssl_early_data on;').");
}

size_t probe_advise(const struct probe_facts *facts, const struct probe_findings *findings,
	struct probe_change *ret_changes)
{
	struct advice advice = {.facts = facts, .findings = findings, .changes = ret_changes};

	if (!findings->cookie)
		return 0;
	advise_here(&advice);
	advise_cookie(&advice);
	advise_path(&advice);
	advise_hello(&advice);
	advise_retry(&advice);
	advise_version(&advice);
	advise_flight(&advice);
	advise_tickets(&advice);
	return advice.count;
}
