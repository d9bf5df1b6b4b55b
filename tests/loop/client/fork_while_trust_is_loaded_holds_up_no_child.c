/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A thread that loads the trust store is not there in a child forked meanwhile: the child loads for itself,
 * and verifies the server and shows the client's certificate like its parent. Linked with --wrap, so that
 * the thread stands still at the worst moment.
 */

#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/client.h"
#include "support/peer.h"

/* Seconds after which a child that stands still is ended. */
#define CHILD_PATIENCE 30

static pid_t loading;				   /* the process whose thread stands still */
static gnutls_certificate_credentials_t in_pieces; /* what it is loading into */
static sem_t begun, go_on;

int __wrap_gnutls_certificate_set_x509_system_trust(gnutls_certificate_credentials_t credentials);

/* This system trusts the tests' CA. */
int __wrap_gnutls_certificate_set_x509_system_trust(gnutls_certificate_credentials_t credentials)
{
	if (getpid() == loading) {
		in_pieces = credentials;
		sem_post(&begun);
		sem_wait(&go_on);
	} else if (credentials == in_pieces) {
		return GNUTLS_E_INTERNAL_ERROR;
	}
	return gnutls_certificate_set_x509_trust_file(
		credentials, CERTS_DIR "/ca.pem", GNUTLS_X509_FMT_PEM);
}

static void *load(void *config)
{
	return tlsfo_config_load(config) == 0 ? NULL : config;
}

/* Tells the test how many certificates the client showed. */
static void tell_certificates(struct peer_conn *conn)
{
	unsigned int count = 0;

	gnutls_certificate_get_peers(conn->session, &count);
	if (write(conn->test, &count, sizeof(count)) != (ssize_t)sizeof(count))
		peer_fail("write", 0);
	peer_listen(conn);
}

static unsigned int certificates_shown(struct peer *peer)
{
	unsigned int count;

	peer_hear(peer, &count, sizeof(count));
	return count;
}

/* In a child: a connection, and freeing the configuration. */
static _Noreturn void visit(struct tlsfo_config *config, uint16_t port)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	struct tlsfo_conn *conn = NULL;

	alarm(CHILD_PATIENCE);
	if (client_connect(config, "127.0.0.1", port, &conn) != 0 ||
		tlsfo_conn_get_report(conn, &report) != 0 || !report.verified)
		_exit(1);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	_exit(0);
}

/* In a child: freeing it, and no more. */
static _Noreturn void leave(struct tlsfo_config *config, uint16_t port)
{
	(void)port;
	alarm(CHILD_PATIENCE);
	tlsfo_config_free(config);
	_exit(0);
}

static int in_child(void (*child)(struct tlsfo_config *config, uint16_t port),
	struct tlsfo_config *config, uint16_t port)
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		child(config, port);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* A thread that stands still while it loads, until it may go on. */
static pthread_t load_begin(struct tlsfo_config *config)
{
	pthread_t thread;

	loading = getpid();
	assert_int_equal(sem_init(&begun, 0, 0), 0);
	assert_int_equal(sem_init(&go_on, 0, 0), 0);
	assert_int_equal(pthread_create(&thread, NULL, load, config), 0);
	sem_wait(&begun);
	return thread;
}

static void load_end(pthread_t thread)
{
	void *result;

	sem_post(&go_on);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_null(result);
	loading = 0;
}

static void child_loads_for_itself(void **state)
{
	struct tlsfo_config *config = NULL;
	struct peer peer;

	(void)state;
	assert_int_equal(tlsfo_config_new(&config), 0);
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, tell_certificates);
	assert_int_equal(tlsfo_config_set_client_cert_file(
				 config, CERTS_DIR "/client.pem", CERTS_DIR "/client-key.pem"),
		0);
	pthread_t thread = load_begin(config);

	assert_int_equal(in_child(visit, config, peer.port), 0);
	assert_int_equal(certificates_shown(&peer), 1);
	assert_int_equal(in_child(leave, config, peer.port), 0);
	load_end(thread);
	/* What is whole is not loaded again. */
	assert_int_equal(in_child(visit, config, peer.port), 0);
	assert_int_equal(certificates_shown(&peer), 1);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(child_loads_for_itself),
	};

	return suite_run(
		"fork while trust is loaded holds up no child", tests, suite_length(tests));
}
