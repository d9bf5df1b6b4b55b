/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H

/*
 * Whom to trust, and the client's own certificate. The system's trust store is loaded late, while a
 * ClientHello is under way, and once for all connections, because that takes milliseconds.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include <tlsfo/config.h>

#include "base/forked.h"
#include "base/macros.h"
#include "base/text.h"

#define TRUST_DIGEST_SIZE 32

/* As many certificates as GnuTLS verifies. */
#define CHAIN_MOST 16

struct trust {
	gnutls_certificate_credentials_t bare;		       /* without the system's store */
	_Atomic(gnutls_certificate_credentials_t) credentials; /* the same, or with it */
	bool given; /* the program has said whom it trusts: not the system's store */
	/* SHA-256 of all that is demanded of a certificate; zeros for the system's store alone, which is not read for
	 * this. (Its changes reach a ticket's user when the ticket ends, a week later at most.) */
	unsigned char digest[TRUST_DIGEST_SIZE];
	unsigned char identity[TRUST_DIGEST_SIZE]; /* of the client's certificate, zeros: none */
	gnutls_pcert_st certs[CHAIN_MOST];	   /* to show */
	unsigned int cert_count;		   /* 0: there is none */
	gnutls_privkey_t key;
	char *password;		/* of a key, or the PIN of its token; NULL: none */
	bool insecure;		/* GnuTLS's verification status does not count */
	tlsfo_verify_fn verify; /* the program's function, or NULL */
	void *verify_data;
	unsigned char (*pins)[TRUST_DIGEST_SIZE]; /* NULL: any key will do */
	size_t pin_count;
	bool needs_staple;
	pthread_mutex_t lock;
	struct forked forked;
	bool loaded;
	int result; /* of loading */
};

/* Says why trust_load() returned TLSFO_E_INVALID_FILE. */
#define TRUST_NOTHING "the system's trust store holds no certificate that can be used"

/* The object must not be moved afterwards. */
must_check int trust_init(struct trust *trust);
void trust_deinit(struct trust *trust);

/* Certificates or a key, and what errors call them. */
struct trust_source {
	const char *name;
	const char *url; /* of what is in a PKCS #11 token; NULL: the next */
	gnutls_datum_t pem;
};

/* Adds PEM text to what is trusted instead of the system's store. 0, GNUTLS_E_MEMORY_ERROR, or
 * TLSFO_E_INVALID_FILE and the reason. */
must_check int trust_add_pem(
	struct trust *trust, const struct trust_source *source, struct text *why);

/* The certificate to show, in place of an earlier one. Returns as trust_add_pem(). */
must_check int trust_set_client_cert(struct trust *trust, const struct trust_source *cert,
	const struct trust_source *key, struct text *why);

/* Makes the tickets those of this object alone: nobody can know what a function of the program's does in another process,
 * or with other data behind its pointer. 0 or GnuTLS's code. */
must_check int trust_isolate(struct trust *trust);

/* The program's function decides from now on; NULL: GnuTLS does. 0 or GnuTLS's code. */
must_check int trust_set_verify(struct trust *trust, tlsfo_verify_fn fn, void *userdata);

/* One more public key, by the SHA-256 of its SubjectPublicKeyInfo, of which a chain must have one. 0 or GnuTLS's code. */
must_check int trust_add_pin(
	struct trust *trust, const unsigned char pin[static TRUST_DIGEST_SIZE]);

/* A server must send a good OCSP response for its certificate. 0 or GnuTLS's code. */
must_check int trust_require_staple(struct trust *trust);

/* True when a connection is open only if GnuTLS has verified chain, name and purpose. */
bool trust_verifies(const struct trust *trust);

/* Judges the certificate that the server of @session has shown for @name. Returns 0, or a fatal code of GnuTLS's with
 * which the handshake is to end, and says why. */
must_check int trust_judge(
	const struct trust *trust, gnutls_session_t session, const char *name, struct text *why);

/*
 * Loads the system's store, where it is needed, once and into other ->credentials, which a session from before has to be
 * given. Returns what that one time gave: 0, GNUTLS_E_MEMORY_ERROR, or TLSFO_E_INVALID_FILE: the store holds nothing that
 * can be used. A child that was forked during a load loads anew.
 */
must_check int trust_load(struct trust *trust);

#endif
