/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * net/tcp_facts and race/verdict: TCP_INFO of any length, as kernels of other ages give it, and of any
 * content. Numbers of 32 bits are known and not below 0, or -1; the verdict has a name. The input is a byte
 * for what else is known, and the bytes that the kernel fills.
 */

#include <string.h>
#include <sys/socket.h>

#include "fuzz/target.h"
#include "net/tcp_facts.h"
#include "race/verdict.h"

static const uint8_t *kernel;
static size_t kernel_len;

/* In place of the C library's. */
int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	(void)fd;
	(void)level;
	(void)name;
	if (*len > kernel_len)
		*len = (socklen_t)kernel_len;
	memcpy(value, kernel, *len);
	return 0;
}

static void check_verdict(const struct tcp_facts *facts, uint8_t more)
{
	const struct attempt attempt = {
		.sent = (more & 1) != 0,
		.plain = (more & 2) == 0,
		.syn_bytes = (more & 4) != 0 ? -1 : (more & 8) * 100,
		.cookie_known = (more >> 4) % 3 - 1,
	};
	struct syn_verdict verdict = verdict_on_syn(&attempt, facts, (more >> 6) % 3 - 1);

	promise(verdict.syn_bytes >= -1);
	promise(strlen(tlsfo_fast_open_name(verdict.fast_open)) > 0);
	promise(tlsfo_reason_text(verdict.reason) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcp_facts facts;

	if (size < 1)
		return 0;
	kernel = data + 1;
	kernel_len = size - 1;
	promise(tcp_facts_read(0, &facts) == 0);
	promise(facts.phase >= TCP_PHASE_UNKNOWN && facts.phase <= TCP_PHASE_LISTENING);
	promise(facts.fail >= TCP_FASTOPEN_FAIL_UNKNOWN &&
		facts.fail <= TCP_FASTOPEN_FAIL_SYN_RETRANSMITTED);
	promise(facts.segments_sent >= -1 && facts.rtt_us >= -1);
	promise(facts.bytes_waiting >= -1 && facts.data_segments >= -1);
	check_verdict(&facts, data[0]);
	return 0;
}
