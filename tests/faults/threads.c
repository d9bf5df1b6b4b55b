/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Threads share one configuration and one store: they resolve, connect, prime, list and forget at once, in
 * every order. Each connection is verified, and everything that is kept stays whole. ThreadSanitizer looks at
 * it in a build with -Db_sanitize=thread.
 */

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/program.h"
#include "support/tree.h"

#define THREADS 6
#define LINE	"is anybody there?\n"

struct worker {
	pthread_t thread;
	struct tlsfo_config *config;
	struct tlsfo_store *store;
	char service[8];
	unsigned int number;
	unsigned int rounds;
	unsigned int resumed;
	const char *wrong; /* the first thing */
	int code;
};

static void note(struct worker *worker, int code, const char *what)
{
	if (worker->wrong != NULL)
		return;
	worker->wrong = what;
	worker->code = code;
}

/* Without cmocka, which knows one thread only. */
static int echo(struct tlsfo_conn *conn)
{
	const int64_t deadline = tlsfo_deadline_in(CLIENT_PATIENCE_MS);
	char answer[sizeof(LINE)] = "";
	size_t got = 0;
	ssize_t n = tlsfo_conn_write(conn, LINE, strlen(LINE), deadline);

	while (n > 0 && got < strlen(LINE)) {
		n = tlsfo_conn_read(conn, answer + got, strlen(LINE) - got, deadline);
		got += n > 0 ? (size_t)n : 0;
	}
	if (n > 0)
		return strcmp(answer, LINE) == 0 ? 0 : GNUTLS_E_INTERNAL_ERROR;
	return n == 0 ? GNUTLS_E_PREMATURE_TERMINATION : (int)n;
}

static void visit(struct worker *worker)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	struct tlsfo_conn *conn = NULL;
	int ret = client_reach(worker->config, "localhost", worker->service,
		tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn);

	if (ret == 0)
		ret = echo(conn);
	if (ret == 0)
		ret = tlsfo_conn_get_report(conn, &report);
	if (ret == 0 && !report.verified)
		ret = GNUTLS_E_CERTIFICATE_ERROR;
	worker->resumed += report.resumed != 0;
	if (ret != 0)
		note(worker, ret, "visit");
	tlsfo_conn_free(conn);
}

static void prime(struct worker *worker)
{
	struct tlsfo_conn *conn = NULL;
	int ret = client_prime(worker->config, "localhost", worker->service,
		tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn);

	if (ret < 0)
		note(worker, ret, "prime");
	tlsfo_conn_free(conn);
}

static int see(const struct tlsfo_store_entry *entry, void *userdata)
{
	unsigned int *count = userdata;

	*count += entry->host != NULL;
	return 0;
}

static void look_after_store(struct worker *worker, unsigned int round)
{
	unsigned int count = 0;
	int ret = tlsfo_store_list(worker->store, see, &count);

	if (ret == 0 && round % 4 == 3)
		ret = tlsfo_store_forget(worker->store, "localhost", 0);
	if (ret < 0)
		note(worker, ret, "store");
}

static void *work(void *arg)
{
	struct worker *worker = arg;

	for (unsigned int i = 0; i < worker->rounds && worker->wrong == NULL; i++) {
		visit(worker);
		if ((i + worker->number) % 3 == 0)
			prime(worker);
		if ((i + worker->number) % 2 == 0)
			look_after_store(worker, i);
	}
	return NULL;
}

static void run(struct tlsfo_store *store)
{
	struct tlsfo_config *config = client_config_default();
	struct worker workers[THREADS] = {0};
	unsigned int resumed = 0;
	struct program server;

	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	program_gnutls_serv(&server, NULL);
	for (unsigned int i = 0; i < THREADS; i++) {
		struct worker *worker = &workers[i];

		worker->config = config;
		worker->store = store;
		worker->number = i;
		worker->rounds = getenv("TLSFO_TEST_LONG") != NULL ? 100 : 8;
		snprintf(worker->service, sizeof(worker->service), "%u", server.port);
		assert_int_equal(pthread_create(&worker->thread, NULL, work, worker), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		if (workers[i].wrong != NULL)
			fail_msg("%s: %s", workers[i].wrong, tlsfo_strerror(workers[i].code));
		resumed += workers[i].resumed;
	}
	/* Tickets were shared, or this would prove little. */
	assert_true(resumed > 0);
	tlsfo_config_free(config);
	program_stop(&server);
}

static void with_a_store_in_memory(void **state)
{
	struct tlsfo_store *store = NULL;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	run(store);
	tlsfo_store_free(store);
}

static void with_a_store_in_a_directory(void **state)
{
	char dir[] = "/tmp/tlsfo-threads-XXXXXX";
	struct tlsfo_store *store = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(tlsfo_store_open(dir, NULL, 0, &store), 0);
	run(store);
	tlsfo_store_free(store);
	assert_int_equal(tree_remove(dir), 0);
}

static void *end_at_once(void *arg)
{
	return arg;
}

int main(void)
{
	pthread_t first;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_a_store_in_memory),
		cmocka_unit_test(with_a_store_in_a_directory),
	};

	program_need("gnutls-serv");
	/* From the first thread on ThreadSanitizer has one of its own, which stays. */
	if (pthread_create(&first, NULL, end_at_once, NULL) != 0 || pthread_join(first, NULL) != 0)
		suite_abort("no thread can be started");
	return suite_run("threads share all there is to share", tests, suite_length(tests));
}
