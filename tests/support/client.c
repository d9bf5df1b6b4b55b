/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/client.h"

#include <sys/socket.h>

#include <gnutls/x509.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "support/early.h"

static const char *verified;

void client_verify_as(const char *servername)
{
	verified = servername;
}

struct tlsfo_config *client_config_default(void)
{
	struct tlsfo_config *config = NULL;

	verified = NULL;
	assert_int_equal(tlsfo_config_new(&config), 0);
	assert_int_equal(tlsfo_config_set_ca_file(config, CERTS_DIR "/ca.pem"), 0);
	return config;
}

struct tlsfo_config *client_config(const struct way *way)
{
	struct tlsfo_config *config = client_config_default();

	assert_int_equal(tlsfo_config_set_priority(config, way->priority), 0);
	return config;
}

static int tell(struct tlsfo_config *config, const char *host, const char *service,
	const void *data, size_t len, unsigned int flags, struct tlsfo_conn **ret_conn)
{
	*ret_conn = NULL;
	int ret = tlsfo_conn_new(config, host, service, ret_conn);

	if (ret == 0 && (data != NULL || len > 0 || flags != 0))
		ret = tlsfo_conn_set_first_data(*ret_conn, data, len, flags, NULL);
	if (ret == 0 && verified != NULL)
		ret = tlsfo_conn_set_servername(*ret_conn, verified);
	return ret;
}

int client_begin(struct tlsfo_config *config, const char *host, const char *service,
	const void *data, size_t len, unsigned int flags, int64_t deadline,
	struct tlsfo_conn **ret_conn)
{
	int ret = tell(config, host, service, data, len, flags, ret_conn);

	return ret == 0 ? tlsfo_conn_begin(*ret_conn, deadline) : ret;
}

int client_open(struct tlsfo_config *config, const char *host, const char *service,
	const void *data, size_t len, unsigned int flags, int64_t deadline,
	struct tlsfo_conn **ret_conn)
{
	int ret = tell(config, host, service, data, len, flags, ret_conn);

	return ret == 0 ? tlsfo_conn_open(*ret_conn, deadline) : ret;
}

int client_reach(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn)
{
	return client_open(config, host, service, NULL, 0, 0, deadline, ret_conn);
}

int client_prime(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn)
{
	int count = 0;
	int ret = tell(config, host, service, NULL, 0, 0, ret_conn);

	if (ret == 0)
		ret = tlsfo_conn_set_priming(*ret_conn);
	if (ret == 0)
		ret = tlsfo_conn_open(*ret_conn, deadline);
	if (ret != 0)
		return ret;
	const struct tlsfo_report report = client_report(*ret_conn);
	for (size_t i = 0; i < report.attempt_count; i++)
		count += report.attempts[i].cookie == 1;
	return count;
}

int client_connect(
	struct tlsfo_config *config, const char *host, uint16_t port, struct tlsfo_conn **ret_conn)
{
	char service[8];

	snprintf(service, sizeof(service), "%u", port);
	return client_reach(config, host, service, tlsfo_deadline_in(CLIENT_PATIENCE_MS), ret_conn);
}

struct tlsfo_conn *client_connect_well(struct tlsfo_config *config, const char *host, uint16_t port)
{
	struct tlsfo_conn *conn = NULL;
	int ret = client_connect(config, host, port, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	assert_non_null(conn);
	return conn;
}

int client_connect_first(struct tlsfo_config *config, const char *host, uint16_t port,
	const void *data, size_t len, unsigned int flags, struct tlsfo_conn **ret_conn)
{
	char service[8];

	snprintf(service, sizeof(service), "%u", port);
	return client_open(config, host, service, data, len, flags,
		tlsfo_deadline_in(CLIENT_PATIENCE_MS), ret_conn);
}

void client_close(struct tlsfo_conn *conn)
{
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
}

struct tlsfo_report client_request(
	struct tlsfo_config *config, int family, uint16_t port, const void *data, size_t len)
{
	char answer[sizeof(EARLY_ANSWER)] = "";
	struct tlsfo_conn *conn = NULL;
	int ret = client_connect_first(config, client_loopback(family), port, data, len,
		TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	client_receive(conn, answer, sizeof(answer) - 1);
	assert_string_equal(answer, EARLY_ANSWER);
	struct tlsfo_report report = client_report(conn);
	client_close(conn);
	return report;
}

const char *client_loopback(int family)
{
	return family == AF_INET ? "127.0.0.1" : "::1";
}

void client_send(struct tlsfo_conn *conn, const void *data, size_t len)
{
	ssize_t n = tlsfo_conn_write(conn, data, len, tlsfo_deadline_in(CLIENT_PATIENCE_MS));

	if (n < 0)
		fail_msg("write: %s: %s", tlsfo_strerror((int)n), tlsfo_conn_error(conn));
	assert_int_equal(n, len);
}

void client_receive(struct tlsfo_conn *conn, void *buf, size_t len)
{
	char *at = buf;

	while (len > 0) {
		ssize_t n = tlsfo_conn_read(conn, at, len, tlsfo_deadline_in(CLIENT_PATIENCE_MS));

		if (n <= 0)
			fail_msg("read: %s", n == 0 ? "the end" : tlsfo_strerror((int)n));
		at += n;
		len -= (size_t)n;
	}
}

void client_echo(struct tlsfo_conn *conn)
{
	static const char line[] = "is anybody there?\n";
	char answer[sizeof(line)] = "";

	/* gnutls-serv sends back strings. */
	client_send(conn, line, sizeof(line) - 1);
	client_receive(conn, answer, sizeof(line) - 1);
	assert_string_equal(answer, line);
}

struct tlsfo_report client_report(struct tlsfo_conn *conn)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;

	assert_int_equal(tlsfo_conn_get_report(conn, &report), 0);
	return report;
}

void client_pin(const char *certificate, char ret_pin[static CLIENT_PIN_SIZE])
{
	unsigned char digest[32];
	gnutls_datum_t pem;
	gnutls_datum_t der;
	gnutls_datum_t text;
	gnutls_pubkey_t key;
	gnutls_x509_crt_t cert;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.pem", CERTS_DIR, certificate);
	assert_int_equal(gnutls_load_file(path, &pem), 0);
	assert_int_equal(gnutls_x509_crt_init(&cert), 0);
	assert_int_equal(gnutls_x509_crt_import(cert, &pem, GNUTLS_X509_FMT_PEM), 0);
	assert_int_equal(gnutls_pubkey_init(&key), 0);
	assert_int_equal(gnutls_pubkey_import_x509(key, cert, 0), 0);
	assert_int_equal(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der), 0);
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, digest), 0);
	assert_int_equal(
		gnutls_base64_encode2(&(gnutls_datum_t){digest, sizeof(digest)}, &text), 0);
	snprintf(ret_pin, CLIENT_PIN_SIZE, "%s", (const char *)text.data);
	gnutls_free(text.data);
	gnutls_free(der.data);
	gnutls_free(pem.data);
	gnutls_pubkey_deinit(key);
	gnutls_x509_crt_deinit(cert);
}

gnutls_datum_t client_encrypted_key(void)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t pem;

	assert_int_equal(gnutls_load_file(CERTS_DIR "/client-key.pem", &pem), 0);
	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_import(key, &pem, GNUTLS_X509_FMT_PEM), 0);
	gnutls_free(pem.data);
	assert_int_equal(gnutls_x509_privkey_export2_pkcs8(
				 key, GNUTLS_X509_FMT_PEM, "word", GNUTLS_PKCS_PBES2_AES_128, &pem),
		0);
	gnutls_x509_privkey_deinit(key);
	return pem;
}
