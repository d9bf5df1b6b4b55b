/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tlsfo_conn_cancel() ends whatever waits, from another thread and from a signal handler, at once and not at the
 * deadline; also where no descriptor is left to wake by. What needs no waiting still works.
 */

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

enum { DELAY_US = 100000 };

static struct tlsfo_conn *cancelled;

static void *cancel_later(void *arg)
{
	usleep(DELAY_US);
	tlsfo_conn_cancel(arg);
	return NULL;
}

static void on_alarm(int number)
{
	(void)number;
	tlsfo_conn_cancel(cancelled);
}

static void alarm_later(struct tlsfo_conn *conn)
{
	const struct itimerval once = {.it_value = {.tv_usec = DELAY_US}};
	const struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};

	cancelled = conn;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &once, NULL), 0);
}

static struct tlsfo_conn *make(struct tlsfo_config *config, uint16_t port)
{
	struct tlsfo_conn *conn = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", (unsigned int)port);
	assert_int_equal(tlsfo_conn_new(config, "localhost", service, &conn), 0);
	return conn;
}

static void check_end(struct tlsfo_conn *conn, ssize_t ret, int64_t before)
{
	assert_int_equal(ret, TLSFO_E_CANCELLED);
	assert_true(tlsfo_now() - before < CLIENT_PATIENCE_MS / 2);
	assert_non_null(strstr(tlsfo_conn_error(conn), "cancelled"));
	assert_int_equal(client_report(conn).error, TLSFO_E_CANCELLED);
}

/* The server takes the connection and says nothing. */
static void while_opening(void **state)
{
	bool by_signal = *state != NULL;
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	pthread_t thread;

	peer_start(&peer, &(struct peer_options){.family = AF_INET, .no_tls = true}, peer_mute);
	struct tlsfo_conn *conn = make(config, peer.port);
	int64_t before = tlsfo_now();
	if (by_signal)
		alarm_later(conn);
	else
		assert_int_equal(pthread_create(&thread, NULL, cancel_later, conn), 0);
	int ret = tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS));
	if (!by_signal)
		assert_int_equal(pthread_join(thread, NULL), 0);
	check_end(conn, ret, before);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void while_reading(void **state)
{
	bool by_signal = *state != NULL;
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	pthread_t thread;
	char buf[1];

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	struct tlsfo_conn *conn = make(config, peer.port);
	assert_int_equal(tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	client_echo(conn);
	int64_t before = tlsfo_now();
	if (by_signal)
		alarm_later(conn);
	else
		assert_int_equal(pthread_create(&thread, NULL, cancel_later, conn), 0);
	ssize_t n = tlsfo_conn_read(conn, buf, sizeof(buf), tlsfo_deadline_in(CLIENT_PATIENCE_MS));
	if (!by_signal)
		assert_int_equal(pthread_join(thread, NULL), 0);
	check_end(conn, n, before);
	/* A second one ends at once, and closing waits for nothing. */
	check_end(conn,
		tlsfo_conn_read(conn, buf, sizeof(buf), tlsfo_deadline_in(CLIENT_PATIENCE_MS)),
		before);
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	assert_true(tlsfo_now() - before < CLIENT_PATIENCE_MS / 2);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void before_it_begins(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = make(config, 443);

	(void)state;
	tlsfo_conn_cancel(conn);
	check_end(conn, tlsfo_conn_open(conn, TLSFO_NEVER), tlsfo_now());
	assert_int_equal(client_report(conn).attempt_count, 0);
	tlsfo_conn_free(conn);
	/* A loop that wakes itself. */
	conn = make(config, 443);
	assert_int_equal(tlsfo_conn_begin(conn, TLSFO_NEVER), 0);
	tlsfo_conn_cancel(conn);
	check_end(conn, tlsfo_conn_advance(conn), tlsfo_now());
	assert_int_equal(tlsfo_conn_advance(conn), TLSFO_E_CANCELLED);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

static void without_descriptors(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct rlimit limit;
	struct peer peer;
	char buf[1];

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	struct tlsfo_conn *conn = NULL;
	char service[8];
	snprintf(service, sizeof(service), "%u", (unsigned int)peer.port);
	assert_int_equal(client_begin(config, "127.0.0.1", service, NULL, 0, 0,
				 tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn),
		0);
	while (tlsfo_conn_advance(conn) == GNUTLS_E_AGAIN)
		continue;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	const struct rlimit none = {.rlim_cur = 3, .rlim_max = limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int64_t before = tlsfo_now();
	alarm_later(conn);
	ssize_t n = tlsfo_conn_read(conn, buf, sizeof(buf), tlsfo_deadline_in(CLIENT_PATIENCE_MS));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	check_end(conn, n, before);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	static bool by_signal;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_opening),
		{"while opening, by a signal", while_opening, NULL, NULL, &by_signal},
		cmocka_unit_test(while_reading),
		{"while reading, by a signal", while_reading, NULL, NULL, &by_signal},
		cmocka_unit_test(before_it_begins),
		cmocka_unit_test(without_descriptors),
	};

	return suite_run("waiting calls can be cancelled", tests, suite_length(tests));
}
