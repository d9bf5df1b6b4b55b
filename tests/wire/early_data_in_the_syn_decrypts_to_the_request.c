/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The record of early data in the captured SYN, opened with nettle under the client's early traffic
 * secret from the key log, is the request. At both rungs and under each cipher.
 */

#include <stdlib.h>
#include <unistd.h>

#include "support/capture.h"
#include "support/client.h"
#include "support/decrypt.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/resume.h"

#define REQUEST "GET /weather?where=here HTTP/1.1\r\nHost: localhost\r\n\r\n"

static const struct early_turn turns[] = {{0}};

static char key_log[] = "/tmp/tlsfo-keys-XXXXXX";
static int key_log_fd;

static const struct {
	const char *priority;
	bool chacha;
	size_t secret_len;
} ciphers[] = {
	{WAY_TLS13 ":-CIPHER-ALL:+AES-256-GCM", false, 48},
	{WAY_TLS13 ":-CIPHER-ALL:+AES-128-GCM", false, 32},
	{WAY_TLS13 ":-CIPHER-ALL:+CHACHA20-POLY1305", true, 32},
};

/* The SYN's payload is a hello, a record of early data, and perhaps the ChangeCipherSpec that
 * middleboxes want; nothing else, and no piece of a record. */
static void open_syn(const struct capture_packet *syn, bool chacha, size_t secret_len)
{
	struct decrypt_secret secret = {0};
	unsigned char plain[1500];
	unsigned int type = 0;
	size_t len = 0;
	size_t hello_len = 0;
	size_t hello_record = 0;

	assert_non_null(syn);
	assert_non_null(hello_in_flight(syn->payload, syn->len, &hello_len, &hello_record));
	const unsigned char *record = decrypt_find_record(syn->payload, syn->len, 23, &len);
	assert_non_null(record);
	assert_ptr_equal(record + len, syn->payload + syn->len);
	assert_true(decrypt_find_secret(key_log, DECRYPT_EARLY, &secret));
	secret.chacha = chacha;
	assert_int_equal(secret.len, secret_len);
	assert_int_equal(decrypt_record(&secret, 0, record, len, plain, &type), strlen(REQUEST));
	assert_int_equal(type, 23);
	assert_memory_equal(plain, REQUEST, strlen(REQUEST));
	/* It is sealed, and by that secret alone. */
	assert_null(memmem(syn->payload, syn->len, REQUEST, 8));
	secret.bytes[0] ^= 1;
	assert_int_equal(decrypt_record(&secret, 0, record, len, plain, &type), -1);
}

static void by_transport(const struct way *way, size_t cipher)
{
	struct capture *capture;
	struct visit visit;
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	gnutls_datum_t ticket = resume_fetch(way, peer.port);
	early_hear(&peer);
	capture = capture_start();
	resume_open(&visit, way, peer.port, &ticket, REQUEST, strlen(REQUEST));
	assert_int_equal(visit_handshake(&visit), 0);
	assert_true(resume_accepted(&visit));
	open_syn(capture_syn(capture, peer.port, 0), ciphers[cipher].chacha,
		ciphers[cipher].secret_len);
	resume_answer(&visit);
	visit_close(&visit);
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, strlen(REQUEST));
	gnutls_free(ticket.data);
	peer_stop(&peer);
	capture_stop(capture);
}

static void by_client(const struct way *way, size_t cipher)
{
	struct tlsfo_config *config = client_config(way);
	struct capture *capture;
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	capture = capture_start();
	struct tlsfo_report report =
		client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	open_syn(syn, ciphers[cipher].chacha, ciphers[cipher].secret_len);
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, strlen(REQUEST));
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(report.early_data_bytes, strlen(REQUEST));
	assert_int_equal(report.flight_bytes, syn->len);
	assert_int_equal(report.syn_bytes, syn->len);
	assert_int_equal(report.flight_in_syn, 1);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.resumed, 1);
	tlsfo_config_free(config);
	peer_stop(&peer);
	capture_stop(capture);
}

static void test(void **state)
{
	const struct way *way = *state;

	for (size_t i = 0; i < suite_length(ciphers); i++) {
		struct way with_cipher = *way;

		with_cipher.priority = ciphers[i].priority;
		by_transport(&with_cipher, i);
		if (!way->blocking)
			by_client(&with_cipher, i);
	}
	/* GnuTLS keeps the file open from its first handshake on: ours goes in exchange, so that the
	 * count of descriptors stays. */
	if (key_log_fd >= 0)
		close(key_log_fd);
	key_log_fd = -1;
}

int main(void)
{
	key_log_fd = mkstemp(key_log);
	if (key_log_fd < 0)
		suite_abort("no file for the key log");
	/* GnuTLS writes there; it looks for the name once. */
	setenv("SSLKEYLOGFILE", key_log, 1);
	int ret = way_run(
		"early data in the SYN decrypts to the request", test, WAY_SOCKET | WAY_ONLY_TLS13);
	unlink(key_log);
	return ret;
}
