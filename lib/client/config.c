/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include <tlsfo/error.h>

#include "base/text.h"
#include "base/bytes.h"
#include "store/disk.h"
#include "store/store.h"

#define FILE_SIZE_MOST ((size_t)16 * 1024 * 1024)

/* A SHA-256 in base64 (RFC 4648 §4). */
#define PIN_LENGTH 44

/* Reads a whole file of 1 byte to 16 MiB. False with errno; ENODATA: the file is empty, EFBIG: it is larger. */
static bool read_file(const char *path, gnutls_datum_t *ret_file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	/* One buffer for the largest file: untouched pages cost nothing, and no copy of a key is left behind. */
	unsigned char *data = malloc(FILE_SIZE_MOST + 1);
	ssize_t n = data != NULL ? disk_read(fd, data, FILE_SIZE_MOST + 1) : -1;
	int error = n < 0 ? errno : 0;
	close(fd);
	if (n == 0)
		error = ENODATA;
	if (n > (ssize_t)FILE_SIZE_MOST)
		error = EFBIG;
	if (n > 0 && error == 0) {
		*ret_file = (gnutls_datum_t){data, (unsigned int)n};
		return true;
	}
	/* A read that failed may have filled a part of the buffer, too. */
	wipe_free(data, n >= 0 ? (size_t)n : FILE_SIZE_MOST + 1);
	errno = error;
	return false;
}

/*
 * The administrator's policy for every GnuTLS session. GnuTLS tells parts of it only, and nothing of the least
 * verification profile, so the policy is known by the digest of its file, which is zeros where there is none.
 * FIPS mode is a policy of its own.
 */
static void read_policy(unsigned char ret_digest[static PEER_DIGEST_SIZE])
{
	gnutls_datum_t file;

	if (read_file(gnutls_get_system_config_file(), &file)) {
		gnutls_hash_fast(GNUTLS_DIG_SHA256, file.data, file.size, ret_digest);
		free(file.data);
	}
	ret_digest[0] ^= (unsigned char)gnutls_fips140_mode_enabled();
}

int tlsfo_config_new(struct tlsfo_config **ret_config)
{
	struct tlsfo_config *config;

	if (ret_config == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	config = calloc(1, sizeof(*config));
	if (config == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	int ret = tlsfo_store_new(&config->store);
	if (ret == 0)
		ret = trust_init(&config->trust);
	if (ret == 0 && !forked_init(&config->process)) {
		trust_deinit(&config->trust);
		ret = GNUTLS_E_MEMORY_ERROR;
	}
	if (ret != 0) {
		tlsfo_store_free(config->store);
		free(config);
		return ret;
	}
	read_policy(config->policy);
	atomic_init(&config->references, 1);
	atomic_init(&config->used, false);
	*ret_config = config;
	return 0;
}

struct tlsfo_config *config_use(struct tlsfo_config *config)
{
	atomic_store(&config->used, true);
	atomic_fetch_add(&config->references, 1);
	return config;
}

void tlsfo_config_free(struct tlsfo_config *config)
{
	if (config == NULL || atomic_fetch_sub(&config->references, 1) > 1)
		return;
	trust_deinit(&config->trust);
	forked_deinit(&config->process);
	if (config->priority != NULL)
		gnutls_priority_deinit(config->priority);
	tlsfo_store_free(config->store);
	failure_deinit(&config->failure);
	free(config->priority_text);
	free(config);
}

const char *tlsfo_config_error(const struct tlsfo_config *config)
{
	return config != NULL ? failure_text(&config->failure) : "";
}

int tlsfo_config_load(struct tlsfo_config *config)
{
	if (config == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	/* Trust is loaded once. A certificate added after this would be ignored, so further changes are refused. */
	bool shared = atomic_exchange(&config->used, true);
	int ret = trust_load(&config->trust);

	/* Other threads may read the error text of a configuration that is in use. */
	if (ret != TLSFO_E_INVALID_FILE || shared)
		return ret;
	failure_deinit(&config->failure);
	return failure_set(&config->failure, ret, 0, TRUST_NOTHING);
}

/* --------------------------------------------------------------------------------- setters -- */

/* Begins a setter: 0 when the configuration may still be changed and the argument is @valid. @what says what is wrong
 * with one that is not. */
static int check(struct tlsfo_config *config, bool valid, const char *what)
{
	if (config == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	/* Other threads may read the error text of a configuration that is in use. */
	if (atomic_load(&config->used))
		return TLSFO_E_CONFIG_IN_USE;
	failure_deinit(&config->failure);
	if (valid)
		return 0;
	failure_set(&config->failure, TLSFO_E_INVALID_ARGUMENT, 0, "%s", what);
	return TLSFO_E_INVALID_ARGUMENT;
}

_Static_assert(ALPN_MAX == 8, "the text of an error below says so");

/* The same for a @number that is one of an enumeration. */
static int check_number(struct tlsfo_config *config, bool valid, int number, const char *is_not)
{
	char what[FAILURE_TEXT_SIZE];

	snprintf(what, sizeof(what), "%d is %s", number, is_not);
	return check(config, valid, what);
}

/* Reads a file of the program's choice, which @what names with its path in an error. */
static int read_given(
	struct tlsfo_config *config, const char *what, const char *path, gnutls_datum_t *ret_file)
{
	if (read_file(path, ret_file))
		return 0;
	bool no_memory = errno == ENOMEM;
	if (no_memory)
		failure_memory(&config->failure);
	else
		failure_set(&config->failure, TLSFO_E_INVALID_FILE, 0, "%s %s: %s", what, path,
			errno == ENODATA ? "the file is empty" : strerror(errno));
	return no_memory ? FAILURE_MEMORY : TLSFO_E_INVALID_FILE;
}

/* True for a text of the size that a file may have. */
static bool has_text(const void *pem, size_t len)
{
	return pem != NULL && len > 0 && len <= FILE_SIZE_MOST;
}

/* Trusts @cert where there is no @key, or takes both for the client's own. */
static int take(struct tlsfo_config *config, const struct trust_source *cert,
	const struct trust_source *key)
{
	char buf[FAILURE_TEXT_SIZE] = "no memory";
	struct text why;

	text_init(&why, buf, sizeof(buf));
	int ret = key == NULL ? trust_add_pem(&config->trust, cert, &why)
			      : trust_set_client_cert(&config->trust, cert, key, &why);
	return ret != 0 ? failure_set(&config->failure, ret, 0, "%s", buf) : 0;
}

static struct trust_source from_memory(const char *name, const void *pem, size_t len)
{
	return (struct trust_source){
		.name = name, .pem = {(unsigned char *)(uintptr_t)pem, (unsigned int)len}};
}

int tlsfo_config_set_ca_mem(struct tlsfo_config *config, const void *pem, size_t len)
{
	const struct trust_source source = from_memory("the trust that was given", pem, len);
	int ret = check(config, has_text(pem, len),
		"trusted certificates are 1 byte to 16 MiB of PEM text");

	return ret == 0 ? take(config, &source, NULL) : ret;
}

int tlsfo_config_set_ca_file(struct tlsfo_config *config, const char *path)
{
	struct trust_source source = {.name = path};
	int ret = check(config, path != NULL, "no trust file was given");

	if (ret == 0)
		ret = read_given(config, "trust file", path, &source.pem);
	if (ret == 0)
		ret = take(config, &source, NULL);
	/* Any file of the program's may hold a private key by mistake. */
	wipe_free(source.pem.data, source.pem.size);
	return ret;
}

int tlsfo_config_set_key_password(struct tlsfo_config *config, const char *password)
{
	int ret = check(config, true, NULL);

	if (ret != 0)
		return ret;
	char *copy = password != NULL ? strdup(password) : NULL;
	if (password != NULL && copy == NULL)
		return failure_memory(&config->failure);
	char *old = config->trust.password;
	wipe_free(old, old != NULL ? strlen(old) : 0);
	config->trust.password = copy;
	return 0;
}

int tlsfo_config_set_client_cert_mem(struct tlsfo_config *config, const void *cert, size_t certlen,
	const void *key, size_t keylen)
{
	const struct trust_source cert_source =
		from_memory("the client certificate", cert, certlen);
	const struct trust_source key_source = from_memory("the key given with it", key, keylen);
	int ret = check(config, has_text(cert, certlen) && has_text(key, keylen),
		"a client certificate needs a certificate and a key");

	return ret == 0 ? take(config, &cert_source, &key_source) : ret;
}

int tlsfo_config_set_client_cert_file(
	struct tlsfo_config *config, const char *cert, const char *key)
{
	static const char *const kinds[] = {"certificate file", "key file"};
	const char *const places[] = {cert, key};
	struct trust_source sources[2] = {0};
	char names[2][256];
	int ret = check(config, cert != NULL && key != NULL,
		"a client certificate needs a certificate file and a key file");

	for (size_t i = 0; ret == 0 && i < 2; i++) {
		snprintf(names[i], sizeof(names[i]), "%s %s", kinds[i], places[i]);
		sources[i].name = names[i];
		if (strncmp(places[i], "pkcs11:", strlen("pkcs11:")) == 0)
			sources[i].url = places[i];
		else
			ret = read_given(config, kinds[i], places[i], &sources[i].pem);
	}
	if (ret == 0)
		ret = take(config, &sources[0], &sources[1]);
	wipe_free(sources[0].pem.data, sources[0].pem.size);
	wipe_free(sources[1].pem.data, sources[1].pem.size);
	return ret;
}

int tlsfo_config_set_alpn(struct tlsfo_config *config, const char *const *protocols, size_t count)
{
	gnutls_datum_t alpn[ALPN_MAX];
	gnutls_session_t session;
	int ret = check(config, protocols != NULL && count > 0 && count <= ALPN_MAX,
		"1 to 8 ALPN protocols can be offered");

	if (ret != 0)
		return ret;
	for (size_t i = 0; i < count; i++) {
		size_t len = protocols[i] != NULL ? strlen(protocols[i]) : 0;

		if (len == 0 || len > ALPN_LENGTH)
			return failure_set(&config->failure, TLSFO_E_INVALID_ARGUMENT, 0,
				"ALPN protocol %zu is not of 1 to %d bytes", i + 1, ALPN_LENGTH);
		alpn[i].data = (unsigned char *)(uintptr_t)protocols[i];
		alpn[i].size = (unsigned int)len;
	}
	ret = gnutls_init(&session, GNUTLS_CLIENT);
	if (ret == 0) {
		ret = gnutls_alpn_set_protocols(session, alpn, (unsigned int)count, 0);
		gnutls_deinit(session);
	}
	if (ret != 0)
		return failure_set(&config->failure, TLSFO_E_INVALID_ARGUMENT, 0,
			"GnuTLS does not take these ALPN protocols: %s", gnutls_strerror(ret));
	for (size_t i = 0; i < count; i++) {
		config->alpn[i].data = config->alpn_text[i];
		config->alpn[i].size = alpn[i].size;
		config->alpn_names[i] =
			memcpy(config->alpn_text[i], protocols[i], alpn[i].size + 1);
	}
	config->alpn_count = count;
	return 0;
}

int tlsfo_config_set_priority(struct tlsfo_config *config, const char *priority)
{
	gnutls_priority_t parsed;
	const char *at = NULL;
	int ret = check(config, priority != NULL, "no priority string was given");

	if (ret != 0)
		return ret;
	ret = gnutls_priority_init(&parsed, priority, &at);
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return ret;
	if (ret != 0)
		return failure_set(&config->failure, TLSFO_E_INVALID_ARGUMENT, 0,
			"priority string \"%s\": %s at \"%s\"", priority, gnutls_strerror(ret),
			at != NULL ? at : priority);
	char *text = strdup(priority);
	if (text == NULL) {
		gnutls_priority_deinit(parsed);
		return failure_memory(&config->failure);
	}
	if (config->priority != NULL)
		gnutls_priority_deinit(config->priority);
	free(config->priority_text);
	config->priority = parsed;
	config->priority_text = text;
	return 0;
}

int tlsfo_config_set_verify(struct tlsfo_config *config, tlsfo_verify_fn fn, void *userdata)
{
	int ret = check(config, true, NULL);

	return ret == 0 ? trust_set_verify(&config->trust, fn, userdata) : ret;
}

int tlsfo_config_add_pin(struct tlsfo_config *config, const char *pin)
{
	gnutls_datum_t text = {(unsigned char *)(uintptr_t)pin, 0};
	gnutls_datum_t digest = {0};
	char what[FAILURE_TEXT_SIZE];

	snprintf(what, sizeof(what), "pin \"%s\" is not the SHA-256 of a public key in base64",
		pin != NULL ? pin : "");
	text.size = pin != NULL ? (unsigned int)strnlen(pin, PIN_LENGTH + 1) : 0;
	int ret = check(config,
		text.size == PIN_LENGTH && gnutls_base64_decode2(&text, &digest) == 0 &&
			digest.size == TRUST_DIGEST_SIZE,
		what);
	if (ret == 0)
		ret = trust_add_pin(&config->trust, digest.data);
	gnutls_free(digest.data);
	return ret;
}

int tlsfo_config_require_staple(struct tlsfo_config *config)
{
	int ret = check(config, true, NULL);

	return ret == 0 ? trust_require_staple(&config->trust) : ret;
}

int tlsfo_config_set_store(struct tlsfo_config *config, struct tlsfo_store *store)
{
	const char *broken = tlsfo_store_error(store);
	char what[FAILURE_TEXT_SIZE];

	snprintf(what, sizeof(what), "the store could not be opened: %s", broken);
	int ret = check(config, broken[0] == '\0', what);
	if (ret != 0)
		return ret;
	if (store != NULL && config->is_private)
		return failure_set(&config->failure, TLSFO_E_INVALID_ARGUMENT, 0,
			"a private configuration keeps nothing and cannot have a store");
	struct tlsfo_store *old = config->store;
	config->store = store != NULL ? store_ref(store) : NULL;
	tlsfo_store_free(old);
	return 0;
}

int tlsfo_config_set_socket_hook(
	struct tlsfo_config *config, tlsfo_socket_hook_fn fn, void *userdata)
{
	int ret = check(config, true, NULL);

	if (ret == 0) {
		config->socket_hook = fn;
		config->socket_hook_data = userdata;
	}
	return ret;
}

int tlsfo_config_set_session_hook(
	struct tlsfo_config *config, tlsfo_session_hook_fn fn, void *userdata)
{
	int ret = check(config, true, NULL);

	if (ret == 0)
		ret = trust_isolate(&config->trust);
	if (ret == 0) {
		config->session_hook = fn;
		config->session_hook_data = userdata;
	}
	return ret;
}

int tlsfo_config_set_ticket_use(struct tlsfo_config *config, enum tlsfo_ticket_use use)
{
	int ret = check_number(config, use == TLSFO_TICKETS_USE || use == TLSFO_TICKETS_COLLECT,
		(int)use, "not a use of tickets");

	if (ret == 0)
		config->ticket_use = use;
	return ret;
}

int tlsfo_config_set_family(struct tlsfo_config *config, int family)
{
	int ret =
		check_number(config, family == AF_UNSPEC || family == AF_INET || family == AF_INET6,
			family, "none of AF_UNSPEC, AF_INET and AF_INET6");

	if (ret == 0)
		config->family = family;
	return ret;
}

int tlsfo_config_set_local_address(struct tlsfo_config *config, const char *address)
{
	struct address local;
	char what[FAILURE_TEXT_SIZE];

	snprintf(what, sizeof(what), "local address \"%s\" is neither an IPv4 nor an IPv6 address",
		address != NULL ? address : "");
	int ret = check(config, address != NULL && address_parse_exact(address, &local), what);
	if (ret != 0)
		return ret;
	/* A socket that is bound to an IPv4-mapped address speaks IPv4. */
	if (!address_is_mapped(&local) || !address_unmap(&local, &config->local))
		config->local = local;
	return 0;
}

int tlsfo_config_set_fast_open(struct tlsfo_config *config, enum tlsfo_fast_open_mode mode)
{
	int ret = check_number(config,
		mode == TLSFO_USE_FAST_OPEN_AUTO || mode == TLSFO_USE_FAST_OPEN_ALWAYS ||
			mode == TLSFO_USE_FAST_OPEN_NEVER,
		(int)mode, "not a fast-open mode");

	if (ret != 0)
		return ret;
	if (config->is_private && mode != TLSFO_USE_FAST_OPEN_NEVER)
		return failure_set(&config->failure, TLSFO_E_INVALID_ARGUMENT, 0,
			"a private configuration connects without fast open, whose cookie names "
			"this host");
	config->fast_open = mode;
	return 0;
}

int tlsfo_config_set_private(struct tlsfo_config *config)
{
	int ret = check(config, true, NULL);

	if (ret != 0)
		return ret;
	tlsfo_store_free(config->store);
	config->store = NULL;
	config->fast_open = TLSFO_USE_FAST_OPEN_NEVER;
	config->is_private = true;
	return 0;
}

int tlsfo_config_insecure_noverify(struct tlsfo_config *config)
{
	int ret = check(config, true, NULL);

	if (ret == 0)
		config->trust.insecure = true;
	return ret;
}
