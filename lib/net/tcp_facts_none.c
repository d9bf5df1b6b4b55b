/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tcp_facts.h"

#include <errno.h>
#include <sys/socket.h>

/* Without TCP_INFO only the phase can be found out. */
int tcp_facts_read(int fd, struct tcp_facts *ret_facts)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int type = 0;
	socklen_t type_len = sizeof(type);
	int listening = 0;
	socklen_t listening_len = sizeof(listening);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) != 0)
		return -1;
	if (type != SOCK_STREAM) {
		errno = EOPNOTSUPP;
		return -1;
	}
	*ret_facts = (struct tcp_facts){
		.phase = TCP_PHASE_CLOSED,
		.fail = TCP_FASTOPEN_FAIL_UNKNOWN,
		.segments_sent = -1,
		.rtt_us = -1,
		.bytes_sent = -1,
		.bytes_retransmitted = -1,
		.bytes_waiting = -1,
		.data_segments = -1,
		.follow_up_acknowledged = true,
		.payload_acknowledged = true,
	};
	ret_facts->was_connected = getpeername(fd, (struct sockaddr *)&peer, &len) == 0;
	if (ret_facts->was_connected)
		ret_facts->phase = TCP_PHASE_CONNECTED;
	else if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_len) == 0 &&
		 listening != 0)
		ret_facts->phase = TCP_PHASE_LISTENING;
	return 0;
}

int tcp_cookie_known(const struct address *local, const struct address *remote)
{
	(void)local;
	(void)remote;
	return -1;
}
