/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cookies.h"

#include <errno.h>
#include <stdio.h>

#include <tlsfo/tlsfo.h>

#define ASK_MOST 3

/* Returns how many addresses gave one, or a code; and which addresses there are. */
static int ask(struct tlsfo_config *config, const char *host, const char *port, int64_t wait_ms,
	struct tlsfo_report *ret_report)
{
	struct tlsfo_conn *conn = NULL;
	int given = tlsfo_prime(config, host, port, tlsfo_deadline_in(wait_ms), &conn);

	if (conn && tlsfo_conn_get_report(conn, ret_report) < 0)
		ret_report->attempt_count = 0;
	tlsfo_conn_free(conn);
	return given;
}

/* Whether the SYN that asked was answered, and not one that the system sent after it, a second later and
 * without the question. */
static bool was_asked(const struct tlsfo_report *report)
{
	const struct tlsfo_attempt *attempt = &report->attempts[0];

	return report->attempt_count == 0 || attempt->connected_us < 0 ||
	       attempt->connected_us - attempt->start_us < SYN_AGAIN_US;
}

static bool has_cookie(
	struct tlsfo_config *config, const char *address, const char *port, int64_t wait_ms)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	int given = 0;

	for (int i = 0; i < ASK_MOST; i++) {
		given = ask(config, address, port, wait_ms, &report);
		if (given != 0 || was_asked(&report))
			break;
	}
	return given > 0;
}

/* The others are out of reach from here, which is known at once, and costs nothing. */
static void count_failure(struct cookies *cookies, const struct cookie *cookie)
{
	cookies->refused += cookie->error == ECONNREFUSED || cookie->error == ECONNRESET;
	cookies->silent += cookie->error == 0 || cookie->error == EHOSTUNREACH;
}

static void add_addresses(struct cookies *cookies, const struct tlsfo_report *report)
{
	for (size_t i = 0; i < report->attempt_count && i < TLSFO_ATTEMPTS_MAX; i++) {
		struct cookie *cookie = &cookies->each[cookies->count++];

		(void)snprintf(cookie->address, sizeof(cookie->address), "%s",
			report->attempts[i].address);
		cookie->answered = report->attempts[i].connected_us >= 0;
		cookies->answered += cookie->answered;
		if (cookie->answered)
			continue;
		/* It is what the deadline leaves behind. */
		if (report->attempts[i].error != ETIMEDOUT)
			cookie->error = report->attempts[i].error;
		count_failure(cookies, cookie);
	}
}

void cookies_fetch(struct tlsfo_config *config, const char *host, const char *port, int64_t wait_ms,
	struct cookies *ret_cookies)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	int given = ask(config, host, port, wait_ms, &report);

	*ret_cookies = (struct cookies){.asked = true};
	add_addresses(ret_cookies, &report);
	/* The count alone does not tell which, unless it is none or all of them. */
	for (size_t i = 0; given > 0 && i < ret_cookies->count; i++) {
		struct cookie *cookie = &ret_cookies->each[i];

		if (cookie->answered && (unsigned int)given < ret_cookies->answered)
			cookie->known = has_cookie(config, cookie->address, port, wait_ms);
		else
			cookie->known = cookie->answered;
		ret_cookies->known += cookie->known;
	}
}
