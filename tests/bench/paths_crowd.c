/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Many visits, some of them at once, each in a thread that waits:
 *
 *	bench-paths-crowd KIND CA-FILE HOST PORT COUNT AT-ONCE
 *
 * Kinds: "ordinary" and "safe" send first data, marked or not, and remember nothing. "early" has a
 * cookie and a ticket for every visit. "again" knows the path from a visit before.
 *
 * Prints "ready N" after N visits that prepare the others, waits for a line, and then prints for each
 * visit its number and the line of numbers that paths_crowd.h describes. Every visit sends its first
 * data, reads the response, asks a second time, and reads to the end: what came twice would be
 * answered twice.
 */

#include "paths_fetch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 64, CLOSE_MS = 1000, TRIES = 5 };

struct crowd {
	const char *ca;
	const char *host;
	const char *port;
	unsigned int count;
	unsigned int lanes;
	unsigned int flags;
	bool early;
	bool again;
	pthread_mutex_t lock; /* of what follows */
	unsigned int next;
	unsigned int prepared;
};

struct lane {
	struct crowd *crowd;
	struct tlsfo_config *config;
	struct tlsfo_store *store;
};

struct result {
	int code;
	unsigned int port;
	unsigned int responses;
	enum tlsfo_early_data early;
	enum tlsfo_reconnect reconnected;
};

static int converse(struct lane *lane, struct tlsfo_conn *conn, const char *name,
	struct paths_responses *responses)
{
	char request[256];
	char end[64];
	int ret = paths_read(conn, 1, responses);

	if (ret != 0)
		return ret;
	snprintf(end, sizeof(end), "%s.end", name);
	int len = paths_request(request, sizeof(request), lane->crowd->host, end, true);
	ssize_t n =
		tlsfo_conn_write(conn, request, (size_t)len, tlsfo_deadline_in(PATHS_DEADLINE_MS));

	if (n != len)
		return n < 0 ? (int)n : GNUTLS_E_TIMEDOUT;
	return paths_read(conn, 0, responses);
}

static struct result visit(struct lane *lane, const char *name)
{
	const struct crowd *crowd = lane->crowd;
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	struct paths_responses responses = {0};
	struct tlsfo_conn *conn = NULL;
	struct result result = {0};
	char request[256];
	int len = paths_request(request, sizeof(request), crowd->host, name, false);

	result.code = paths_open(
		lane->config, crowd->host, crowd->port, request, (size_t)len, crowd->flags, &conn);
	if (result.code == 0)
		result.code = converse(lane, conn, name, &responses);
	if (result.code != 0)
		fprintf(stderr, "%s: %s: %s\n", name, tlsfo_strerror(result.code),
			tlsfo_conn_error(conn));
	/* A path that swallows may have made it another one after it was open. */
	result.port = conn != NULL ? paths_local_port(conn) : 0;
	result.responses = responses.whole;
	if (conn != NULL && tlsfo_conn_get_report(conn, &report) == 0) {
		result.early = report.early_data;
		result.reconnected = report.reconnected;
	}
	tlsfo_conn_close(conn, tlsfo_deadline_in(CLOSE_MS));
	return result;
}

/* ------------------------------------------------------------------------- what they need -- */

static int count_ticket(const struct tlsfo_store_entry *entry, void *userdata)
{
	unsigned int *tickets = userdata;

	*tickets += entry->kind == TLSFO_STORE_TICKET;
	return 0;
}

static bool has_ticket(struct lane *lane)
{
	unsigned int tickets = 0;

	return tlsfo_store_list(lane->store, count_ticket, &tickets) == 0 && tickets > 0;
}

/* A visit that counts for nothing but what it brings. */
static void prepare(struct lane *lane)
{
	struct crowd *crowd = lane->crowd;

	(void)visit(lane, "before");
	pthread_mutex_lock(&crowd->lock);
	crowd->prepared++;
	pthread_mutex_unlock(&crowd->lock);
}

static void prepare_early(struct lane *lane)
{
	for (int i = 0; i < TRIES && lane->crowd->early && !has_ticket(lane); i++)
		prepare(lane);
}

/* ----------------------------------------------------------------------------------- lanes -- */

static bool take_number(struct crowd *crowd, unsigned int *ret_number)
{
	pthread_mutex_lock(&crowd->lock);
	bool any = crowd->next < crowd->count;
	*ret_number = crowd->next;
	crowd->next += any;
	pthread_mutex_unlock(&crowd->lock);
	return any;
}

static void *run_lane(void *argument)
{
	struct lane *lane = argument;
	unsigned int number;

	while (take_number(lane->crowd, &number)) {
		char name[16];

		prepare_early(lane);
		snprintf(name, sizeof(name), "%u", number);
		struct result result = visit(lane, name);

		/* One call of stdio a line: they do not mix. */
		printf("%u %d %u %u %d %d\n", number, result.code, result.port, result.responses,
			(int)result.early, (int)result.reconnected);
	}
	return NULL;
}

/* Threads of a lane each have a store of their own where tickets matter, and otherwise one together. */
static void begin(struct crowd *crowd, struct lane *lanes)
{
	const struct paths_config wanted = {
		.ca = crowd->ca,
		.memory = crowd->early || crowd->again,
		.mode = crowd->early ? TLSFO_USE_FAST_OPEN_ALWAYS : TLSFO_USE_FAST_OPEN_AUTO,
	};

	for (unsigned int i = 0; i < crowd->lanes; i++) {
		lanes[i] = (struct lane){.crowd = crowd};
		if (i == 0 || crowd->early) {
			lanes[i].config = paths_config_new(&wanted, &lanes[i].store);
			continue;
		}
		lanes[i].config = lanes[0].config;
		lanes[i].store = lanes[0].store;
	}
	if (crowd->again)
		prepare(&lanes[0]);
	for (unsigned int i = 0; i < crowd->lanes; i++)
		prepare_early(&lanes[i]);
}

static void end(const struct crowd *crowd, struct lane *lanes)
{
	for (unsigned int i = 0; i < crowd->lanes; i++) {
		if (i > 0 && !crowd->early)
			break;
		tlsfo_config_free(lanes[i].config);
		tlsfo_store_free(lanes[i].store);
	}
}

static int run(struct crowd *crowd)
{
	struct lane lanes[LANES] = {{.crowd = NULL}};
	pthread_t threads[LANES];
	unsigned int started = 0;

	begin(crowd, lanes);
	printf("ready %u\n", crowd->prepared);
	fflush(stdout);
	if (getchar() == EOF)
		return 1;
	while (started < crowd->lanes &&
		pthread_create(&threads[started], NULL, run_lane, &lanes[started]) == 0)
		started++;
	for (unsigned int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	end(crowd, lanes);
	return started == crowd->lanes ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc != 7)
		return 2;
	bool marked = strcmp(argv[1], "ordinary") != 0;
	struct crowd crowd = {
		.ca = argv[2],
		.host = argv[3],
		.port = argv[4],
		.count = (unsigned int)strtoul(argv[5], NULL, 10),
		.lanes = (unsigned int)strtoul(argv[6], NULL, 10),
		.flags = marked ? TLSFO_FIRST_DATA_REPLAYABLE : 0,
		.early = strcmp(argv[1], "early") == 0,
		.again = strcmp(argv[1], "again") == 0,
	};

	if (crowd.lanes == 0 || crowd.lanes > LANES || pthread_mutex_init(&crowd.lock, NULL) != 0)
		return 2;
	return run(&crowd);
}
