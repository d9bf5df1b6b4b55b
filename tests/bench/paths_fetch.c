/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "paths_fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "server.h"

static const char blank_line[] = "\r\n\r\n";

static void check(int ret, const char *what)
{
	if (ret == 0)
		return;
	fprintf(stderr, "%s: %s\n", what, tlsfo_strerror(ret));
	exit(2);
}

struct tlsfo_config *paths_config_new(
	const struct paths_config *wanted, struct tlsfo_store **ret_store)
{
	struct tlsfo_config *config = NULL;
	struct tlsfo_store *store = NULL;

	check(tlsfo_config_new(&config), "config");
	check(tlsfo_config_set_ca_file(config, wanted->ca), wanted->ca);
	check(tlsfo_config_set_fast_open(config, wanted->mode), "mode");
	if (wanted->store != NULL)
		check(tlsfo_store_open(wanted->store, NULL, 0, &store), wanted->store);
	else if (wanted->memory)
		check(tlsfo_store_new(&store), "store");
	check(tlsfo_config_set_store(config, store), "store");
	check(tlsfo_config_load(config), wanted->ca);
	*ret_store = store;
	return config;
}

int paths_request(char *buf, size_t size, const char *host, const char *name, bool last)
{
	return snprintf(buf, size, "GET /?%s HTTP/1.1\r\nHost: %s\r\n%s\r\n", name, host,
		last ? "Connection: close\r\n" : "");
}

static void feed(struct paths_responses *responses, char byte)
{
	if (responses->body > 0) {
		responses->whole += --responses->body == 0;
		return;
	}
	if (byte != blank_line[responses->end])
		responses->end = byte == blank_line[0];
	else
		responses->end++;
	if (blank_line[responses->end] == '\0') {
		responses->body = SERVER_PAGE;
		responses->end = 0;
	}
}

int paths_open(struct tlsfo_config *config, const char *host, const char *port, const void *data,
	size_t len, unsigned int flags, struct tlsfo_conn **ret_conn)
{
	int ret = tlsfo_conn_new(config, host, port, ret_conn);

	if (ret == 0)
		ret = tlsfo_conn_set_first_data(*ret_conn, data, len, flags, NULL);
	return ret == 0 ? tlsfo_conn_open(*ret_conn, tlsfo_deadline_in(PATHS_DEADLINE_MS)) : ret;
}

int paths_read(struct tlsfo_conn *conn, unsigned int wanted, struct paths_responses *responses)
{
	int64_t deadline = tlsfo_deadline_in(PATHS_DEADLINE_MS);
	char buf[4096];

	while (wanted == 0 || responses->whole < wanted) {
		ssize_t n = tlsfo_conn_read(conn, buf, sizeof(buf), deadline);

		if (n < 0 || (n == 0 && wanted > 0))
			return n < 0 ? (int)n : GNUTLS_E_PREMATURE_TERMINATION;
		if (n == 0)
			return 0;
		for (ssize_t i = 0; i < n; i++)
			feed(responses, buf[i]);
	}
	return 0;
}

uint64_t paths_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

unsigned int paths_local_port(const struct tlsfo_conn *conn)
{
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} address = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t len = sizeof(address);

	if (getsockname(tlsfo_conn_fd(conn), &address.any, &len) < 0)
		return 0;
	if (address.any.sa_family == AF_INET)
		return ntohs(address.ipv4.sin_port);
	return address.any.sa_family == AF_INET6 ? ntohs(address.ipv6.sin6_port) : 0;
}
