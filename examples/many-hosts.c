/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opens connections to all hosts that standard input names, "HOST PORT" on each line, in one poll(2) loop, and prints
 * what became of each.
 *
 *	many-hosts [CAFILE] <LIST
 */
#include <poll.h>
#include <stdio.h>
#include <tlsfo/tlsfo.h>

#define HOSTS_MOST 1000

static struct tlsfo_conn *conns[HOSTS_MOST];
static struct pollfd awaited[HOSTS_MOST];

/* Begins a connection for each line. Returns how many there are. */
static nfds_t begin_all(struct tlsfo_config *config)
{
	char host[TLSFO_HOST_SIZE];
	char service[32];
	nfds_t count = 0;

	while (count < HOSTS_MOST && scanf("%255s %31s", host, service) == 2)
		if (tlsfo_conn_new(config, host, service, &conns[count]) == 0 &&
			tlsfo_conn_begin(conns[count], tlsfo_deadline_in(10000)) == 0)
			count++;
	return count;
}

/* Waits for the events of all connections, or until one of them has something to do. */
static void wait_for_any(nfds_t count)
{
	int64_t due = TLSFO_NEVER;

	for (nfds_t i = 0; i < count; i++) {
		int64_t at = tlsfo_conn_deadline(conns[i]);

		awaited[i].fd = conns[i] != NULL ? tlsfo_conn_fd(conns[i]) : -1;
		awaited[i].events = tlsfo_conn_events(conns[i]);
		if (at != TLSFO_NEVER && (due == TLSFO_NEVER || at < due))
			due = at;
	}
	int64_t ms = due == TLSFO_NEVER ? -1 : due - tlsfo_now();
	poll(awaited, count, due != TLSFO_NEVER && ms < 0 ? 0 : (int)ms);
}

static void finish(struct tlsfo_conn *conn)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	char line[1024];

	if (tlsfo_conn_get_report(conn, &report) == 0 &&
		tlsfo_report_line(&report, line, sizeof(line)) > 0)
		printf("%s\n", line);
	tlsfo_conn_close(conn, TLSFO_NOW);
}

int main(int argc, char **argv)
{
	struct tlsfo_config *config;
	int failed = 0;

	if (tlsfo_config_new(&config) < 0 ||
		(argc > 1 && tlsfo_config_set_ca_file(config, argv[1]) < 0))
		return 2;
	nfds_t count = begin_all(config);
	for (nfds_t left = count; left > 0;) {
		wait_for_any(count);
		for (nfds_t i = 0; i < count; i++) {
			if (conns[i] == NULL)
				continue;
			int64_t due = tlsfo_conn_deadline(conns[i]);
			if (awaited[i].revents == 0 && (due == TLSFO_NEVER || due > tlsfo_now()))
				continue;
			int ret = tlsfo_conn_advance(conns[i]);
			if (ret == GNUTLS_E_AGAIN)
				continue;
			failed |= ret < 0;
			finish(conns[i]);
			conns[i] = NULL;
			left--;
		}
	}
	tlsfo_config_free(config);
	return failed;
}
