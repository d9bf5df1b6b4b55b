/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The trust that a program gives, which is part of what its tickets are kept under, is digested
 * when it is given and not for every connection. It may be long.
 */

#include <sys/socket.h>

#include <gnutls/crypto.h>

#include "support/client.h"
#include "support/peer.h"

static unsigned int digests;

int __real_gnutls_hash_fast(
	gnutls_digest_algorithm_t algorithm, const void *text, size_t len, void *digest);
int __wrap_gnutls_hash_fast(
	gnutls_digest_algorithm_t algorithm, const void *text, size_t len, void *digest);

int __wrap_gnutls_hash_fast(
	gnutls_digest_algorithm_t algorithm, const void *text, size_t len, void *digest)
{
	digests++;
	return __real_gnutls_hash_fast(algorithm, text, len, digest);
}

static void fact(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	const unsigned int given = digests;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	for (int i = 0; i < 2; i++) {
		struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);

		client_echo(conn);
		client_close(conn);
	}
	assert_int_equal(digests, given);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fact),
	};

	return suite_run("trust is digested once", tests, suite_length(tests));
}
