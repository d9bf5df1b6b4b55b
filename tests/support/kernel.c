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

/* A socket on a loopback port that no test gets by itself: a capture tells connections by their ports. */
static int fixed_socket(int family, uint16_t port, struct sockaddr_storage *ret_address)
{
	int fd = net_socket(family, true);
	socklen_t len = net_loopback(family, port, ret_address);

	assert_int_equal(bind(fd, (struct sockaddr *)ret_address, len), 0);
	return fd;
}

void kernel_fetch_cookie(int family)
{
	enum { BELOW_EPHEMERAL = 20000, QUEUE = 8 };
	static uint16_t port = BELOW_EPHEMERAL;
	const int queue = QUEUE;
	struct sockaddr_storage own;
	struct sockaddr_storage address;
	int fd = fixed_socket(family, port++, &own);
	int listener = fixed_socket(family, port++, &address);
	socklen_t len = net_loopback(family, (uint16_t)(port - 1), &address);

	assert_int_equal(setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)), 0);
	assert_int_equal(listen(listener, QUEUE), 0);
	assert_int_equal(sendto(fd, "", 0, MSG_FASTOPEN, (struct sockaddr *)&address, len), 0);
	assert_true(kernel_facts(fd).established);
	close(fd);
	close(listener);
}
