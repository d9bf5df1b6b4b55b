/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Eight processes make two hundred connections each with one store in a directory, and a third of all
 * processes are killed at random moments: the server sees every ticket once at most, reads every ticket
 * that it sees, and takes the early data of each. What is left in the store afterwards is whole.
 */

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"
#include "support/tree.h"

#define REQUEST	  "how is the weather?\n"
#define PROCESSES 8
/* Each is replaced by another: twelve in all, of which four are killed. */
#define KILLED	 4
#define SEEN_MAX 4096

static const struct early_turn turns[] = {{0}};

struct crowd {
	char dir[64];
	struct peer peer;
	pid_t workers[PROCESSES];
	unsigned int visits; /* of one process */
	unsigned int killed;
	unsigned int done;
	unsigned int seed;
	struct early_seen *seen;
	size_t count;
};

/* ------------------------------------------------------------------------------ a process -- */

static _Noreturn void give_up(struct tlsfo_conn *conn, int code)
{
	fprintf(stderr, "worker: %s: %s\n", tlsfo_strerror(code), tlsfo_conn_error(conn));
	_exit(1);
}

static void visit_once(struct tlsfo_config *config, const char *service)
{
	const int64_t deadline = tlsfo_deadline_in(2 * CLIENT_PATIENCE_MS);
	char answer[sizeof(EARLY_ANSWER)] = "";
	struct tlsfo_conn *conn = NULL;
	size_t got = 0;
	int ret = client_open(config, "127.0.0.1", service, REQUEST, strlen(REQUEST),
		TLSFO_FIRST_DATA_REPLAYABLE, deadline, &conn);

	if (ret != 0)
		give_up(conn, ret);
	while (got < strlen(EARLY_ANSWER)) {
		ssize_t n = tlsfo_conn_read(conn, answer + got, sizeof(answer) - got, deadline);

		if (n <= 0)
			give_up(conn, (int)n);
		got += (size_t)n;
	}
	ret = tlsfo_conn_close(conn, deadline);
	if (ret != 0)
		give_up(NULL, ret);
}

static _Noreturn void work(const struct crowd *crowd)
{
	struct tlsfo_config *config = NULL;
	struct tlsfo_store *store = NULL;
	char service[8];
	int ret = tlsfo_store_open(crowd->dir, NULL, 0, &store);

	snprintf(service, sizeof(service), "%u", crowd->peer.port);
	if (ret == 0)
		ret = tlsfo_config_new(&config);
	if (ret == 0)
		ret = tlsfo_config_set_ca_file(config, CERTS_DIR "/ca.pem");
	if (ret == 0)
		ret = tlsfo_config_set_store(config, store);
	if (ret != 0)
		give_up(NULL, ret);
	for (unsigned int i = 0; i < crowd->visits; i++)
		visit_once(config, service);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	_exit(0);
}

static pid_t start(const struct crowd *crowd)
{
	pid_t parent = getpid();

	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		work(crowd);
	}
	return pid;
}

/* ------------------------------------------------------------------------------- the crowd -- */

static unsigned int random_below(struct crowd *crowd, unsigned int limit)
{
	crowd->seed = crowd->seed * 1103515245 + 12345;
	return (crowd->seed >> 16) % limit;
}

/* A process that is at work, at whatever it does now. */
static void kill_one(struct crowd *crowd)
{
	unsigned int i = random_below(crowd, PROCESSES);

	while (crowd->workers[i] == 0)
		i = (i + 1) % PROCESSES;
	kill(crowd->workers[i], SIGKILL);
	crowd->killed++;
}

static void gather(struct crowd *crowd)
{
	for (size_t i = 0; i < PROCESSES; i++) {
		int status = 0;

		if (crowd->workers[i] == 0 ||
			waitpid(crowd->workers[i], &status, WNOHANG) != crowd->workers[i])
			continue;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
			crowd->workers[i] = start(crowd);
			continue;
		}
		/* Whoever was not killed has done all of its work. */
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		crowd->workers[i] = 0;
		crowd->done++;
	}
}

/* True when the server had something to tell. */
static bool hear(struct crowd *crowd, int timeout_ms)
{
	struct pollfd pfd = {.fd = crowd->peer.test, .events = POLLIN};

	if (poll(&pfd, 1, timeout_ms) <= 0)
		return false;
	assert_true(crowd->count < SEEN_MAX);
	crowd->seen[crowd->count++] = early_hear(&crowd->peer);
	return true;
}

static void run(struct crowd *crowd)
{
	/* A process may end between two words of the server's. */
	enum { LOOK_MS = 20 };
	const unsigned int spread = PROCESSES * crowd->visits / (KILLED + 2);
	size_t next = 1 + random_below(crowd, spread);

	for (size_t i = 0; i < PROCESSES; i++)
		crowd->workers[i] = start(crowd);
	while (crowd->done < PROCESSES) {
		hear(crowd, LOOK_MS);
		if (crowd->killed < KILLED && crowd->count >= next) {
			kill_one(crowd);
			next += 1 + random_below(crowd, spread);
		}
		gather(crowd);
	}
	assert_int_equal(crowd->killed, KILLED);
}

/* ------------------------------------------------------------------------------- the proof -- */

static int by_ticket(const void *a, const void *b)
{
	return memcmp(((const struct early_seen *)a)->ticket,
		((const struct early_seen *)b)->ticket, HELLO_TICKET_SIZE);
}

static bool is_same_hello(const struct early_seen *a, const struct early_seen *b)
{
	return memcmp(a->random, b->random, sizeof(a->random)) == 0;
}

/* Returns how many hellos came once more: when the server lets a connection wait for the grace time, a
 * plain attempt carries the same hello. Another hello has another ticket. */
static size_t check_tickets(struct crowd *crowd)
{
	size_t again = 0;

	qsort(crowd->seen, crowd->count, sizeof(*crowd->seen), by_ticket);
	for (size_t i = 1; i < crowd->count; i++) {
		const struct early_seen *seen = &crowd->seen[i];

		if (!early_has_ticket(seen) || by_ticket(seen - 1, seen) != 0)
			continue;
		if (!is_same_hello(seen - 1, seen))
			fail_msg("a ticket was offered twice");
		again++;
	}
	return again;
}

static void check_seen(struct crowd *crowd)
{
	size_t again = check_tickets(crowd);
	size_t offered = 0, whole = 0, refused = 0;

	for (size_t i = 0; i < crowd->count; i++) {
		const struct early_seen *seen = &crowd->seen[i];

		offered += early_has_ticket(seen);
		/* A killed process may have sent a hello and no more. */
		if (!seen->handshake)
			continue;
		assert_int_equal(seen->resumed, early_has_ticket(seen));
		assert_int_equal(seen->announced, early_has_ticket(seen));
		refused += seen->accepted != seen->announced;
		if (!seen->ended)
			continue;
		early_expect_data(seen, REQUEST, strlen(REQUEST));
		whole++;
	}
	assert_true(whole >= PROCESSES * (size_t)crowd->visits);
	/* The early data of one hello is taken once. */
	assert_in_range(refused, 0, again);
	/* Tickets were used, or this would prove nothing. */
	if (offered < whole / 2)
		fail_msg("only %zu of %zu connections had a ticket", offered, whole);
	print_message(
		"# %zu connections, %zu with a ticket, %zu of them again, %u processes killed\n",
		crowd->count, offered, again, crowd->killed);
}

static int count_entry(const struct tlsfo_store_entry *entry, void *userdata)
{
	if (entry->kind != TLSFO_STORE_TICKET)
		return 0;
	assert_string_equal(entry->host, "127.0.0.1");
	assert_int_equal(entry->tls_version, 0x0304);
	assert_int_equal(entry->max_early_data, 16384);
	(*(unsigned int *)userdata)++;
	return 0;
}

/* What is left serves as many connections; their own tickets are behind it, as the newest are taken
 * first. */
static void check_rest(struct crowd *crowd)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_store *store = NULL;
	unsigned int entries = 0;

	assert_int_equal(tlsfo_store_open(crowd->dir, NULL, 0, &store), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	assert_int_equal(tlsfo_store_list(store, count_entry, &entries), 0);
	assert_true(entries >= 1 && entries <= 4);
	while (crowd->count > 0 && hear(crowd, 0))
		continue;
	for (unsigned int i = 0; i < entries; i++) {
		client_request(config, AF_INET, crowd->peer.port, REQUEST, strlen(REQUEST));
		assert_true(early_hear(&crowd->peer).resumed);
	}
	tlsfo_config_free(config);
	tlsfo_store_free(store);
}

/* valgrind makes everything many times slower. */
static unsigned int visits(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "vgpreload") != NULL ? 15 : 200;
}

static void test(void **state)
{
	struct crowd crowd = {
		.dir = "/tmp/tlsfo-store-XXXXXX",
		.visits = visits(),
		.seed = (unsigned int)getpid(),
		.seen = calloc(SEEN_MAX, sizeof(*crowd.seen)),
	};

	(void)state;
	print_message("# seed %u\n", crowd.seed);
	assert_non_null(crowd.seen);
	assert_non_null(mkdtemp(crowd.dir));
	early_start(&crowd.peer, &(struct early_options){AF_INET, NULL, turns, 1});
	run(&crowd);
	/* The connections that killed processes left behind are told of too. */
	while (hear(&crowd, 200))
		continue;
	check_seen(&crowd);
	check_rest(&crowd);
	peer_stop(&crowd.peer);
	assert_int_equal(tree_remove(crowd.dir), 0);
	free(crowd.seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"eight processes, a third killed", test, NULL, NULL, NULL},
	};

	return suite_run("processes use every ticket once", tests, suite_length(tests));
}
