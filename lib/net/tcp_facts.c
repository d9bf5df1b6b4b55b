/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tcp_facts.h"

#include <stddef.h>
#include <sys/socket.h>

/* The structure as the kernel has it, because that of glibc lacks tcpi_fastopen_client_fail. The
 * two headers exclude each other, so this file does not include <netinet/tcp.h>. */
#include <linux/tcp.h>

/* Kernels before 4.6 (this field), 4.18 (the second) or 4.19 (the third) fill less of the structure. */
#define SEGMENTS_END  offsetof(struct tcp_info, tcpi_delivery_rate)
#define DELIVERED_END offsetof(struct tcp_info, tcpi_delivered_ce)
#define SENT_END      offsetof(struct tcp_info, tcpi_bytes_retrans)
#define RETRANS_END   offsetof(struct tcp_info, tcpi_dsack_dups)
/* tcpi_fastopen_client_fail shares its byte with a field of 4.9 and came with 5.5; the fields after
 * tcpi_bytes_retrans that came with 4.20 and 5.5 tell it from earlier ones. */
#define FAIL_KNOWN_END offsetof(struct tcp_info, tcpi_snd_wnd)

static enum tcp_phase phase_of(unsigned char state)
{
	/* The numbers of the kernel's TCP states are part of its interface; only glibc's header
	 * names them. */
	enum { ESTABLISHED = 1, SYN_SENT = 2, SYN_RECV = 3, CLOSE = 7, LISTEN = 10 };

	if (state == SYN_SENT || state == SYN_RECV)
		return TCP_PHASE_CONNECTING;
	if (state == CLOSE)
		return TCP_PHASE_CLOSED;
	if (state == LISTEN)
		return TCP_PHASE_LISTENING;
	return state >= ESTABLISHED ? TCP_PHASE_CONNECTED : TCP_PHASE_UNKNOWN;
}

int tcp_facts_read(int fd, struct tcp_facts *ret_facts)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return -1;
	enum tcp_phase phase = phase_of(info.tcpi_state);
	*ret_facts = (struct tcp_facts){
		.phase = phase,
		/* The first round-trip time is that of the SYN and its SYN-ACK. */
		.was_connected = phase == TCP_PHASE_CONNECTED ||
				 (phase == TCP_PHASE_CLOSED && info.tcpi_rtt > 0),
		.syn_data_acknowledged = (info.tcpi_options & TCPI_OPT_SYN_DATA) != 0,
		.fail = len >= FAIL_KNOWN_END
				? (enum tcp_fastopen_fail)info.tcpi_fastopen_client_fail
				: TCP_FASTOPEN_FAIL_UNKNOWN,
		/* A bare SYN counts as a retransmission of no bytes. */
		.syn_retransmitted = len >= RETRANS_END && info.tcpi_total_retrans > 0 &&
				     info.tcpi_bytes_retrans == 0,
		.segments_sent = len >= SEGMENTS_END ? (int64_t)info.tcpi_segs_out : -1,
		.rtt_us = info.tcpi_rtt > 0 ? (int64_t)info.tcpi_rtt : -1,
		.bytes_sent = len >= SENT_END ? (int64_t)info.tcpi_bytes_sent : -1,
		.bytes_retransmitted = len >= RETRANS_END ? (int64_t)info.tcpi_bytes_retrans : -1,
		.bytes_waiting = len >= SEGMENTS_END ? (int64_t)info.tcpi_notsent_bytes : -1,
		.rto_us = info.tcpi_backoff < 32 ? (int64_t)info.tcpi_rto >> info.tcpi_backoff : 0,
		/* A SYN with data counts as one delivery. */
		.follow_up_acknowledged = len < DELIVERED_END || info.tcpi_delivered > 1,
		/* The SYN counts as one byte. */
		.payload_acknowledged = len < SEGMENTS_END || info.tcpi_bytes_acked > 1,
		.timeouts = info.tcpi_retransmits,
		.data_segments = len >= SEGMENTS_END ? (int64_t)info.tcpi_data_segs_out : -1,
	};
	return 0;
}
