/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/net.h"
#include "support/suite.h"

/* How long a test waits for something that is to happen. */
#define PATIENCE_MS 30000

_Noreturn void peer_fail(const char *what, int gnutls_code)
{
	fprintf(stderr, "peer: %s: %s\n", what,
		gnutls_code == 0 ? strerror(errno) : gnutls_strerror(gnutls_code));
	_exit(1);
}

/* ------------------------------------------------------------------------------ the child -- */

static void die_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* The handlers of cmocka are of no use here. */
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	signal(SIGILL, SIG_DFL);
	signal(SIGFPE, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
}

static gnutls_certificate_credentials_t load_certificate(const char *name, const char *ca)
{
	gnutls_certificate_credentials_t credentials;
	char cert[512];
	char key[512];
	int ret;

	snprintf(cert, sizeof(cert), "%s/%s.pem", CERTS_DIR, name);
	snprintf(key, sizeof(key), "%s/%s-key.pem", CERTS_DIR, name);
	ret = gnutls_certificate_allocate_credentials(&credentials);
	if (ret >= 0)
		ret = gnutls_certificate_set_x509_key_file(
			credentials, cert, key, GNUTLS_X509_FMT_PEM);
	if (ret >= 0 && ca != NULL) {
		snprintf(cert, sizeof(cert), "%s/%s.pem", CERTS_DIR, ca);
		ret = gnutls_certificate_set_x509_trust_file(
			credentials, cert, GNUTLS_X509_FMT_PEM);
	}
	if (ret < 0)
		peer_fail(cert, ret);
	return credentials;
}

/* Nobody comes back with them: every session has a key of its own. */
static int enable_tickets(gnutls_session_t session)
{
	gnutls_datum_t key = {0};
	int ret = gnutls_session_ticket_key_generate(&key);

	if (ret >= 0)
		ret = gnutls_session_ticket_enable_server(session, &key);
	gnutls_free(key.data);
	return ret;
}

static gnutls_session_t make_session(
	const struct peer_options *options, gnutls_certificate_credentials_t credentials, int fd)
{
	gnutls_session_t session;
	int ret = gnutls_init(&session,
		GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET |
			(options->asks_later ? (unsigned int)GNUTLS_POST_HANDSHAKE_AUTH : 0U));

	if (ret >= 0 && options->tickets)
		ret = enable_tickets(session);
	if (ret >= 0 && options->priority != NULL)
		ret = gnutls_priority_set_direct(session, options->priority, NULL);
	else if (ret >= 0)
		ret = gnutls_set_default_priority(session);
	if (ret >= 0)
		ret = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	if (ret >= 0 && options->alpn != NULL) {
		gnutls_datum_t protocol = {(unsigned char *)(uintptr_t)options->alpn,
			(unsigned int)strlen(options->alpn)};

		ret = gnutls_alpn_set_protocols(session, &protocol, 1, 0);
	}
	if (ret < 0)
		peer_fail("cannot make a session", ret);
	if (!options->asks_later)
		gnutls_certificate_server_set_request(
			session, options->requires ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
	gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
	gnutls_transport_set_int(session, fd);
	return session;
}

/* A client that goes away is no failure of the peer: refusing a certificate is a thing to test. */
static void serve_tls(const struct peer_options *options, struct peer_conn *conn,
	gnutls_certificate_credentials_t credentials, peer_body body)
{
	int ret;

	conn->session = make_session(options, credentials, conn->fd);
	if (options->prepare != NULL)
		options->prepare(conn);
	do
		ret = gnutls_handshake(conn->session);
	while (ret < 0 && !gnutls_error_is_fatal(ret));
	if (options->nonblocking)
		fcntl(conn->fd, F_SETFL, O_RDWR | O_NONBLOCK);
	if (ret >= 0)
		body(conn);
	else
		gnutls_alert_send_appropriate(conn->session, ret);
	gnutls_deinit(conn->session);
	conn->session = NULL;
}

static void reset_at_close(int fd)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) < 0)
		peer_fail("setsockopt", 0);
}

static _Noreturn void run_child(
	const struct peer_options *options, peer_body body, int listener, int test)
{
	gnutls_certificate_credentials_t credentials = NULL;
	struct peer_conn conn = {.test = test, .arg = options->arg};
	unsigned int reset = 0;

	if (!options->no_tls)
		credentials = load_certificate(
			options->certificate != NULL ? options->certificate : "server",
			options->asks_for);
	for (;;) {
		conn.fd = accept(listener, NULL, NULL);
		if (conn.fd < 0)
			peer_fail("accept", 0);
		if (reset++ < options->resets)
			reset_at_close(conn.fd);
		else if (options->no_tls)
			body(&conn);
		else
			serve_tls(options, &conn, credentials, body);
		close(conn.fd);
	}
}

void peer_send(struct peer_conn *conn, const void *buf, size_t len)
{
	const char *at = buf;

	while (len > 0) {
		ssize_t n = conn->session == NULL ? write(conn->fd, at, len)
						  : gnutls_record_send(conn->session, at, len);

		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			continue;
		if (n <= 0)
			peer_fail("send", conn->session == NULL ? 0 : (int)n);
		at += n;
		len -= (size_t)n;
	}
}

size_t peer_receive_some(struct peer_conn *conn, void *buf, size_t len)
{
	ssize_t n;

	do
		n = conn->session == NULL ? read(conn->fd, buf, len)
					  : gnutls_record_recv(conn->session, buf, len);
	while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED || n == GNUTLS_E_REHANDSHAKE);
	return n < 0 ? 0 : (size_t)n;
}

void peer_receive(struct peer_conn *conn, void *buf, size_t len)
{
	char *at = buf;

	while (len > 0) {
		size_t n = peer_receive_some(conn, at, len);

		if (n == 0)
			peer_fail(
				"receive: the client ended early", GNUTLS_E_PREMATURE_TERMINATION);
		at += n;
		len -= n;
	}
}

void peer_echo(struct peer_conn *conn)
{
	char buf[16384];
	size_t n;

	while ((n = peer_receive_some(conn, buf, sizeof(buf))) > 0)
		peer_send(conn, buf, n);
	if (conn->session != NULL)
		gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	else
		shutdown(conn->fd, SHUT_WR);
}

void peer_listen(struct peer_conn *conn)
{
	char buf[4096];

	while (peer_receive_some(conn, buf, sizeof(buf)) > 0)
		continue;
}

void peer_mute(struct peer_conn *conn)
{
	struct pollfd pfd = {.fd = conn->fd, .events = POLLRDHUP};

	poll(&pfd, 1, -1);
}

/* ------------------------------------------------------------------------------- the test -- */

void peer_start(struct peer *peer, const struct peer_options *options, peer_body body)
{
	int ends[2];
	pid_t parent = getpid();
	int listener = net_listen(options->family, !options->no_fastopen, &peer->port);

	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	peer->pid = fork();
	assert_true(peer->pid >= 0);
	if (peer->pid == 0) {
		die_with_parent(parent);
		close(ends[0]);
		run_child(options, body, listener, ends[1]);
	}
	close(listener);
	close(ends[1]);
	peer->test = ends[0];
}

void peer_stop(struct peer *peer)
{
	int status = 0;

	kill(peer->pid, SIGTERM);
	assert_int_equal(waitpid(peer->pid, &status, 0), peer->pid);
	close(peer->test);
	/* It runs until it is ended: anything else is a failure of its own. */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

pid_t peer_pause(const struct peer *peer, int ms)
{
	assert_int_equal(kill(peer->pid, SIGSTOP), 0);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	poll(NULL, 0, ms);
	_exit(kill(peer->pid, SIGCONT) == 0 ? 0 : 1);
}

void peer_pause_end(pid_t pause)
{
	int status = -1;

	assert_int_equal(waitpid(pause, &status, 0), pause);
	assert_int_equal(status, 0);
}

void peer_hear(struct peer *peer, void *buf, size_t len)
{
	struct pollfd pfd = {.fd = peer->test, .events = POLLIN};
	char *at = buf;

	while (len > 0) {
		assert_int_equal(poll(&pfd, 1, PATIENCE_MS), 1);
		ssize_t n = read(peer->test, at, len);
		if (n <= 0)
			fail_msg("the peer ended without a word");
		at += n;
		len -= (size_t)n;
	}
}
