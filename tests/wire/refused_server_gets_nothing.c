/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The program's own function decides on a certificate, whatever GnuTLS found: a server that it refuses gets
 * nothing but the ClientHello, and no second connection; it leaves no ticket, so the next visit sends no early data.
 * The connection ends with the function's code. A server that it accepts is visited again with early data.
 */

#include "support/capture.h"
#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"

#define REQUEST	 "my name and my password\n"
#define OWN_CODE GNUTLS_E_APPLICATION_ERROR_MIN

enum { RECORD_CHANGE_CIPHER_SPEC = 20 };

static const struct early_turn turns[] = {{0}};

struct judge {
	int says;
	unsigned int asked;
	unsigned int status;
	char name[64];
};

static int ask(gnutls_session_t session, const char *name, unsigned int status, void *userdata)
{
	struct judge *judge = userdata;
	unsigned int count = 0;

	assert_non_null(gnutls_certificate_get_peers(session, &count));
	assert_true(count > 0);
	judge->asked++;
	judge->status = status;
	snprintf(judge->name, sizeof(judge->name), "%s", name);
	return judge->says;
}

/* It would show a certificate of its own, too. */
static struct tlsfo_config *make(const struct way *way, struct judge *judge)
{
	struct tlsfo_config *config = client_config(way);

	assert_int_equal(tlsfo_config_set_verify(config, ask, judge), 0);
	assert_int_equal(tlsfo_config_set_client_cert_file(
				 config, CERTS_DIR "/client.pem", CERTS_DIR "/client-key.pem"),
		0);
	return config;
}

/* Behind the ClientHello there are at most records that say nothing: TLS 1.3 has one of them (RFC 8446 §D.4). */
static void expect_hello_alone(struct capture *capture, uint16_t port)
{
	static unsigned char sent[8192];
	size_t len =
		capture_stream(capture, capture_syn(capture, port, 0)->from, sent, sizeof(sent));
	size_t hello_len;
	size_t at;

	assert_non_null(hello_in_flight(sent, len, &hello_len, &at));
	assert_null(hello_extension(sent, len, HELLO_EARLY_DATA, &hello_len));
	while (at + 5 <= len) {
		assert_int_equal(sent[at], RECORD_CHANGE_CIPHER_SPEC);
		at += 5 + (size_t)(sent[at + 3] << 8 | sent[at + 4]);
	}
	assert_int_equal(at, len);
}

static int visit(struct tlsfo_config *config, const struct way *way, const struct peer *peer,
	struct tlsfo_report *ret_report)
{
	struct tlsfo_conn *conn = NULL;
	int ret = client_connect_first(config, client_loopback(way->family), peer->port, REQUEST,
		strlen(REQUEST), TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	*ret_report = client_report(conn);
	assert_int_equal(ret_report->error, ret);
	if (ret != 0 && strstr(tlsfo_conn_error(conn),
				"the program's verification function refused") == NULL)
		fail_msg("\"%s\" names nobody who refused", tlsfo_conn_error(conn));
	tlsfo_conn_free(conn);
	return ret;
}

static void refuse(const struct way *way, int says, int code)
{
	struct judge judge = {.says = says};
	struct tlsfo_config *config = make(way, &judge);
	struct tlsfo_report report;
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	for (unsigned int i = 1; i <= 2; i++) {
		struct capture *capture = capture_start();

		assert_int_equal(visit(config, way, &peer, &report), code);
		assert_int_equal(judge.asked, i);
		assert_int_equal(judge.status, 0);
		assert_string_equal(judge.name, client_loopback(way->family));
		assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
		struct early_seen seen = early_hear(&peer);
		assert_false(seen.handshake);
		assert_false(early_has_ticket(&seen));
		assert_int_equal(seen.total, 0);
		assert_int_equal(capture_count_syns(capture, peer.port), 1);
		expect_hello_alone(capture, peer.port);
		capture_stop(capture);
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void refused(void **state)
{
	/* The connection ends with the code, if GnuTLS ends one with it. */
	static const int codes[][2] = {
		{OWN_CODE, OWN_CODE},
		{GNUTLS_E_PULL_ERROR, GNUTLS_E_PULL_ERROR},
		{TLSFO_E_PATH_SWALLOWS, TLSFO_E_PATH_SWALLOWS},
		{GNUTLS_E_AGAIN, GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR},
		{-1, GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR},
		{1, GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR},
	};

	for (size_t i = 0; i < suite_length(codes); i++)
		refuse(*state, codes[i][0], codes[i][1]);
}

/* A certificate of an unknown CA: GnuTLS does not trust it, and the program does. Later it does not any more. */
static void accepted(void **state)
{
	const struct way *way = *state;
	const bool tls13 = strcmp(way->priority, WAY_TLS12) != 0;
	const struct early_turn two[] = {{0}, {0}, {.other_key = true}, {0}};
	struct judge judge = {0};
	struct tlsfo_config *config = make(way, &judge);
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, "unknown", two, suite_length(two)});
	for (int i = 0; i < 2; i++) {
		struct tlsfo_report report =
			client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
		struct early_seen seen = early_hear(&peer);

		assert_int_equal(report.verified, 0);
		assert_int_equal(report.resumed, i);
		assert_int_equal(seen.accepted, i == 1 && tls13);
		early_expect_data(&seen, REQUEST, strlen(REQUEST));
	}
	assert_int_equal(judge.asked, 1);
	assert_true((judge.status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0);
	/* The ticket is worth nothing to the server, whose certificate is looked at again. */
	judge.says = OWN_CODE;
	for (int i = 0; i < 2; i++) {
		struct tlsfo_report report;

		assert_int_equal(visit(config, way, &peer, &report), OWN_CODE);
		assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
		assert_int_equal(judge.asked, 2 + i);
		struct early_seen seen = early_hear(&peer);
		assert_false(seen.handshake);
		assert_int_equal(early_has_ticket(&seen), i == 0 && tls13);
		assert_int_equal(seen.announced, i == 0 && tls13);
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void test(void **state)
{
	refused(state);
	accepted(state);
}

int main(void)
{
	return way_run("refused server gets nothing", test, WAY_SOCKET | WAY_NONBLOCKING);
}
