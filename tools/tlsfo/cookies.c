/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cookies.h"

#include <errno.h>
#include <stdio.h>

#include <tlsfo/tlsfo.h>

#define ASK_MOST 3

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
		cookie->known = report->attempts[i].cookie == 1;
		cookies->answered += cookie->answered;
		cookies->known += cookie->known;
		if (cookie->answered)
			continue;
		/* It is what the deadline leaves behind. */
		if (report->attempts[i].error != ETIMEDOUT)
			cookie->error = report->attempts[i].error;
		count_failure(cookies, cookie);
	}
}

/* True when an address of several answered the SYN that the system sent a second later, without the question. */
static bool lost_question(const struct tlsfo_report *report)
{
	for (size_t i = 0; i < report->attempt_count && i < TLSFO_ATTEMPTS_MAX; i++) {
		const struct tlsfo_attempt *attempt = &report->attempts[i];

		if (report->attempt_count > 1 && attempt->cookie == 0 &&
			attempt->connected_us - attempt->start_us >= SYN_AGAIN_US)
			return true;
	}
	return false;
}

static void ask(struct tlsfo_config *config, const char *host, const char *port, int64_t wait_ms,
	struct tlsfo_report *ret_report)
{
	struct tlsfo_conn *conn = NULL;
	int ret = tlsfo_conn_new(config, host, port, &conn);

	if (ret == 0)
		ret = tlsfo_conn_set_priming(conn);
	if (ret == 0)
		ret = tlsfo_conn_open(conn, tlsfo_deadline_in(wait_ms));
	/* What went wrong stands in the report, for each address. */
	(void)ret;
	if (!conn || tlsfo_conn_get_report(conn, ret_report) < 0)
		ret_report->attempt_count = 0;
	tlsfo_conn_free(conn);
}

void cookies_fetch(struct tlsfo_config *config, const char *host, const char *port, int64_t wait_ms,
	struct cookies *ret_cookies)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	int asked = 0;

	do
		ask(config, host, port, wait_ms, &report);
	while (lost_question(&report) && ++asked < ASK_MOST);
	*ret_cookies = (struct cookies){.asked = true};
	add_addresses(ret_cookies, &report);
}
