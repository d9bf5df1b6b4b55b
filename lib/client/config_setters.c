/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/macros.h"
#include "base/text.h"
#include "client/file.h"
#include "client/name.h"
#include "store/store.h"
#include "tls/session.h"

static int refuse(struct tlsfo_config *config, int code, const char *format, ...)
	format_printf(3, 4);

static int refuse(struct tlsfo_config *config, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(config->error, sizeof(config->error), format, args);
	va_end(args);
	text_make_printable(config->error);
	text_strip_stop(config->error);
	return code;
}

/* Every setter checks first that there is a configuration and that no connection uses it. */
static int check(struct tlsfo_config *config)
{
	if (config == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	/* Other threads may read the error text of a configuration that is in use. */
	if (atomic_load(&config->used))
		return TLSFO_E_CONFIG_IN_USE;
	config->error[0] = '\0';
	return 0;
}

int tlsfo_config_set_ca_mem(struct tlsfo_config *config, const void *pem, size_t len)
{
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (pem == NULL || len == 0 || len > FILE_SIZE_MOST)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"trusted certificates are 1 byte to 16 MiB of PEM text");
	return trust_add_pem(&config->trust, pem, len, NULL);
}

/* Reads a file of the program's choice, naming it when that fails. */
static int read_file(
	struct tlsfo_config *config, const char *what, const char *path, struct file *ret_file)
{
	if (file_read(path, ret_file))
		return 0;
	if (errno == ENOMEM)
		return refuse(config, GNUTLS_E_MEMORY_ERROR, "no memory");
	return refuse(config, TLSFO_E_INVALID_FILE, "%s %s: %s", what, path,
		errno == ENODATA ? "the file is empty" : strerror(errno));
}

int tlsfo_config_set_ca_file(struct tlsfo_config *config, const char *path)
{
	struct file file;
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (path == NULL)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT, "no trust file was given");
	ret = read_file(config, "trust file", path, &file);
	if (ret != 0)
		return ret;
	ret = trust_add_pem(&config->trust, file.data, file.len, path);
	file_wipe(&file);
	return ret;
}

/* The names say in an error which of the two files is wrong. */
static int use_client_cert(struct tlsfo_config *config, const struct file *cert,
	const struct file *key, const char *cert_name, const char *key_name)
{
	const gnutls_datum_t cert_pem = {cert->data, (unsigned int)cert->len};
	const gnutls_datum_t key_pem = {key->data, (unsigned int)key->len};
	char buf[sizeof(config->error)];
	struct text why;

	text_init(&why, buf, sizeof(buf));
	/* This check comes first, because GnuTLS leaks the certificates that it has read before a broken one. */
	if (trust_find_broken(cert->data, cert->len, &why))
		return refuse(config, TLSFO_E_INVALID_FILE, "%s: %s", cert_name, buf);
	int ret = trust_set_client_cert(&config->trust, &cert_pem, &key_pem);
	if (ret == 0 || ret == GNUTLS_E_MEMORY_ERROR)
		return ret;
	if (ret == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		return refuse(config, TLSFO_E_INVALID_FILE,
			"the first certificate of %s is not that of %s", cert_name, key_name);
	/* A PKCS #8 file has the word in its header, a file in OpenSSL's own form in a line behind it. */
	if (memmem(key->data, key->len, "ENCRYPTED", strlen("ENCRYPTED")) != NULL)
		return refuse(config, TLSFO_E_INVALID_FILE,
			"%s: the key is encrypted, and no password can be given; make a copy "
			"without "
			"one (openssl pkey -in FILE -out COPY), which only you can read",
			key_name);
	return refuse(config, TLSFO_E_INVALID_FILE, "%s: no private key can be read: %s", key_name,
		gnutls_strerror(ret));
}

int tlsfo_config_set_client_cert_mem(struct tlsfo_config *config, const void *cert, size_t certlen,
	const void *key, size_t keylen)
{
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (cert == NULL || certlen == 0 || certlen > FILE_SIZE_MOST || key == NULL ||
		keylen == 0 || keylen > FILE_SIZE_MOST)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"a client certificate needs a certificate and a key");
	const struct file cert_file = {.data = (unsigned char *)(uintptr_t)cert, .len = certlen};
	const struct file key_file = {.data = (unsigned char *)(uintptr_t)key, .len = keylen};
	return use_client_cert(
		config, &cert_file, &key_file, "the client certificate", "the key given with it");
}

int tlsfo_config_set_client_cert_file(
	struct tlsfo_config *config, const char *cert, const char *key)
{
	char cert_name[256];
	char key_name[256];
	struct file cert_file;
	struct file key_file;
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (cert == NULL || key == NULL)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"a client certificate needs a certificate file and a key file");
	ret = read_file(config, "certificate file", cert, &cert_file);
	if (ret != 0)
		return ret;
	ret = read_file(config, "key file", key, &key_file);
	if (ret == 0) {
		snprintf(cert_name, sizeof(cert_name), "certificate file %s", cert);
		snprintf(key_name, sizeof(key_name), "key file %s", key);
		ret = use_client_cert(config, &cert_file, &key_file, cert_name, key_name);
		file_wipe(&key_file);
	}
	file_wipe(&cert_file);
	return ret;
}

int tlsfo_config_set_servername(struct tlsfo_config *config, const char *name)
{
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (name == NULL || name[0] == '\0' || strlen(name) >= TLSFO_HOST_SIZE)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"the server name is missing or longer than %d bytes", TLSFO_HOST_SIZE - 1);
	char *ascii = NULL;
	char buf[sizeof(config->error)];
	struct text why;
	text_init(&why, buf, sizeof(buf));
	ret = name_to_ascii(name, &ascii, &why);
	if (ret == TLSFO_E_NAME_NOT_FOUND)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"the server name \"%s\" is not a name: %s", name, buf);
	size_t len = 0;
	const char *bare = ascii != NULL ? name_normalize(ascii, &len) : NULL;
	char *copy = bare != NULL ? strndup(bare, len) : NULL;
	free(ascii);
	if (copy == NULL)
		return refuse(config, GNUTLS_E_MEMORY_ERROR, "no memory");
	free(config->servername);
	config->servername = copy;
	return 0;
}

int tlsfo_config_set_alpn(struct tlsfo_config *config, const char *const *protocols, size_t count)
{
	gnutls_datum_t alpn[ALPN_MAX];
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (protocols == NULL || count == 0 || count > ALPN_MAX)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"1 to %d ALPN protocols can be offered", ALPN_MAX);
	for (size_t i = 0; i < count; i++) {
		size_t len = protocols[i] != NULL ? strlen(protocols[i]) : 0;

		if (len == 0 || len > ALPN_LENGTH)
			return refuse(config, TLSFO_E_INVALID_ARGUMENT,
				"ALPN protocol %zu is not of 1 to %d bytes", i + 1, ALPN_LENGTH);
		alpn[i].data = (unsigned char *)(uintptr_t)protocols[i];
		alpn[i].size = (unsigned int)len;
	}
	ret = session_check_alpn(alpn, count);
	if (ret != 0)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"GnuTLS does not take these ALPN protocols: %s", gnutls_strerror(ret));
	for (size_t i = 0; i < count; i++) {
		config->alpn[i].data = config->alpn_names[i];
		config->alpn[i].size = alpn[i].size;
		memcpy(config->alpn_names[i], protocols[i], alpn[i].size + 1);
	}
	config->alpn_count = count;
	return 0;
}

int tlsfo_config_set_priority(struct tlsfo_config *config, const char *priority)
{
	gnutls_priority_t parsed;
	const char *at = NULL;
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (priority == NULL)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT, "no priority string was given");
	ret = gnutls_priority_init(&parsed, priority, &at);
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return ret;
	if (ret != 0)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"priority string \"%s\": %s at \"%s\"", priority, gnutls_strerror(ret),
			at != NULL ? at : priority);
	char *text = strdup(priority);
	if (text == NULL) {
		gnutls_priority_deinit(parsed);
		return refuse(config, GNUTLS_E_MEMORY_ERROR, "no memory");
	}
	if (config->priority != NULL)
		gnutls_priority_deinit(config->priority);
	free(config->priority_text);
	config->priority = parsed;
	config->priority_text = text;
	return 0;
}

int tlsfo_config_set_store(struct tlsfo_config *config, struct tlsfo_store *store)
{
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (store != NULL && tlsfo_store_error(store)[0] != '\0')
		return refuse(config, TLSFO_E_INVALID_ARGUMENT, "the store could not be opened: %s",
			tlsfo_store_error(store));
	if (store != NULL && config->is_private)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"a private configuration keeps nothing and cannot have a store");
	struct tlsfo_store *old = config->store;
	config->store = store != NULL ? store_ref(store) : NULL;
	tlsfo_store_free(old);
	return 0;
}

int tlsfo_config_set_socket_hook(
	struct tlsfo_config *config, tlsfo_socket_hook_fn fn, void *userdata)
{
	int ret = check(config);

	if (ret != 0)
		return ret;
	config->socket_hook = fn;
	config->socket_hook_data = userdata;
	return 0;
}

int tlsfo_config_set_ticket_use(struct tlsfo_config *config, enum tlsfo_ticket_use use)
{
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (use != TLSFO_TICKETS_USE && use != TLSFO_TICKETS_COLLECT)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT, "%d is not a use of tickets", use);
	config->ticket_use = use;
	return 0;
}

int tlsfo_config_set_family(struct tlsfo_config *config, int family)
{
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"address family %d is neither IPv4 nor IPv6", family);
	config->family = family;
	return 0;
}

int tlsfo_config_set_local_address(struct tlsfo_config *config, const char *address)
{
	struct address local;
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (address == NULL || !address_parse_exact(address, &local))
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"local address \"%s\" is neither an IPv4 nor an IPv6 address",
			address != NULL ? address : "");
	/* A socket that is bound to an IPv4-mapped address speaks IPv4. */
	if (!address_is_mapped(&local) || !address_unmap(&local, &config->local))
		config->local = local;
	return 0;
}

int tlsfo_config_set_fast_open(struct tlsfo_config *config, enum tlsfo_fast_open_mode mode)
{
	int ret = check(config);

	if (ret != 0)
		return ret;
	if (mode != TLSFO_FAST_OPEN_AUTO && mode != TLSFO_FAST_OPEN_ALWAYS &&
		mode != TLSFO_FAST_OPEN_NEVER)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT, "%d is not a fast-open mode", mode);
	if (config->is_private && mode != TLSFO_FAST_OPEN_NEVER)
		return refuse(config, TLSFO_E_INVALID_ARGUMENT,
			"a private configuration connects without fast open, whose cookie names "
			"this host");
	config->fast_open = mode;
	return 0;
}

int tlsfo_config_set_private(struct tlsfo_config *config)
{
	int ret = check(config);

	if (ret != 0)
		return ret;
	tlsfo_store_free(config->store);
	config->store = NULL;
	config->fast_open = TLSFO_FAST_OPEN_NEVER;
	config->is_private = true;
	return 0;
}

int tlsfo_config_insecure_noverify(struct tlsfo_config *config)
{
	int ret = check(config);

	if (ret == 0)
		config->insecure = true;
	return ret;
}
