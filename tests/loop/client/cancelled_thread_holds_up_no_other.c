/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A thread that is cancelled while it loads the trust store lets others connect with the same configuration.
 * Linked with --wrap, so that it is cancelled in that moment.
 */

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/peer.h"

#define PATIENCE 60 /* seconds until a lock that stays ends the program */

static _Thread_local bool is_to_be_cancelled;

int __wrap_gnutls_certificate_set_x509_system_trust(gnutls_certificate_credentials_t credentials);

/* This system trusts the tests' CA. */
int __wrap_gnutls_certificate_set_x509_system_trust(gnutls_certificate_credentials_t credentials)
{
	if (is_to_be_cancelled) {
		pthread_cancel(pthread_self());
		pthread_testcancel();
	}
	return gnutls_certificate_set_x509_trust_file(
		credentials, CERTS_DIR "/ca.pem", GNUTLS_X509_FMT_PEM);
}

static void *load(void *config)
{
	is_to_be_cancelled = true;
	(void)!tlsfo_config_load(config);
	pthread_testcancel();
	return NULL;
}

static void other_thread_connects(void **state)
{
	struct tlsfo_config *config = NULL;
	struct peer peer;
	pthread_t thread;
	void *result;

	(void)state;
	assert_int_equal(tlsfo_config_new(&config), 0);
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	assert_int_equal(pthread_create(&thread, NULL, load, config), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	/* It is cancelled all the same, afterwards. */
	assert_ptr_equal(result, PTHREAD_CANCELED);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);

	client_echo(conn);
	client_close(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_thread_connects),
	};

	alarm(PATIENCE);
	return suite_run("cancelled thread holds up no other", tests, suite_length(tests));
}
