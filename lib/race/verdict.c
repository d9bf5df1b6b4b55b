/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "race/verdict.h"

#include <errno.h>

#include <gnutls/gnutls.h>

#include <tlsfo/error.h>

static struct syn_verdict verdict(
	enum tlsfo_fast_open fast_open, enum tlsfo_reason reason, int64_t syn_bytes)
{
	return (struct syn_verdict){fast_open, reason, syn_bytes};
}

static struct syn_verdict judge_without_cookie(bool syn_retransmitted, int cookie_known)
{
	/* The server answered the second SYN, which was bare and asked for nothing. */
	if (syn_retransmitted && cookie_known != 1)
		return verdict(TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 0);
	if (cookie_known == 0)
		return verdict(TLSFO_FAST_OPEN_NO_COOKIE_GIVEN, TLSFO_REASON_COOKIE_NOT_GIVEN, 0);
	return verdict(TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NO_COOKIE, 0);
}

struct syn_verdict verdict_on_syn(
	const struct attempt *attempt, const struct tcp_facts *tcp, int disabled_here)
{
	int64_t syn_bytes = attempt->syn_bytes;

	if (attempt->plain)
		return verdict(TLSFO_FAST_OPEN_OFF,
			attempt->remembered ? TLSFO_REASON_PATH_REMEMBERED
					    : TLSFO_REASON_NOT_WANTED,
			0);
	if (!attempt->sent)
		return verdict(TLSFO_FAST_OPEN_OFF, TLSFO_REASON_NOT_STARTED, 0);
	if (attempt->absence == FASTOPEN_DISABLED)
		return verdict(TLSFO_FAST_OPEN_UNAVAILABLE, TLSFO_REASON_DISABLED_HERE, 0);
	if (attempt->absence == FASTOPEN_NOT_SUPPORTED)
		return verdict(TLSFO_FAST_OPEN_UNAVAILABLE, TLSFO_REASON_NOT_SUPPORTED, 0);
	if (tcp == NULL)
		return verdict(TLSFO_FAST_OPEN_UNKNOWN, TLSFO_REASON_NOT_TOLD, syn_bytes);
	if (!tcp->was_connected) {
		/* GnuTLS's engine does not tell whether its SYN had data or asked for a cookie. */
		enum tlsfo_fast_open unanswered =
			syn_bytes < 0 ? TLSFO_FAST_OPEN_UNKNOWN : TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED;
		return verdict(syn_bytes == 0 ? TLSFO_FAST_OPEN_COOKIE_REQUESTED : unanswered,
			TLSFO_REASON_NOT_CONNECTED, syn_bytes);
	}
	if (tcp->syn_data_acknowledged)
		return verdict(TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, syn_bytes);
	if (tcp->fail == TCP_FASTOPEN_FAIL_SYN_RETRANSMITTED)
		return verdict(
			TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, syn_bytes);
	if (tcp->fail == TCP_FASTOPEN_FAIL_NO_COOKIE ||
		(tcp->fail == TCP_FASTOPEN_FAIL_UNKNOWN && syn_bytes == 0))
		return judge_without_cookie(tcp->syn_retransmitted, attempt->cookie_known);
	/* The kernel did not even try: it may not, or it holds back after failures. */
	if (tcp->fail == TCP_FASTOPEN_FAIL_NONE && syn_bytes <= 0)
		return verdict(TLSFO_FAST_OPEN_UNAVAILABLE,
			disabled_here == 1 ? TLSFO_REASON_DISABLED_HERE : TLSFO_REASON_NOT_TOLD, 0);
	return verdict(TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED,
		tcp->fail == TCP_FASTOPEN_FAIL_UNKNOWN ? TLSFO_REASON_NOT_TOLD
						       : TLSFO_REASON_DATA_NOT_ACKNOWLEDGED,
		syn_bytes);
}

/* Why an attempt with fast open did not win. */
static enum tlsfo_reason why_not(const struct race_attempt *attempt)
{
	if (attempt->mode == RACE_PLAIN)
		return TLSFO_REASON_NONE;
	if (attempt->state == RACE_UNPROVEN)
		return TLSFO_REASON_SILENT;
	if (attempt->state == RACE_CONNECTING)
		return TLSFO_REASON_SYN_RETRANSMITTED;
	if (attempt->reset == RACE_RESET_SYN)
		return TLSFO_REASON_RESET;
	return attempt->reset == RACE_RESET_LATER ? TLSFO_REASON_RESET_LATER : TLSFO_REASON_NONE;
}

struct race_verdict verdict_on_race(const struct race *race, int64_t now_us, bool without)
{
	const struct race_attempt *winner = &race->attempts[race->winner];
	struct race_verdict verdict = {0};
	enum tlsfo_reason elsewhere = TLSFO_REASON_NONE;

	if (!without || winner->remembered)
		return verdict;
	for (size_t i = 0; i < race->attempt_count; i++) {
		const struct race_attempt *attempt = &race->attempts[i];
		enum tlsfo_reason reason = why_not(attempt);

		if (reason == TLSFO_REASON_NONE)
			continue;
		if (attempt->address != winner->address) {
			elsewhere = reason;
			continue;
		}
		verdict.fell_back = reason;
		verdict.refuted = winner->mode == RACE_PLAIN;
		if (reason == TLSFO_REASON_SILENT) {
			/* An attempt counts as silent when its grace time is over, not when a plain one was quicker. */
			verdict.refuted = verdict.refuted && now_us >= attempt->due_us;
			verdict.silence_us = (uint32_t)now_us - attempt->acknowledged_us;
		}
		return verdict;
	}
	/* A failure at another address says nothing of this one: the other host may be dead. */
	verdict.fell_back = elsewhere;
	return verdict;
}

/*
 * True when the path is to blame, and not the server. @answer_us is the time from the plain SYN-ACK to the server's
 * first byte, or -1. A server that is slow looks like a path that is silent after the SYN: unless the plain
 * connection was answered in less than half the time that the other one had waited, the other one might have been
 * answered as well. A server that resets every connection looks like a path that resets fast open.
 */
static bool is_path(const struct race_verdict *race, int64_t answer_us)
{
	if (race->fell_back == TLSFO_REASON_SILENT)
		return answer_us >= 0 && 2 * answer_us <= race->silence_us;
	return race->fell_back != TLSFO_REASON_RESET_LATER || answer_us >= 0;
}

struct path_verdict verdict_on_path(const struct race_verdict *race, const struct path_facts *facts)
{
	struct path_verdict verdict = {0};
	int64_t answer_us = facts->won->answered_us < 0
				    ? -1
				    : facts->won->answered_us - facts->won->connected_us;

	if (race->refuted && is_path(race, answer_us))
		verdict.fast_open = PATH_FAILS;
	else if (facts->tcp.syn_data_acknowledged && facts->ready)
		verdict.fast_open = PATH_CARRIES;
	if (facts->ready && facts->reconnected == TLSFO_RECONNECT_EARLY_DATA_SWALLOWED)
		verdict.early_data = PATH_FAILS;
	else if (facts->ready && facts->early_data == TLSFO_EARLY_DATA_ACCEPTED)
		verdict.early_data = PATH_CARRIES;
	return verdict;
}

bool verdict_flight_was_seen(const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (attempts[i].flight_sent > 0 || attempts[i].syn_bytes != 0 ||
			attempts[i].connected_us >= 0)
			return true;
	return false;
}

enum tlsfo_reconnect verdict_on_failure(const struct failure_facts *facts)
{
	/* The server may have closed before it saw our Finished, and so before the data that it rejected came
	 * again. */
	bool early_data_lost = facts->early_data == TLSFO_EARLY_DATA_UNKNOWN ||
			       facts->early_data == TLSFO_EARLY_DATA_REJECTED;

	if (facts->reconnected != TLSFO_RECONNECT_NONE || facts->late)
		return TLSFO_RECONNECT_NONE;
	/* Where another connection takes the place of this one, nothing has left that must not be sent twice. */
	if (facts->code == TLSFO_E_PATH_SWALLOWS ? !facts->replaceable : !early_data_lost)
		return TLSFO_RECONNECT_NONE;
	switch (facts->code) {
	case TLSFO_E_HELLO_RETRIED:
		return TLSFO_RECONNECT_HELLO_RETRIED;
	case TLSFO_E_PATH_SWALLOWS:
		return facts->hello_swallowed ? TLSFO_RECONNECT_EARLY_DATA_SWALLOWED
					      : TLSFO_RECONNECT_PATH_SWALLOWS;
	/* A server may accept a connection with early data and reset it before we see that it was connected. */
	case TLSFO_E_NOT_CONNECTED:
		for (size_t i = 0; i < facts->attempt_count; i++)
			if (facts->attempts[i].error == ECONNRESET ||
				facts->attempts[i].error == EPIPE)
				return TLSFO_RECONNECT_CONNECTION_LOST;
		return TLSFO_RECONNECT_NONE;
	case GNUTLS_E_PUSH_ERROR:
	case GNUTLS_E_PULL_ERROR:
	case GNUTLS_E_PREMATURE_TERMINATION:
		return TLSFO_RECONNECT_CONNECTION_LOST;
	/* A second connection would fare no better. */
	case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
	case GNUTLS_E_MEMORY_ERROR:
	case GNUTLS_E_TIMEDOUT:
	case TLSFO_E_INVALID_FILE:
	case TLSFO_E_INVALID_STORAGE:
	case TLSFO_E_FLIGHT_TOO_LARGE:
	case TLSFO_E_SYSTEM:
		return TLSFO_RECONNECT_NONE;
	/* Servers that have gone back to TLS 1.2, or trip over early data, say so in many ways (RFC
	 * 8446 §4.2.10, §D.3). */
	default:
		return TLSFO_RECONNECT_HANDSHAKE_FAILED;
	}
}
