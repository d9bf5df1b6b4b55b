/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/judge.h"

static struct judge_verdict verdict(
	enum tlsfo_fast_open fast_open, enum tlsfo_reason reason, int64_t syn_bytes)
{
	return (struct judge_verdict){fast_open, reason, syn_bytes};
}

/* Fast open was asked for; the kernel has no word on it because there is no connection. */
static struct judge_verdict judge_unconnected(const struct judge_facts *facts)
{
	if (facts->syn_bytes == 0)
		return verdict(TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NOT_CONNECTED, 0);
	/* GnuTLS's engine does not tell whether its SYN had data or asked for a cookie. */
	if (facts->syn_bytes < 0)
		return verdict(TLSFO_FAST_OPEN_UNKNOWN, TLSFO_REASON_NOT_CONNECTED, TLSFO_UNKNOWN);
	return verdict(
		TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED, TLSFO_REASON_NOT_CONNECTED, facts->syn_bytes);
}

static struct judge_verdict judge_without_cookie(const struct judge_facts *facts)
{
	/* The SYN that was answered was the bare one, which asked for nothing. */
	if (facts->tcp.syn_retransmitted && facts->cookie_known != 1)
		return verdict(TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 0);
	if (facts->cookie_known == 0)
		return verdict(TLSFO_FAST_OPEN_NO_COOKIE_GIVEN, TLSFO_REASON_COOKIE_NOT_GIVEN, 0);
	return verdict(TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NO_COOKIE, 0);
}

static struct judge_verdict judge_connected(const struct judge_facts *facts)
{
	if (facts->tcp.syn_data_acknowledged)
		return verdict(TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, facts->syn_bytes);
	switch (facts->tcp.fail) {
	case TCP_FASTOPEN_FAIL_NO_COOKIE:
		return judge_without_cookie(facts);
	case TCP_FASTOPEN_FAIL_NOT_ACKNOWLEDGED:
		return verdict(TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED, TLSFO_REASON_DATA_NOT_ACKNOWLEDGED,
			facts->syn_bytes);
	case TCP_FASTOPEN_FAIL_SYN_RETRANSMITTED:
		return verdict(TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED,
			facts->syn_bytes);
	case TCP_FASTOPEN_FAIL_NONE:
		/* The kernel did not even try: it may not, or it holds back after failures. */
		if (facts->syn_bytes <= 0)
			return verdict(TLSFO_FAST_OPEN_UNAVAILABLE,
				facts->disabled_here == 1 ? TLSFO_REASON_DISABLED_HERE
							  : TLSFO_REASON_NOT_TOLD,
				0);
		return verdict(TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED, TLSFO_REASON_DATA_NOT_ACKNOWLEDGED,
			facts->syn_bytes);
	case TCP_FASTOPEN_FAIL_UNKNOWN:
	default:
		if (facts->syn_bytes == 0)
			return judge_without_cookie(facts);
		return verdict(
			TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED, TLSFO_REASON_NOT_TOLD, facts->syn_bytes);
	}
}

struct judge_verdict judge(const struct judge_facts *facts)
{
	if (!facts->wanted)
		return verdict(TLSFO_FAST_OPEN_OFF,
			facts->remembered ? TLSFO_REASON_PATH_REMEMBERED : TLSFO_REASON_NOT_WANTED,
			0);
	if (!facts->started)
		return verdict(TLSFO_FAST_OPEN_OFF, TLSFO_REASON_NOT_STARTED, 0);
	if (facts->absence == FASTOPEN_DISABLED)
		return verdict(TLSFO_FAST_OPEN_UNAVAILABLE, TLSFO_REASON_DISABLED_HERE, 0);
	if (facts->absence == FASTOPEN_NOT_SUPPORTED)
		return verdict(TLSFO_FAST_OPEN_UNAVAILABLE, TLSFO_REASON_NOT_SUPPORTED, 0);
	if (!facts->tcp_known)
		return verdict(TLSFO_FAST_OPEN_UNKNOWN, TLSFO_REASON_NOT_TOLD, facts->syn_bytes);
	if (!facts->tcp.was_connected)
		return judge_unconnected(facts);
	return judge_connected(facts);
}
