/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every setter of a configuration refuses what is wrong, says what it was, and leaves the
 * configuration usable.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/suite.h"

static struct tlsfo_config *config;

static int make(void **state)
{
	(void)state;
	return tlsfo_config_new(&config);
}

static int unmake(void **state)
{
	(void)state;
	tlsfo_config_free(config);
	return 0;
}

/* The text names what was wrong with it. */
static void assert_told(const char *word)
{
	const char *text = tlsfo_config_error(config);

	if (strstr(text, word) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", text, word);
	size_t len = strlen(text);
	assert_true(len > 0 && text[len - 1] != '.');
}

static void new_one(void **state)
{
	(void)state;
	assert_int_equal(tlsfo_config_new(NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_string_equal(tlsfo_config_error(config), "");
}

static void trust(void **state)
{
	char path[] = "/tmp/tlsfo-empty-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(tlsfo_config_set_ca_file(NULL, path), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_ca_file(config, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_ca_file(config, "/nowhere/ca"), TLSFO_E_INVALID_FILE);
	assert_told("/nowhere/ca");
	assert_int_equal(tlsfo_config_set_ca_file(config, "/"), TLSFO_E_INVALID_FILE);
	assert_int_equal(tlsfo_config_set_ca_file(config, path), TLSFO_E_INVALID_FILE);
	assert_told(path);
	assert_int_equal(tlsfo_config_set_ca_file(config, "/dev/zero"), TLSFO_E_INVALID_FILE);
	unlink(path);
	assert_int_equal(tlsfo_config_set_ca_mem(config, NULL, 4), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_ca_mem(config, "text", 0), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_ca_mem(config, "text", 4), TLSFO_E_INVALID_FILE);
	assert_told("the trust that was given: there is no certificate in it");
	assert_int_equal(
		tlsfo_config_set_ca_file(config, CERTS_DIR "/ca-key.pem"), TLSFO_E_INVALID_FILE);
	assert_told(CERTS_DIR "/ca-key.pem: there is no certificate in it");
}

#define BROKEN "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

/* A certificate of the tests with @behind behind it. Returns what is to be freed. */
static char *bundle(const char *behind, unsigned int *ret_lines)
{
	gnutls_datum_t pem;
	char *text = NULL;

	assert_int_equal(gnutls_load_file(CERTS_DIR "/client.pem", &pem), 0);
	assert_true(asprintf(&text, "%.*s%s", (int)pem.size, (const char *)pem.data, behind) > 0);
	*ret_lines = 0;
	for (unsigned int i = 0; i < pem.size; i++)
		*ret_lines += pem.data[i] == '\n';
	gnutls_free(pem.data);
	return text;
}

static void broken_certificate(void **state)
{
	unsigned int lines;
	char words[128];
	char *text = bundle(BROKEN, &lines);
	gnutls_datum_t key;

	(void)state;
	(void)snprintf(
		words, sizeof(words), ": certificate 2, at line %u, cannot be read: ", lines + 1);
	assert_int_equal(gnutls_load_file(CERTS_DIR "/client-key.pem", &key), 0);
	assert_int_equal(
		tlsfo_config_set_client_cert_mem(config, text, strlen(text), key.data, key.size),
		TLSFO_E_INVALID_FILE);
	assert_told(words);
	gnutls_free(key.data);
	assert_int_equal(tlsfo_config_set_ca_file(config, CERTS_DIR "/ca.pem"), 0);
	assert_int_equal(tlsfo_config_set_ca_mem(config, text, strlen(text)), TLSFO_E_INVALID_FILE);
	assert_told(words);
	free(text);
}

/* A key under a password, and one of another certificate. */
static void unusable_key(void **state)
{
	static const char *const passwords[] = {NULL, "", "world", NULL, "word"};
	static const char *const told[] = {"no password was given", "the password does not open it",
		"the password does not open it", "no password was given", NULL};
	gnutls_datum_t pem = client_encrypted_key();
	unsigned int lines;
	char *cert = bundle("", &lines);

	(void)state;
	for (size_t i = 0; i < suite_length(passwords); i++) {
		assert_int_equal(tlsfo_config_set_key_password(config, passwords[i]), 0);
		assert_int_equal(tlsfo_config_set_client_cert_mem(
					 config, cert, strlen(cert), pem.data, pem.size),
			told[i] != NULL ? TLSFO_E_INVALID_FILE : 0);
		if (told[i] == NULL)
			continue;
		assert_told("the key given with it: the key is encrypted, and ");
		assert_told(told[i]);
	}
	gnutls_free(pem.data);
	free(cert);
	/* A password is no harm to a key that needs none. */
	assert_int_equal(tlsfo_config_set_client_cert_file(
				 config, CERTS_DIR "/client.pem", CERTS_DIR "/client-key.pem"),
		0);
	assert_int_equal(tlsfo_config_set_client_cert_file(
				 config, CERTS_DIR "/client.pem", CERTS_DIR "/ca-key.pem"),
		TLSFO_E_INVALID_FILE);
	assert_told("is not that of key file " CERTS_DIR "/ca-key.pem");
	assert_int_equal(tlsfo_config_set_client_cert_file(
				 config, CERTS_DIR "/client.pem", CERTS_DIR "/ca.pem"),
		TLSFO_E_INVALID_FILE);
	assert_told("key file " CERTS_DIR "/ca.pem: no private key can be read");
}

static void client_certificate(void **state)
{
	const char *cert = CERTS_DIR "/client.pem";
	const char *key = CERTS_DIR "/client-key.pem";

	(void)state;
	assert_int_equal(
		tlsfo_config_set_client_cert_file(config, cert, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_config_set_client_cert_file(config, NULL, key), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_client_cert_file(config, "/nowhere/cert", key),
		TLSFO_E_INVALID_FILE);
	assert_told("/nowhere/cert");
	assert_int_equal(tlsfo_config_set_client_cert_file(config, cert, "/nowhere/key"),
		TLSFO_E_INVALID_FILE);
	assert_told("/nowhere/key");
	assert_int_equal(tlsfo_config_set_client_cert_file(config, cert, CERTS_DIR "/ca-key.pem"),
		TLSFO_E_INVALID_FILE);
	assert_int_equal(
		tlsfo_config_set_client_cert_file(config, key, cert), TLSFO_E_INVALID_FILE);
	assert_int_equal(
		tlsfo_config_set_client_cert_mem(config, "c", 1, "k", 0), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_client_cert_mem(config, NULL, 1, "k", 1),
		TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_config_set_client_cert_mem(config, "c", 1, "k", 1), TLSFO_E_INVALID_FILE);
	assert_int_equal(tlsfo_config_set_client_cert_file(config, cert, key), 0);
}

static void protocols(void **state)
{
	static const char *const nine[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
	char longest[257];
	const char *one = longest;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[256] = '\0';
	assert_int_equal(tlsfo_config_set_alpn(config, NULL, 1), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_alpn(config, nine, 0), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_alpn(config, nine, 9), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_alpn(config, &one, 1), TLSFO_E_INVALID_ARGUMENT);
	/* What every version of GnuTLS takes. */
	longest[31] = '\0';
	assert_int_equal(tlsfo_config_set_alpn(config, &one, 1), 0);
	longest[0] = '\0';
	assert_int_equal(tlsfo_config_set_alpn(config, &one, 1), TLSFO_E_INVALID_ARGUMENT);
	one = NULL;
	assert_int_equal(tlsfo_config_set_alpn(config, &one, 1), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_alpn(config, nine, 8), 0);
	assert_int_equal(tlsfo_config_set_alpn(config, nine, 2), 0);
}

static void pins(void **state)
{
	static const char *const wrong[] = {NULL, "", "AAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"?AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=A"};

	(void)state;
	for (size_t i = 0; i < suite_length(wrong); i++) {
		assert_int_equal(tlsfo_config_add_pin(config, wrong[i]), TLSFO_E_INVALID_ARGUMENT);
		assert_told("\" is not the SHA-256 of a public key in base64");
	}
	assert_int_equal(tlsfo_config_add_pin(NULL, wrong[1]), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_config_add_pin(config, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), 0);
}

static void values(void **state)
{
	(void)state;
	assert_int_equal(tlsfo_config_set_priority(config, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_config_set_priority(config, "NORMAL:+NONSENSE"), TLSFO_E_INVALID_ARGUMENT);
	assert_told("NONSENSE");
	assert_int_equal(tlsfo_config_set_priority(config, WAY_TLS13), 0);
	assert_int_equal(tlsfo_config_set_priority(config, WAY_TLS12), 0);
	assert_int_equal(tlsfo_config_set_family(config, AF_UNIX), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_family(config, -1), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_family(config, AF_INET6), 0);
	assert_int_equal(tlsfo_config_set_family(config, AF_UNSPEC), 0);
	assert_int_equal(tlsfo_config_set_local_address(config, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_config_set_local_address(config, "localhost"), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_config_set_local_address(config, "127.0.0.1:80"), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_local_address(config, "::1"), 0);
	assert_int_equal(tlsfo_config_set_local_address(config, "127.0.0.2"), 0);
	assert_int_equal(tlsfo_config_set_fast_open(config, (enum tlsfo_fast_open_mode)3),
		TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_fast_open(config, TLSFO_USE_FAST_OPEN_ALWAYS), 0);
	assert_int_equal(tlsfo_config_set_ticket_use(config, (enum tlsfo_ticket_use)2),
		TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_config_set_ticket_use(config, TLSFO_TICKETS_USE), 0);
	assert_int_equal(tlsfo_config_insecure_noverify(NULL), TLSFO_E_INVALID_ARGUMENT);
}

static void connect_arguments(void **state)
{
	struct tlsfo_conn *conn = NULL;
	char host[300];

	(void)state;
	memset(host, 'a', sizeof(host));
	host[sizeof(host) - 1] = '\0';
	assert_int_equal(tlsfo_connect(config, "localhost", "443", TLSFO_NOW, NULL),
		TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_connect(NULL, "localhost", "443", TLSFO_NOW, &conn),
		TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_connect(config, NULL, "443", TLSFO_NOW, &conn), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_connect(config, "", "443", TLSFO_NOW, &conn), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_connect(config, "localhost", "", TLSFO_NOW, &conn), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_connect(config, host, "443", TLSFO_NOW, &conn), TLSFO_E_INVALID_ARGUMENT);
	assert_null(conn);
	/* A refused call is no use of it. */
	assert_int_equal(tlsfo_config_set_family(config, AF_INET), 0);
}

#define FACT(test)                                                                                 \
	{                                                                                          \
#test, test, make, unmake, NULL                                                    \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(new_one),
		FACT(trust),
		FACT(broken_certificate),
		FACT(unusable_key),
		FACT(client_certificate),
		FACT(protocols),
		FACT(pins),
		FACT(values),
		FACT(connect_arguments),
	};

	return suite_run_offline(
		"a configuration refuses what is wrong", tests, suite_length(tests));
}
