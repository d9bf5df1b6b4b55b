/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H

/*
 * Whom to trust, and the client's own certificate. The trust store is loaded late, while a
 * ClientHello is under way, and once for all connections: a system's takes milliseconds.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <gnutls/gnutls.h>

#include <tlsfo/config.h>

#include "base/forked.h"
#include "base/macros.h"
#include "base/text.h"

#define TRUST_DIGEST_SIZE 32

struct trust {
	gnutls_certificate_credentials_t bare; /* with the client's certificate alone */
	_Atomic(gnutls_certificate_credentials_t) credentials; /* the same, or what was loaded */
	unsigned char *pem; /* what the program trusts, or NULL for the system's store */
	size_t pem_len;
	char *source;	  /* the last file it came from, for errors, or NULL */
	size_t source_at; /* where that begins in ->pem */
	/* SHA-256 of all that is demanded of a certificate; zeros for the system's store alone, which is not read for
	 * this. (Its changes reach a ticket's user when the ticket ends, a week later at most.) */
	unsigned char digest[TRUST_DIGEST_SIZE];
	unsigned char identity[TRUST_DIGEST_SIZE]; /* of the client's certificate, zeros: none */
	bool has_client_cert;
	bool insecure; /* GnuTLS's verification status does not count */
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

/* The object must not be moved afterwards. */
must_check int trust_init(struct trust *trust);
void trust_deinit(struct trust *trust);

/* Adds PEM text to what is trusted instead of the system's store; copied. @source is the file it
 * came from, or NULL. 0 or GnuTLS's code. */
must_check int trust_add_pem(struct trust *trust, const void *pem, size_t len, const char *source);

/* Says which certificate of a PEM text cannot be read and why, or that it holds none. False: all can be. */
bool trust_find_broken(const void *pem, size_t len, struct text *why);

/* Says why trust_load() returned TLSFO_E_INVALID_FILE. */
void trust_explain(const struct trust *trust, struct text *why);

/* The certificate to show, in place of an earlier one, before anything is loaded. 0 or GnuTLS's code. */
must_check int trust_set_client_cert(
	struct trust *trust, const gnutls_datum_t *cert, const gnutls_datum_t *key);

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
 * Loads once, into other ->credentials, which a session from before has to be given. Returns what that one time gave:
 * 0, TLSFO_E_INVALID_FILE, GNUTLS_E_MEMORY_ERROR. A child that was forked during a load loads anew.
 */
must_check int trust_load(struct trust *trust);

#endif
