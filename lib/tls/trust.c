/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/trust.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include <tlsfo/error.h>

#include "tls/session.h"

/* As many certificates as GnuTLS verifies. */
#define CHAIN_MOST 16

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

void trust_deinit(struct trust *trust)
{
	if (forked_is_child(&trust->forked))
		become_child(trust);
	if (trust->credentials != trust->bare)
		gnutls_certificate_free_credentials(trust->credentials);
	gnutls_certificate_free_credentials(trust->bare);
	pthread_mutex_destroy(&trust->lock);
	forked_deinit(&trust->forked);
	free(trust->pem);
	free(trust->source);
	free(trust->pins);
}

int trust_set_client_cert(
	struct trust *trust, const gnutls_datum_t *cert, const gnutls_datum_t *key)
{
	gnutls_certificate_credentials_t credentials;
	int ret = gnutls_certificate_allocate_credentials(&credentials);

	if (ret != 0)
		return ret;
	/* GnuTLS keeps a certificate whose key it has refused, so it gets a place of its own first. */
	ret = gnutls_certificate_set_x509_key_mem(credentials, cert, key, GNUTLS_X509_FMT_PEM);
	if (ret >= 0)
		ret = gnutls_hash_fast(GNUTLS_DIG_SHA256, cert->data, cert->size, trust->identity);
	if (ret < 0) {
		gnutls_certificate_free_credentials(credentials);
		return ret;
	}
	gnutls_certificate_free_credentials(trust->bare);
	trust->bare = credentials;
	trust->credentials = credentials;
	trust->has_client_cert = true;
	return 0;
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

int trust_add_pem(struct trust *trust, const void *pem, size_t len, const char *source)
{
	/* A newline between two texts, so that their markers stay on lines of their own. */
	size_t size = trust->pem_len + len + 1;
	unsigned char *all = malloc(size);

	if (all == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	if (trust->pem != NULL)
		memcpy(all, trust->pem, trust->pem_len);
	memcpy(all + trust->pem_len, pem, len);
	all[size - 1] = '\n';
	/* Here, because every connection needs it, and a bundle has some hundred kilobytes. */
	unsigned char digest[TRUST_DIGEST_SIZE];
	int ret = gnutls_hash_fast(GNUTLS_DIG_SHA256, pem, len, digest);
	if (ret == 0)
		ret = demand(trust, digest);
	if (ret != 0) {
		free(all);
		return ret;
	}
	free(trust->source);
	trust->source = source != NULL ? strdup(source) : NULL;
	trust->source_at = trust->pem_len;
	free(trust->pem);
	trust->pem = all;
	trust->pem_len = size;
	return 0;
}

int trust_set_verify(struct trust *trust, tlsfo_verify_fn fn, void *userdata)
{
	unsigned char nonce[TRUST_DIGEST_SIZE];
	/* Nobody can know what a function in another process, or the same one with other data behind its pointer,
	 * accepts. So the tickets are those of this configuration alone. */
	int ret = gnutls_rnd(GNUTLS_RND_NONCE, nonce, sizeof(nonce));

	if (ret == 0)
		ret = demand(trust, nonce);
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
	/* GnuTLS would go on after a code that is not fatal, and has none above -2. */
	if (ret >= -1 || gnutls_error_is_fatal(ret) == 0)
		ret = GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
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

bool trust_find_broken(const void *pem, size_t len, struct text *why)
{
	const char *end = (const char *)pem + len;
	unsigned int line = 1;
	unsigned int number = 0;
	int ret = 0;

	for (const char *at = next_certificate(pem, end, &line); at != NULL && ret >= 0;
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
			text_add(why, "certificate %u, at line %u, cannot be read: %s", number,
				line, gnutls_strerror(ret));
	}
	if (number == 0)
		text_add(why, "there is no certificate in it: none begins with a line "
			      "\"-----BEGIN CERTIFICATE-----\" (PEM)");
	return ret < 0 || number == 0;
}

void trust_explain(const struct trust *trust, struct text *why)
{
	const char *given = trust->source != NULL ? trust->source : "the trust that was given";

	if (trust->pem == NULL) {
		text_add(why, "the system's trust store holds no certificate that can be used");
		return;
	}
	text_add(why, "%s: ", given);
	if (trust_find_broken(
		    trust->pem + trust->source_at, trust->pem_len - trust->source_at, why))
		return;
	text_add(why, "all can be read; in what was given before it: ");
	if (!trust_find_broken(trust->pem, trust->source_at, why))
		text_add(why, "all can be read, and none can be used");
}

/* The client's own certificate. 0 or GnuTLS's code. */
static int copy_client_cert(
	gnutls_certificate_credentials_t from, gnutls_certificate_credentials_t to)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t *chain;
	unsigned int count;
	int ret = gnutls_certificate_get_x509_key(from, 0, &key);

	if (ret != 0)
		return ret;
	ret = gnutls_certificate_get_x509_crt(from, 0, &chain, &count);
	if (ret == 0) {
		ret = gnutls_certificate_set_x509_key(to, chain, (int)count, key);
		for (unsigned int i = 0; i < count; i++)
			gnutls_x509_crt_deinit(chain[i]);
		void *list = (void *)chain; /* the next is a macro, and sets what it is handed */
		gnutls_free(list);
	}
	gnutls_x509_privkey_deinit(key);
	return ret < 0 ? ret : 0;
}

/* Loads into credentials of their own, which others see when they are complete. */
static int load(struct trust *trust)
{
	const gnutls_datum_t pem = {trust->pem, (unsigned int)trust->pem_len};
	gnutls_certificate_credentials_t loaded;

	if (gnutls_certificate_allocate_credentials(&loaded) != 0)
		return GNUTLS_E_MEMORY_ERROR;
	int count;
	if (trust->has_client_cert && copy_client_cert(trust->bare, loaded) != 0)
		count = GNUTLS_E_MEMORY_ERROR;
	else if (trust->pem != NULL)
		count = gnutls_certificate_set_x509_trust_mem(loaded, &pem, GNUTLS_X509_FMT_PEM);
	else
		count = gnutls_certificate_set_x509_system_trust(loaded);
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
