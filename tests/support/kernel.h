/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_KERNEL_H
#define SUPPORT_KERNEL_H

/*
 * What the kernel says of a connection, asked without tlsfo. Everything here ends the test when the
 * kernel does not answer.
 */

#include <stdbool.h>
#include <stdint.h>

/* tcpi_fastopen_client_fail (linux/tcp.h). */
enum kernel_fail {
	KERNEL_FAIL_NONE = 0,
	KERNEL_FAIL_NO_COOKIE = 1,
	KERNEL_FAIL_DATA_NOT_ACKED = 2,
	KERNEL_FAIL_SYN_RETRANSMITTED = 3
};

struct kernel_facts {
	bool connecting;  /* SYN-SENT */
	bool established; /* connected and not yet closing */
	bool syn_data;	  /* TCPI_OPT_SYN_DATA: the SYN-ACK covered the data of the SYN */
	enum kernel_fail fail;
	uint64_t bytes_sent; /* payload, without what was sent again */
};

struct kernel_facts kernel_facts(int fd);

/* Gets a fast-open cookie for the loopback address of @family, with a listener of its own. */
void kernel_fetch_cookie(int family);

#endif
