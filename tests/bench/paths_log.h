/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_PATHS_LOG_H
#define TLSFO_BENCH_PATHS_LOG_H

/* What has reached the server, by its own word. */

/* How often the request of this name did, from this port, or from any if it is 0. −1: nobody knows. */
long paths_log_count(const char *directory, const char *name, unsigned int port);

#endif
