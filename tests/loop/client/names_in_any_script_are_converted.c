/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A name that is not ASCII is converted (RFC 5891) to be looked up, sent and verified; the report and
 * the errors name it as it was given. One that cannot be converted whole is a failure that says so.
 */

#include <strings.h>
#include <unistd.h>

#include "support/client.h"
#include "support/etc.h"
#include "support/net.h"
#include "support/peer.h"

#define BUECHER	      "b\xc3\xbc\x63her.example"
#define BUECHER_ASCII "xn--bcher-kva.example"
#define NO_UTF8	      "b\xff\x63her.example"
/* The same in words for a terminal. */
#define NO_UTF8_SHOWN "b?cher.example"

/* Tells the test which name the client sent. */
static void tell_name(struct peer_conn *conn)
{
	char name[64] = "";
	size_t len = sizeof(name);
	unsigned int type;

	(void)!gnutls_server_name_get(conn->session, name, &len, &type, 0);
	if (write(conn->test, name, sizeof(name)) != (ssize_t)sizeof(name))
		peer_fail("write", 0);
	peer_listen(conn);
}

/* The certificate holds the name in ASCII. */
static void check_good(const char *host, const char *servername)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	char name[64];

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, tell_name);
	if (servername != NULL)
		client_verify_as(servername);
	struct tlsfo_conn *conn = client_connect_well(config, host, peer.port);
	peer_hear(&peer, name, sizeof(name));
	assert_int_equal(strcasecmp(name, BUECHER_ASCII), 0);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.verified, 1);
	assert_string_equal(report.host, host);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void good(void **state)
{
	(void)state;
	check_good(BUECHER, NULL);
	check_good("B\xc3\x9c\x43HER.Example", NULL);
	check_good("127.0.0.1", BUECHER);
}

/* The certificate is another's. */
static void wrong_certificate(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_listen);
	assert_int_equal(client_connect(config, "m\xc3\xbcller.example", peer.port, &conn),
		GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
	assert_non_null(strstr(tlsfo_conn_error(conn), "xn--mller-kva.example"));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void bad(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;

	(void)state;
	assert_int_equal(client_connect(config, NO_UTF8, 443, &conn), TLSFO_E_NAME_NOT_FOUND);
	assert_non_null(strstr(tlsfo_conn_error(conn), "\"" NO_UTF8_SHOWN "\" is not a name"));
	assert_string_equal(client_report(conn).host, NO_UTF8);
	tlsfo_conn_free(conn);
	assert_int_equal(
		client_connect(config, "b\xc3\xb6.example", 443, &conn), TLSFO_E_NAME_NOT_FOUND);
	assert_non_null(strstr(tlsfo_conn_error(conn), "b\xc3\xb6.example: xn--"));
	tlsfo_conn_free(conn);
	/* GnuTLS alone would ask for myhost. */
	assert_int_equal(client_connect(config, "my_host.b\xc3\xb6.example", 443, &conn),
		TLSFO_E_NAME_NOT_FOUND);
	assert_non_null(strstr(tlsfo_conn_error(conn), ": my_host.xn--b-1ga.example"));
	tlsfo_conn_free(conn);
	/* A zero width space is nothing. */
	assert_int_equal(
		client_connect(config, "\xe2\x80\x8b", 443, &conn), TLSFO_E_NAME_NOT_FOUND);
	assert_non_null(strstr(tlsfo_conn_error(conn), "not a name"));
	tlsfo_conn_free(conn);
	assert_int_equal(tlsfo_conn_new(config, "127.0.0.1", "443", &conn), 0);
	assert_int_equal(tlsfo_conn_set_servername(conn, NO_UTF8), TLSFO_E_INVALID_ARGUMENT);
	assert_non_null(strstr(tlsfo_conn_error(conn), NO_UTF8_SHOWN));
	tlsfo_conn_free(conn);
	assert_int_equal(tlsfo_conn_new(config, "127.0.0.1", "443", &conn), 0);
	assert_int_equal(tlsfo_conn_set_servername(conn, "b\xc3\xbc\x63her .example"),
		TLSFO_E_INVALID_ARGUMENT);
	assert_non_null(strstr(tlsfo_conn_error(conn), "her .example\" is not a name"));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(wrong_certificate),
		cmocka_unit_test(bad),
	};

	etc_need();
	etc_write("nsswitch.conf", "hosts: files\n");
	etc_write("hosts", "127.0.0.1 " BUECHER_ASCII " xn--mller-kva.example\n");
	return suite_run("names in any script are converted", tests, suite_length(tests));
}
