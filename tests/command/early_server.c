/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/early_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include "support/suite.h"

/* Of the child, which serves one visitor after the other. */
struct serving {
	gnutls_certificate_credentials_t credentials;
	gnutls_datum_t ticket_key;
	gnutls_anti_replay_t anti_replay;
	size_t visits;
};

struct received {
	unsigned char data[EARLY_SERVER_ROOM];
	size_t len;
};

/* No ClientHello was seen before: GnuTLS takes early data only from a server that looks. */
static int never_seen(
	void *context, time_t expires, const gnutls_datum_t *key, const gnutls_datum_t *data)
{
	(void)context;
	(void)expires;
	(void)key;
	(void)data;
	return 0;
}

static void begin(struct serving *serving)
{
	int ret = gnutls_certificate_allocate_credentials(&serving->credentials);

	if (ret >= 0)
		ret = gnutls_certificate_set_x509_key_file(serving->credentials,
			CERTS_DIR "/server.pem", CERTS_DIR "/server-key.pem", GNUTLS_X509_FMT_PEM);
	if (ret >= 0)
		ret = gnutls_session_ticket_key_generate(&serving->ticket_key);
	if (ret >= 0)
		ret = gnutls_anti_replay_init(&serving->anti_replay);
	if (ret < 0)
		peer_fail("cannot begin", ret);
	gnutls_anti_replay_set_add_function(serving->anti_replay, never_seen);
	/* In a busy machine a ClientHello may be long on its way. */
	gnutls_anti_replay_set_window(serving->anti_replay, 60000);
}

static gnutls_session_t make_session(const struct serving *serving,
	const struct early_options *options, const struct early_turn *turn, int fd)
{
	unsigned int flags = GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET;
	gnutls_session_t session;
	int ret = gnutls_init(
		&session, turn->max_early_data > 0 ? flags | GNUTLS_ENABLE_EARLY_DATA : flags);

	if (ret >= 0 && turn->priority != NULL)
		ret = gnutls_priority_set_direct(session, turn->priority, NULL);
	else if (ret >= 0)
		ret = gnutls_set_default_priority(session);
	if (ret >= 0)
		ret = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, serving->credentials);
	if (ret >= 0)
		ret = gnutls_session_ticket_enable_server(session, &serving->ticket_key);
	if (ret >= 0 && turn->max_early_data > 0)
		ret = gnutls_record_set_max_early_data_size(session, turn->max_early_data);
	if (ret >= 0 && options->alpn != NULL) {
		const gnutls_datum_t protocol = {(unsigned char *)(uintptr_t)options->alpn,
			(unsigned int)strlen(options->alpn)};

		ret = gnutls_alpn_set_protocols(session, &protocol, 1, 0);
	}
	if (ret < 0)
		peer_fail("cannot make a session", ret);
	gnutls_anti_replay_enable(session, serving->anti_replay);
	gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
	gnutls_transport_set_int(session, fd);
	return session;
}

static uint32_t receive_early(gnutls_session_t session, struct received *received)
{
	uint32_t count = 0;
	ssize_t n;

	while ((n = gnutls_record_recv_early_data(session, received->data + received->len,
			sizeof(received->data) - received->len)) > 0) {
		received->len += (size_t)n;
		count += (uint32_t)n;
	}
	return count;
}

static uint32_t receive_later(struct peer_conn *conn, struct received *received)
{
	uint32_t count = 0;
	size_t n;

	while ((n = peer_receive_some(conn, received->data + received->len,
			sizeof(received->data) - received->len)) > 0) {
		received->len += n;
		count += (uint32_t)n;
	}
	return count;
}

static void converse(struct peer_conn *conn, const struct early_turn *turn)
{
	static struct received received;
	struct early_heard heard = {.resumed = gnutls_session_is_resumed(conn->session) != 0};

	received.len = 0;
	if (turn->tickets > 0 && gnutls_session_ticket_send(conn->session, turn->tickets, 0) < 0)
		peer_fail("ticket", GNUTLS_E_INTERNAL_ERROR);
	heard.early = receive_early(conn->session, &received);
	heard.later = receive_later(conn, &received);
	if (write(conn->test, &heard, sizeof(heard)) != (ssize_t)sizeof(heard))
		peer_fail("write", 0);
	peer_send(conn, received.data, received.len);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
}

static void serve(struct peer_conn *conn)
{
	static struct serving serving;
	const struct early_options *options = conn->arg;
	int ret;

	if (serving.visits == 0)
		begin(&serving);
	const struct early_turn *turn =
		&options->turns[serving.visits < options->turn_count ? serving.visits
								     : options->turn_count - 1];
	serving.visits++;
	conn->session = make_session(&serving, options, turn, conn->fd);
	do
		ret = gnutls_handshake(conn->session);
	while (ret < 0 && !gnutls_error_is_fatal(ret));
	if (ret >= 0)
		converse(conn, turn);
	gnutls_deinit(conn->session);
	conn->session = NULL;
}

void early_server_start(struct peer *peer, const struct early_options *options)
{
	const struct peer_options bare = {.family = AF_INET, .no_tls = true, .arg = options};

	peer_start(peer, &bare, serve);
}

struct early_heard early_server_heard(struct peer *peer)
{
	struct early_heard heard;

	peer_hear(peer, &heard, sizeof(heard));
	return heard;
}
