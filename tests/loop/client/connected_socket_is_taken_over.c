/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * TLS is opened over a socket that the program has connected itself: after STARTTLS, and through a proxy, where it
 * is no TCP socket. Verification, tickets, deadlines and the report are as on a connection of our own; first data is
 * carried, though never early, and the socket is the connection's.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define QUESTION "STARTTLS\n"
#define REQUEST	 "how is the weather?\n"

enum { LIMIT_MS = 300 };

static const struct early_turn turns[] = {{0}};

static void start_tls(struct peer_conn *conn)
{
	char question[sizeof(QUESTION)] = "";

	if (read(conn->fd, question, sizeof(QUESTION) - 1) != (ssize_t)sizeof(QUESTION) - 1 ||
		strcmp(question, QUESTION) != 0 || write(conn->fd, "ok\n", 3) != 3)
		peer_fail("STARTTLS", 0);
}

static struct tlsfo_conn *make(struct tlsfo_config *config, const char *host, uint16_t port, int fd)
{
	struct tlsfo_conn *conn = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", (unsigned int)port);
	assert_int_equal(tlsfo_conn_new(config, host, service, &conn), 0);
	assert_int_equal(tlsfo_conn_set_socket(conn, fd), 0);
	return conn;
}

static int dial(int family, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(family, port, &address);
	int fd = net_socket(family, true);

	if (connect(fd, (struct sockaddr *)&address, len) != 0)
		fail_msg("connect: %s", strerror(errno));
	return fd;
}

static void after_starttls(void **state)
{
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct peer peer;
	char answer[4] = "";

	peer_start(&peer,
		&(struct peer_options){
			.family = AF_INET6, .priority = way->priority, .prepare = start_tls},
		peer_echo);
	int fd = dial(AF_INET6, peer.port);
	assert_int_equal(write(fd, QUESTION, sizeof(QUESTION) - 1), sizeof(QUESTION) - 1);
	assert_int_equal(read(fd, answer, 3), 3);
	struct tlsfo_conn *conn = make(config, "localhost", peer.port, fd);
	assert_int_equal(tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	client_echo(conn);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(tlsfo_conn_fd(conn), fd);
	assert_int_equal(report.verified, 1);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_OFF);
	assert_int_equal(report.syn_bytes, 0);
	assert_int_equal(report.family, AF_INET6);
	assert_string_equal(report.address, "::1");
	assert_string_equal(report.attempts[0].address, "::1");
	assert_int_equal(report.port, peer.port);
	assert_int_equal(report.attempt_count, 1);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_WON);
	assert_true(report.handshake_us > 0);
	client_close(conn);
	assert_int_equal(close(fd), -1);
	/* The name counts, whatever the socket is connected to. */
	fd = dial(AF_INET6, peer.port);
	assert_int_equal(write(fd, QUESTION, sizeof(QUESTION) - 1), sizeof(QUESTION) - 1);
	assert_int_equal(read(fd, answer, 3), 3);
	conn = make(config, "other.test", peer.port, fd);
	assert_int_equal(tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)),
		GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* A proxy: hands on what comes, until one side ends. */
static void relay(int client, int server)
{
	char buf[4096];
	struct pollfd both[2] = {
		{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};

	while (poll(both, 2, -1) > 0)
		for (size_t i = 0; i < 2; i++) {
			ssize_t n = both[i].revents != 0 ? read(both[i].fd, buf, sizeof(buf)) : -1;

			if (n == 0 || (n > 0 && write(both[1 - i].fd, buf, (size_t)n) != n))
				_exit(0);
		}
}

static int dial_by_proxy(uint16_t port)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		relay(ends[1], dial(AF_INET, port));
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

static void visit_by_proxy(struct tlsfo_config *config, struct peer *peer, bool resumes)
{
	struct tlsfo_conn *conn = make(config, "localhost", peer->port, dial_by_proxy(peer->port));
	char answer[sizeof(EARLY_ANSWER)] = "";

	assert_int_equal(tlsfo_conn_set_first_data(
				 conn, REQUEST, strlen(REQUEST), TLSFO_FIRST_DATA_REPLAYABLE, NULL),
		0);
	assert_int_equal(tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	client_receive(conn, answer, sizeof(answer) - 1);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.resumed, resumes);
	/* What the proxy is connected to is not known here. */
	assert_string_equal(report.address, "");
	assert_string_equal(report.attempts[0].address, "");
	assert_int_equal(report.family, 0);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report.early_data_reason, TLSFO_WITHHELD_OWN_SOCKET);
	client_close(conn);
	struct early_seen seen = early_hear(peer);
	assert_int_equal(early_has_ticket(&seen), resumes);
	assert_false(seen.announced);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
}

static void through_a_proxy(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_store *store = NULL;
	struct peer peer;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, 1});
	visit_by_proxy(config, &peer, false);
	visit_by_proxy(config, &peer, true);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

static void deadline_holds(void **state)
{
	struct tlsfo_config *config = client_config_default();
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct tlsfo_conn *conn = make(config, "localhost", 443, ends[0]);
	int64_t before = tlsfo_now();
	assert_int_equal(tlsfo_conn_open(conn, tlsfo_deadline_in(LIMIT_MS)), GNUTLS_E_TIMEDOUT);
	assert_in_range(tlsfo_now() - before, LIMIT_MS - 1, CLIENT_PATIENCE_MS);
	tlsfo_conn_free(conn);
	close(ends[1]);
	/* The other side has gone. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	close(ends[1]);
	conn = make(config, "localhost", 443, ends[0]);
	assert_true(tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)) < 0);
	assert_non_null(strstr(tlsfo_conn_error(conn), strerror(EPIPE)));
	assert_non_null(strstr(tlsfo_conn_error(conn), "the socket that was given"));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

int main(void)
{
	static struct way ways[] = {{.priority = WAY_TLS12}, {.priority = WAY_TLS13}};
	const struct CMUnitTest tests[] = {
		{"after starttls, TLS 1.2", after_starttls, NULL, NULL, &ways[0]},
		{"after starttls, TLS 1.3", after_starttls, NULL, NULL, &ways[1]},
		cmocka_unit_test(through_a_proxy),
		cmocka_unit_test(deadline_holds),
	};

	return suite_run("connected socket is taken over", tests, suite_length(tests));
}
