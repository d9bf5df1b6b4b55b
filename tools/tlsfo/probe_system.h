/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_PROBE_SYSTEM_H
#define TLSFO_COMMAND_PROBE_SYSTEM_H

#include <stdint.h>

/* What this system says of fast open for clients; -1 is unknown. */
struct probe_system {
	int64_t fastopen;	     /* sysctl net.ipv4.tcp_fastopen */
	int client;		     /* its bit 0x1: 1 or 0 */
	int64_t blackhole_timeout_s; /* sysctl net.ipv4.tcp_fastopen_blackhole_timeout_sec; 0: off */
	int64_t blackholes;	     /* how often the system held fast open back since it started */
};

void probe_system_read(struct probe_system *ret_system);

#endif
