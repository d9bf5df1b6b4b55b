/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <poll.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "client/first_data.h"
#include "client/tickets.h"
#include "net/stream.h"
#include "tls/session.h"

/* Warnings in one handshake. */
#define WARNINGS_MOST 8

static int replace_session(struct tlsfo_conn *conn, bool early_data)
{
	const struct tlsfo_config *config = conn->config;
	const struct session_options options = {
		.trust = &config->trust,
		.priority = config->priority,
		.priority_text = config->priority_text,
		.group = conn->group,
		.name = conn->name,
		.checks = config->insecure ? NULL : &conn->checks,
		.early_data = early_data,
		.no_tickets = config->is_private,
		.alpn = config->alpn,
		.alpn_count = config->alpn_count,
	};

	if (conn->session != NULL)
		gnutls_deinit(conn->session);
	conn->session = NULL;
	conn->transport = NULL;
	int ret = session_new(&options, &conn->session);
	if (ret == 0) {
		tickets_offer(conn);
		return 0;
	}
	return conn_fail(conn, ret, 0, "%s: the TLS session cannot be set up: %s", conn->name,
		gnutls_strerror(ret));
}

int conn_new_session(struct tlsfo_conn *conn)
{
	bool early_data = first_data_may_travel_early(conn);
	int ret = replace_session(conn, early_data);

	/* GnuTLS would announce early data that it has no key for. */
	if (ret == 0 && early_data && !conn->ticket_offered)
		ret = replace_session(conn, false);
	if (ret != 0)
		return ret;
	gnutls_handshake_set_hook_function(
		conn->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
	first_data_offer(conn);
	return 0;
}

int conn_load_trust(struct tlsfo_conn *conn)
{
	struct trust *trust = &conn->config->trust;
	int ret = conn->config->insecure ? 0 : trust_load(trust);

	/* In a forked child it may have been loaded into others than the session has. */
	if (ret == 0 && conn->session != NULL)
		ret = gnutls_credentials_set(
			conn->session, GNUTLS_CRD_CERTIFICATE, trust->credentials);
	if (ret == 0)
		return 0;
	if (ret != TLSFO_E_INVALID_FILE)
		return conn_fail(conn, ret, 0, "no memory for the trust store");
	char buf[CONN_ERROR_SIZE];
	struct text why;
	text_init(&why, buf, sizeof(buf));
	trust_explain(trust, &why);
	return conn_fail(conn, ret, 0, "%s", buf);
}

static int heard(void *context, gnutls_session_t session, unsigned int type, unsigned int when,
	const gnutls_datum_t *message)
{
	struct tlsfo_conn *conn = context;

	(void)session;
	tickets_heard(conn, type, when, message);
	/* A session that is resumed shows no certificate and needs no trust store. */
	if (type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT && when == GNUTLS_HOOK_PRE)
		return conn_load_trust(conn);
	return 0;
}

void conn_watch(struct tlsfo_conn *conn)
{
	conn->transport->watch = heard;
	conn->transport->watch_context = conn;
}

/* The events that GnuTLS waits for. */
static short direction(const struct tlsfo_conn *conn)
{
	return gnutls_record_get_direction(conn->session) != 0 ? POLLOUT : POLLIN;
}

/* A few are no harm (RFC 5246 §7.2); GnuTLS calls the seventeenth an internal error. */
static int fail_warned(struct tlsfo_conn *conn)
{
	char text[128];

	session_explain(conn->session, GNUTLS_E_WARNING_ALERT_RECEIVED, text, sizeof(text));
	return conn_fail(conn, GNUTLS_E_UNEXPECTED_PACKET, 0,
		"%s: %s, and %d warnings in all, in place of the handshake", conn->name, text,
		WARNINGS_MOST);
}

/*
 * What the others may learn of it. The first answer on a plain connection beside one that was
 * silent: if it took its time, the server is slow, and the other might have been answered as well.
 */
static void tell_others(
	const struct tlsfo_conn *conn, const struct attempt *attempt, int64_t now_us)
{
	struct patience *patience = &conn->config->patience;
	int64_t took_us = now_us - attempt->connected_us;

	if (attempt->connected_us < 0)
		return;
	patience_took(patience, &attempt->address, took_us, now_us);
	if (conn->fell_back != TLSFO_REASON_SILENT)
		return;
	if (took_us < PATIENCE_GRACE_US)
		patience_silent(patience, &attempt->address, now_us);
	else
		patience_answered(patience, &attempt->address, now_us);
}

void conn_note_first_byte(struct tlsfo_conn *conn, const struct attempt *attempt)
{
	/* Readable may also be the end of it, or an error. */
	if (conn->first_byte_us >= 0 || !stream_has_data(attempt->fd))
		return;
	int64_t now_us = clock_us();
	conn->first_byte_us = now_us - conn->begun_us;
	tell_others(conn, attempt, now_us);
}

int conn_handshake(struct tlsfo_conn *conn)
{
	short found = waits_found(&conn->waits, conn->fd);
	short wanted = direction(conn) | POLLERR | POLLHUP;

	/* GnuTLS said what it waits for when it was last asked. */
	if (conn->handshake == GNUTLS_E_AGAIN && (found & wanted) == 0)
		return conn_await(conn, conn->fd, direction(conn));
	if ((found & POLLIN) != 0)
		conn_note_first_byte(conn, conn->transport->attempt);
	while (conn->handshake != 0) {
		if (conn->handshake < 0 && gnutls_error_is_fatal(conn->handshake))
			return conn_fail_tls(conn, conn->handshake);
		conn->handshake = gnutls_handshake(conn->session);
		if (conn->handshake == GNUTLS_E_WARNING_ALERT_RECEIVED &&
			++conn->warnings == WARNINGS_MOST)
			return fail_warned(conn);
		/* After a signal too: the deadline comes before the next try. */
		if (conn->handshake == GNUTLS_E_AGAIN || conn->handshake == GNUTLS_E_INTERRUPTED)
			return conn_await(conn, conn->fd, direction(conn));
	}
	conn->handshake_us = clock_us() - conn->begun_us;
	conn->ready = true;
	conn->session_owed = conn->config->store != NULL && !session_is_tls13(conn->session);
	tickets_keep_session(conn);
	return 0;
}
