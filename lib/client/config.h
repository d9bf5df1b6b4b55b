/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_CONFIG_H
#define CLIENT_CONFIG_H

#include <stdatomic.h>
#include <stdbool.h>

#include <gnutls/gnutls.h>

#include <tlsfo/client.h>
#include <tlsfo/store.h>

#include "base/failure.h"
#include "base/forked.h"
#include "base/address.h"
#include "store/record.h"
#include "tls/trust.h"

#define ALPN_MAX    8
#define ALPN_LENGTH 255

struct tlsfo_config {
	atomic_uint references;
	atomic_bool used; /* by a connection: no longer to be changed */
	struct forked process;
	struct trust trust;
	unsigned char policy[PEER_DIGEST_SIZE]; /* of the system-wide one, for tickets */
	struct tlsfo_store *store;		/* NULL: none */
	enum tlsfo_ticket_use ticket_use;
	gnutls_priority_t priority;
	char *priority_text;
	gnutls_datum_t alpn[ALPN_MAX];	  /* each is one of ->alpn_text */
	const char *alpn_names[ALPN_MAX]; /* the same */
	unsigned char alpn_text[ALPN_MAX][ALPN_LENGTH + 1];
	size_t alpn_count;
	int family;
	struct address local; /* family 0 when there is none */
	enum tlsfo_fast_open_mode fast_open;
	tlsfo_socket_hook_fn socket_hook; /* may be NULL */
	void *socket_hook_data;
	tlsfo_session_hook_fn session_hook; /* may be NULL */
	void *session_hook_data;
	bool is_private;	/* then ->store is NULL and ->fast_open NEVER, and both stay so */
	struct failure failure; /* of the last setter */
};

/* Takes a reference; the configuration is in use from now on. */
struct tlsfo_config *config_use(struct tlsfo_config *config);

#endif
