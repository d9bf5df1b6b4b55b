/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/kernel.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's structure: glibc's <netinet/tcp.h> lacks fields, and the two exclude each other. */
#include <linux/tcp.h>

#include "support/net.h"
#include "support/suite.h"

struct kernel_facts kernel_facts(int fd)
{
	enum { ESTABLISHED = 1, SYN_SENT = 2 };
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	assert_true(len >= offsetof(struct tcp_info, tcpi_dsack_dups));
	return (struct kernel_facts){
		.connecting = info.tcpi_state == SYN_SENT,
		.established = info.tcpi_state == ESTABLISHED,
		.syn_data = (info.tcpi_options & TCPI_OPT_SYN_DATA) != 0,
		.fail = (enum kernel_fail)info.tcpi_fastopen_client_fail,
		.bytes_sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans,
	};
}

void kernel_fetch_cookie(int family)
{
	struct sockaddr_storage address;
	uint16_t port;
	int listener = net_listen(family, true, &port);
	socklen_t len = net_loopback(family, port, &address);
	int fd = net_socket(family, true);

	assert_int_equal(sendto(fd, "", 0, MSG_FASTOPEN, (struct sockaddr *)&address, len), 0);
	assert_true(kernel_facts(fd).established);
	close(fd);
	close(listener);
}
