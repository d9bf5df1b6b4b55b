/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/trust.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include <tlsfo/error.h>

#include "base/bytes.h"
#include "tls/session.h"
#include "tls/transport.h"

int trust_init(struct trust *trust)
{
	memset(trust, 0, sizeof(*trust));
	if (!forked_init(&trust->forked))
		return GNUTLS_E_MEMORY_ERROR;
	if (gnutls_certificate_allocate_credentials(&trust->bare) == 0) {
		atomic_init(&trust->credentials, trust->bare);
		if (pthread_mutex_init(&trust->lock, NULL) == 0)
			return 0;
		gnutls_certificate_free_credentials(trust->bare);
	}
	forked_deinit(&trust->forked);
	return GNUTLS_E_MEMORY_ERROR;
}

/* A thread that stays behind in the parent may have held the lock. The credentials that it was loading are lost. */
static void become_child(struct trust *trust)
{
	if (pthread_mutex_trylock(&trust->lock) == 0) {
		pthread_mutex_unlock(&trust->lock);
	} else {
		trust->loaded = false;
		pthread_mutex_init(&trust->lock, NULL);
	}
	forked_adopt(&trust->forked);
}

static void forget_client_cert(struct trust *trust)
{
	while (trust->cert_count > 0)
		gnutls_pcert_deinit(&trust->certs[--trust->cert_count]);
	gnutls_privkey_deinit(trust->key);
	trust->key = NULL;
}

void trust_deinit(struct trust *trust)
{
	if (forked_is_child(&trust->forked))
		become_child(trust);
	if (trust->credentials != trust->bare)
		gnutls_certificate_free_credentials(trust->credentials);
	gnutls_certificate_free_credentials(trust->bare);
	pthread_mutex_destroy(&trust->lock);
	forked_deinit(&trust->forked);
	forget_client_cert(trust);
	wipe_free(trust->password, trust->password != NULL ? strlen(trust->password) : 0);
	free(trust->pins);
}

/* Makes tickets from before this demand useless: a server that resumes shows no certificate to be judged by it. 0 or
 * GnuTLS's code. */
static int demand(struct trust *trust, const unsigned char what[static TRUST_DIGEST_SIZE])
{
	unsigned char all[2 * TRUST_DIGEST_SIZE];

	memcpy(all, trust->digest, TRUST_DIGEST_SIZE);
	memcpy(all + TRUST_DIGEST_SIZE, what, TRUST_DIGEST_SIZE);
	return gnutls_hash_fast(GNUTLS_DIG_SHA256, all, sizeof(all), trust->digest);
}

int trust_isolate(struct trust *trust)
{
	unsigned char nonce[TRUST_DIGEST_SIZE];
	int ret = gnutls_rnd(GNUTLS_RND_NONCE, nonce, sizeof(nonce));

	return ret == 0 ? demand(trust, nonce) : ret;
}

int trust_set_verify(struct trust *trust, tlsfo_verify_fn fn, void *userdata)
{
	int ret = trust_isolate(trust);

	if (ret != 0)
		return ret;
	trust->verify = fn;
	trust->verify_data = userdata;
	return 0;
}

int trust_add_pin(struct trust *trust, const unsigned char pin[static TRUST_DIGEST_SIZE])
{
	void *pins = realloc(trust->pins, (trust->pin_count + 1) * sizeof(*trust->pins));

	if (pins == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	trust->pins = pins;
	int ret = demand(trust, pin);
	if (ret == 0)
		memcpy(trust->pins[trust->pin_count++], pin, TRUST_DIGEST_SIZE);
	return ret;
}

int trust_require_staple(struct trust *trust)
{
	static const unsigned char staple[TRUST_DIGEST_SIZE] = "staple";

	trust->needs_staple = true;
	return demand(trust, staple);
}

bool trust_verifies(const struct trust *trust)
{
	return !trust->insecure && trust->verify == NULL;
}

static bool has_pin(const struct trust *trust, gnutls_x509_crt_t cert)
{
	unsigned char pin[TRUST_DIGEST_SIZE];
	size_t size = sizeof(pin);

	if (gnutls_x509_crt_get_key_id(cert, GNUTLS_KEYID_USE_SHA256, pin, &size) != 0)
		return false;
	for (size_t i = 0; i < trust->pin_count; i++)
		if (memcmp(trust->pins[i], pin, sizeof(pin)) == 0)
			return true;
	return false;
}

/* True when the certificates, of which the first is the server's, lead to @anchor. */
static bool leads_to(gnutls_x509_crt_t *chain, unsigned int count, gnutls_x509_crt_t anchor)
{
	gnutls_x509_trust_list_t list;
	unsigned int status = 1;

	if (gnutls_x509_trust_list_init(&list, 1) != 0)
		return false;
	if (gnutls_x509_trust_list_add_cas(list, &anchor, 1, 0) == 1 &&
		gnutls_x509_trust_list_verify_crt(list, chain, count, 0, &status, NULL) != 0)
		status = 1;
	gnutls_x509_trust_list_deinit(list, 0);
	return status == 0;
}

/* Pins are those of validated certificates (RFC 7469 §2.6, RFC 7858 §4.2): of the server's own, and of one that it was
 * issued under. A server may send any others along, and they prove nothing. */
static bool is_pinned(const struct trust *trust, gnutls_session_t session, struct text *why)
{
	gnutls_x509_crt_t chain[CHAIN_MOST + 1];
	unsigned int sent = 0;
	unsigned int count = 0;
	bool found = false;
	unsigned char pin[TRUST_DIGEST_SIZE] = {0};
	size_t size = sizeof(pin);
	gnutls_datum_t text = {0};
	const gnutls_datum_t *peers = gnutls_certificate_get_peers(session, &sent);

	/* One that cannot be read, for want of memory, has no key. */
	for (; count < sent && count < CHAIN_MOST; count++) {
		if (gnutls_x509_crt_init(&chain[count]) != 0)
			break;
		(void)gnutls_x509_crt_import(chain[count], &peers[count], GNUTLS_X509_FMT_DER);
	}
	const unsigned int shown = count;
	/* A root is not sent as a rule. */
	if (count > 0 && gnutls_certificate_get_issuer(trust->credentials, chain[count - 1],
				 &chain[count], GNUTLS_TL_GET_COPY) == 0)
		count++;
	for (unsigned int i = 0; i < count && !found; i++)
		found = has_pin(trust, chain[i]) && (i == 0 || leads_to(chain, shown, chain[i]));
	if (!found && count > 0 &&
		gnutls_x509_crt_get_key_id(chain[0], GNUTLS_KEYID_USE_SHA256, pin, &size) == 0 &&
		gnutls_base64_encode2(&(gnutls_datum_t){pin, sizeof(pin)}, &text) == 0)
		text_add(why,
			"none of the pinned keys is in the certificate's chain; the pin of its "
			"own key is %s",
			(const char *)text.data);
	gnutls_free(text.data);
	while (count > 0)
		gnutls_x509_crt_deinit(chain[--count]);
	return found;
}

/* Asks the program's function. Returns 0, or a code that ends the handshake. */
static int ask(const struct trust *trust, gnutls_session_t session, const char *name,
	unsigned int status, struct text *why)
{
	int ret = trust->verify(session, name, status, trust->verify_data);

	if (ret == 0)
		return 0;
	text_add(why, "the program's verification function refused the certificate");
	ret = session_fatal(ret, GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
	if (ret != GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		text_add(why, ": %s", tlsfo_strerror(ret));
	return ret;
}

int trust_judge(
	const struct trust *trust, gnutls_session_t session, const char *name, struct text *why)
{
	/* Without a purpose GnuTLS would take the certificate of a client for a server's. It changes neither text. */
	static unsigned char server[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st checks[] = {
		{.type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *)(uintptr_t)name},
		{.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = server},
	};
	unsigned int status = 0;

	if (trust->insecure && trust->verify == NULL && trust->pins == NULL && !trust->needs_staple)
		return 0;
	int ret = gnutls_certificate_verify_peers(
		session, checks, (unsigned int)array_length(checks), &status);
	if (ret != 0) {
		text_add(why, "the certificate cannot be verified: %s", gnutls_strerror(ret));
		return ret;
	}
	if (status != 0 && trust_verifies(trust)) {
		session_explain_certificate(session, status, why);
		return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
	}
	if (trust->pins != NULL && !is_pinned(trust, session, why))
		return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
	if (trust->needs_staple && gnutls_ocsp_status_request_is_checked(session, 0) == 0) {
		text_add(
			why, gnutls_ocsp_status_request_is_checked(session, GNUTLS_OCSP_SR_IS_AVAIL)
				     ? "the server's OCSP response does not say that its "
				       "certificate is good"
				     : "an OCSP response is required, and the server sent none");
		return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
	}
	return trust->verify != NULL ? ask(trust, session, name, status, why) : 0;
}

/* Returns where the next certificate begins at or behind @at, or NULL, and counts the lines up to there. */
static const char *next_certificate(const char *at, const char *end, unsigned int *line)
{
	/* GnuTLS reads these two forms. It does not read OpenSSL's "TRUSTED CERTIFICATE". */
	static const char *const forms[] = {
		"-----BEGIN CERTIFICATE", "-----BEGIN X509 CERTIFICATE"};

	for (; at < end; at++) {
		for (size_t i = 0; i < array_length(forms); i++)
			if ((size_t)(end - at) > strlen(forms[i]) &&
				memcmp(at, forms[i], strlen(forms[i])) == 0)
				return at;
		*line += *at == '\n';
	}
	return NULL;
}

/* Says which certificate of a PEM text cannot be read and why, or that it holds none. False: all can be. */
static bool find_broken(const struct trust_source *source, struct text *why)
{
	const char *begin = (const char *)source->pem.data;
	const char *end = begin + source->pem.size;
	unsigned int line = 1;
	unsigned int number = 0;
	int ret = 0;

	for (const char *at = next_certificate(begin, end, &line); at != NULL && ret >= 0;
		at = next_certificate(at + 1, end, &line)) {
		const gnutls_datum_t rest = {
			(unsigned char *)(uintptr_t)at, (unsigned int)(end - at)};
		gnutls_x509_crt_t cert;

		ret = gnutls_x509_crt_init(&cert);
		if (ret < 0)
			break;
		number++;
		ret = gnutls_x509_crt_import(cert, &rest, GNUTLS_X509_FMT_PEM);
		gnutls_x509_crt_deinit(cert);
		if (ret < 0)
			text_add(why, "%s: certificate %u, at line %u, cannot be read: %s",
				source->name, number, line, gnutls_strerror(ret));
	}
	if (number == 0)
		text_add(why,
			"%s: there is no certificate in it: none begins with a line "
			"\"-----BEGIN CERTIFICATE-----\" (PEM)",
			source->name);
	return ret < 0 || number == 0;
}

int trust_add_pem(struct trust *trust, const struct trust_source *source, struct text *why)
{
	const gnutls_datum_t *pem = &source->pem;
	unsigned char digest[TRUST_DIGEST_SIZE];
	int count = gnutls_certificate_set_x509_trust_mem(trust->bare, pem, GNUTLS_X509_FMT_PEM);

	if (count == GNUTLS_E_MEMORY_ERROR)
		return count;
	if (count <= 0) {
		if (!find_broken(source, why))
			text_add(why, "%s: none of its certificates can be used", source->name);
		return TLSFO_E_INVALID_FILE;
	}
	trust->given = true;
	int ret = gnutls_hash_fast(GNUTLS_DIG_SHA256, pem->data, pem->size, digest);
	return ret == 0 ? demand(trust, digest) : ret;
}

/* Gives the password as the PIN of a token, once: a token is locked after some wrong ones. */
static int give_pin(void *context, int attempt, const char *url, const char *label,
	unsigned int flags, char *ret_pin, size_t size)
{
	const struct trust *trust = context;

	(void)url;
	(void)label;
	(void)flags;
	if (attempt > 0 || trust->password == NULL || strlen(trust->password) >= size)
		return -1;
	strcpy(ret_pin, trust->password);
	return 0;
}

static int read_key(struct trust *trust, const struct trust_source *source,
	gnutls_privkey_t *ret_key, struct text *why)
{
	gnutls_privkey_t key;
	int ret = gnutls_privkey_init(&key);

	if (ret != 0)
		return ret;
	gnutls_privkey_set_pin_function(key, give_pin, trust);
	if (source->url != NULL)
		ret = gnutls_privkey_import_url(key, source->url, 0);
	else
		ret = gnutls_privkey_import_x509_raw(
			key, &source->pem, GNUTLS_X509_FMT_PEM, trust->password, 0);
	if (ret == 0) {
		*ret_key = key;
		return 0;
	}
	gnutls_privkey_deinit(key);
	/* A PKCS #8 file has the word in its header, a file in OpenSSL's own form in a line behind it. */
	bool locked = source->url != NULL ? ret == GNUTLS_E_PKCS11_PIN_ERROR
					  : memmem(source->pem.data, source->pem.size, "ENCRYPTED",
						    strlen("ENCRYPTED")) != NULL;
	text_add(why, "%s: ", source->name);
	if (locked)
		text_add(why, "the key is encrypted, and %s",
			trust->password == NULL ? "no password was given"
						: "the password does not open it");
	else
		text_add(why, "no private key can be read: %s", gnutls_strerror(ret));
	return ret;
}

/* False also where a token does not tell its public key. */
static bool differs(gnutls_privkey_t key, gnutls_pubkey_t expected)
{
	unsigned char ids[2][TRUST_DIGEST_SIZE];
	size_t sizes[] = {TRUST_DIGEST_SIZE, TRUST_DIGEST_SIZE};
	gnutls_pubkey_t public_key;
	bool differ = false;

	if (gnutls_pubkey_init(&public_key) != 0)
		return false;
	if (gnutls_pubkey_import_privkey(public_key, key, 0, 0) == 0 &&
		gnutls_pubkey_get_key_id(public_key, GNUTLS_KEYID_USE_SHA256, ids[0], &sizes[0]) ==
			0 &&
		gnutls_pubkey_get_key_id(expected, GNUTLS_KEYID_USE_SHA256, ids[1], &sizes[1]) == 0)
		differ = memcmp(ids[0], ids[1], TRUST_DIGEST_SIZE) != 0;
	gnutls_pubkey_deinit(public_key);
	return differ;
}

/* GnuTLS asks for the certificate to show, and gets it whatever issuers the server names. */
static int show(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
	const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **ret_certs,
	unsigned int *ret_count, gnutls_privkey_t *ret_key)
{
	struct trust *trust = tlsfo_transport_get(session)->trust;

	(void)issuers;
	(void)issuer_count;
	(void)algorithms;
	(void)algorithm_count;
	*ret_certs = trust->certs;
	*ret_count = trust->cert_count;
	*ret_key = trust->key;
	return 0;
}

static int read_certs(struct trust *trust, const struct trust_source *source,
	gnutls_pcert_st *ret_certs, unsigned int *ret_count, struct text *why)
{
	int ret;

	*ret_count = CHAIN_MOST;
	/* This check comes first, because GnuTLS leaks the certificates that it has read before a broken one. */
	if (source->url == NULL && find_broken(source, why))
		return TLSFO_E_INVALID_FILE;
	if (source->url != NULL)
		ret = gnutls_pcert_list_import_x509_file(
			ret_certs, ret_count, source->url, GNUTLS_X509_FMT_PEM, give_pin, trust, 0);
	else
		ret = gnutls_pcert_list_import_x509_raw(
			ret_certs, ret_count, &source->pem, GNUTLS_X509_FMT_PEM, 0);
	if (ret < 0)
		text_add(why, "%s: no certificate can be read: %s", source->name,
			gnutls_strerror(ret));
	return ret;
}

int trust_set_client_cert(struct trust *trust, const struct trust_source *cert,
	const struct trust_source *key, struct text *why)
{
	gnutls_pcert_st certs[CHAIN_MOST];
	unsigned int count;
	gnutls_privkey_t private_key = NULL;
	int ret = read_certs(trust, cert, certs, &count, why);

	if (ret < 0)
		return ret == GNUTLS_E_MEMORY_ERROR ? ret : TLSFO_E_INVALID_FILE;
	ret = read_key(trust, key, &private_key, why);
	if (ret == 0 && differs(private_key, certs[0].pubkey)) {
		text_add(why, "the first certificate of %s is not that of %s", cert->name,
			key->name);
		ret = TLSFO_E_INVALID_FILE;
	}
	if (ret == 0)
		ret = gnutls_hash_fast(
			GNUTLS_DIG_SHA256, certs[0].cert.data, certs[0].cert.size, trust->identity);
	if (ret != 0) {
		while (count > 0)
			gnutls_pcert_deinit(&certs[--count]);
		gnutls_privkey_deinit(private_key);
		return ret == GNUTLS_E_MEMORY_ERROR ? ret : TLSFO_E_INVALID_FILE;
	}
	forget_client_cert(trust);
	memcpy(trust->certs, certs, count * sizeof(*certs));
	trust->cert_count = count;
	trust->key = private_key;
	gnutls_certificate_set_retrieve_function2(trust->bare, show);
	return 0;
}

/* Loads into credentials of their own, which others see when they are complete. */
static int load(struct trust *trust)
{
	gnutls_certificate_credentials_t loaded;

	if (trust->given)
		return 0;
	if (gnutls_certificate_allocate_credentials(&loaded) != 0)
		return GNUTLS_E_MEMORY_ERROR;
	if (trust->cert_count > 0)
		gnutls_certificate_set_retrieve_function2(loaded, show);
	int count = gnutls_certificate_set_x509_system_trust(loaded);
	if (count > 0) {
		trust->credentials = loaded;
		return 0;
	}
	gnutls_certificate_free_credentials(loaded);
	return count == GNUTLS_E_MEMORY_ERROR ? count : TLSFO_E_INVALID_FILE;
}

int trust_load(struct trust *trust)
{
	int cancel_state;

	if (forked_is_child(&trust->forked))
		become_child(trust);
	/* Files are read: a thread that is cancelled there would keep the lock for ever. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	pthread_mutex_lock(&trust->lock);
	int result = trust->loaded ? trust->result : load(trust);
	/* For want of memory it may be tried again. */
	trust->loaded = result != GNUTLS_E_MEMORY_ERROR;
	trust->result = result;
	pthread_mutex_unlock(&trust->lock);
	pthread_setcancelstate(cancel_state, NULL);
	return result;
}
