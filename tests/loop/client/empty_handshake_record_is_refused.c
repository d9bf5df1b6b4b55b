/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A handshake record without content (RFC 8446 §5.1 forbids it) ends a read with an error that names it,
 * with every cipher, padded or not; GnuTLS alone would never come back. A message in as many pieces as
 * it has bytes, and data that looks like such a record, come through.
 */

#include <unistd.h>

#include "support/client.h"
#include "support/hostile.h"

/* A program whose call is kept for ever ends after this. */
#define KEPT_S 100

static const char *const ciphers[] = {
	WAY_TLS13 ":-CIPHER-ALL:+AES-128-GCM",
	WAY_TLS13 ":-CIPHER-ALL:+AES-256-GCM",
	WAY_TLS13 ":-CIPHER-ALL:+CHACHA20-POLY1305",
	WAY_TLS13 ":-CIPHER-ALL:+AES-128-CCM",
	WAY_TLS13 ":-CIPHER-ALL:+AES-128-CCM-8",
};

static struct tlsfo_conn *visit(const char *behaviour, const char *cipher, struct peer *peer)
{
	struct tlsfo_config *config = client_config_default();

	assert_int_equal(tlsfo_config_set_priority(config, cipher), 0);
	hostile_start(peer, behaviour);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer->port);
	tlsfo_config_free(config);
	return conn;
}

static void refused(void **state)
{
	const char *behaviour = *state;
	struct peer peer;
	char buf[16];

	for (size_t i = 0; i < suite_length(ciphers); i++) {
		struct tlsfo_conn *conn = visit(behaviour, ciphers[i], &peer);

		assert_int_equal(tlsfo_conn_read(conn, buf, sizeof(buf),
					 tlsfo_deadline_in(CLIENT_PATIENCE_MS)),
			GNUTLS_E_UNEXPECTED_PACKET);
		assert_non_null(strstr(tlsfo_conn_error(conn), "an empty handshake record"));
		assert_int_equal(tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW),
			GNUTLS_E_UNEXPECTED_PACKET);
		tlsfo_conn_free(conn);
		peer_stop(&peer);
	}
}

static void pieces(void **state)
{
	struct peer peer;
	char buf[4];

	(void)state;
	for (size_t i = 0; i < suite_length(ciphers); i++) {
		struct tlsfo_conn *conn = visit("ticket in pieces", ciphers[i], &peer);

		client_receive(conn, buf, sizeof(buf));
		assert_memory_equal(buf, "\26\0\0\0", sizeof(buf));
		tlsfo_conn_free(conn);
		peer_stop(&peer);
	}
}

#define refused_with(behaviour)                                                                    \
	{                                                                                          \
		behaviour, refused, NULL, NULL, (void *)(uintptr_t)behaviour                       \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		refused_with("empty record in a message"),
		refused_with("padded record in a message"),
		refused_with("endless empty handshake records"),
		cmocka_unit_test(pieces),
	};

	alarm(KEPT_S);
	return suite_run("an empty handshake record is refused", tests, suite_length(tests));
}
