/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/first_data.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

bool first_data_init(struct tlsfo_conn *conn, const void *data, size_t len, unsigned int flags)
{
	struct first_data *first = &conn->first;

	if (len == 0)
		return true;
	first->data = malloc(len);
	if (first->data == NULL)
		return false;
	memcpy(first->data, data, len);
	first->len = len;
	first->replayable = (flags & TLSFO_FIRST_DATA_REPLAYABLE) != 0;
	first->fate = TLSFO_EARLY_DATA_WITHHELD;
	return true;
}

void first_data_wipe(struct tlsfo_conn *conn)
{
	wipe(conn->first.data, conn->first.len);
	free(conn->first.data);
	conn->first.data = NULL;
	conn->first.len = 0;
}

/* The server would reject early data for a protocol that is no longer offered (RFC 8446 §4.2.10). */
static bool offers_alpn_of(const struct tlsfo_config *config, const struct ticket *ticket)
{
	for (size_t i = 0; i < config->alpn_count; i++)
		if (config->alpn[i].size == ticket->alpn_len &&
			memcmp(config->alpn[i].data, ticket->alpn, ticket->alpn_len) == 0)
			return true;
	return ticket->alpn_len == 0;
}

/* Why not, of data that there is. */
static enum tlsfo_withheld obstacle(const struct tlsfo_conn *conn)
{
	const struct ticket *ticket = conn->ticket;

	if (!conn->first.replayable)
		return TLSFO_WITHHELD_NOT_REPLAYABLE;
	if (conn->reconnected != TLSFO_RECONNECT_NONE)
		return TLSFO_WITHHELD_CONNECTED_AGAIN;
	if (ticket == NULL)
		return TLSFO_WITHHELD_NO_TICKET;
	/* GnuTLS before 3.8.9 would send more than a ticket allows, even where it allows none. */
	if (ticket->max_early_data == 0)
		return TLSFO_WITHHELD_NOT_ALLOWED;
	if (conn->first.len > ticket->max_early_data)
		return TLSFO_WITHHELD_TOO_LARGE;
	if (conn->paths.early_paused)
		return TLSFO_WITHHELD_PATH_REMEMBERED;
	return offers_alpn_of(conn->config, ticket) ? TLSFO_WITHHELD_NOT
						    : TLSFO_WITHHELD_OTHER_PROTOCOL;
}

bool first_data_may_travel_early(const struct tlsfo_conn *conn)
{
	return conn->first.len > 0 && obstacle(conn) == TLSFO_WITHHELD_NOT;
}

void first_data_offer(struct tlsfo_conn *conn)
{
	struct first_data *first = &conn->first;

	if (first->len == 0)
		return;
	first->fate = TLSFO_EARLY_DATA_WITHHELD;
	first->early = 0;
	first->withheld = obstacle(conn);
	if (first->withheld != TLSFO_WITHHELD_NOT)
		return;
	if (conn->ticket_offered &&
		gnutls_record_send_early_data(conn->session, first->data, first->len) == 0) {
		first->fate = TLSFO_EARLY_DATA_UNKNOWN;
		first->early = first->len;
		return;
	}
	first->withheld = TLSFO_WITHHELD_TICKET_REFUSED;
}

static bool was_accepted(const struct tlsfo_conn *conn)
{
	return (gnutls_session_get_flags(conn->session) & GNUTLS_SFLAGS_EARLY_DATA) != 0;
}

int first_data_check(struct tlsfo_conn *conn)
{
	const struct ticket *ticket = conn->ticket;
	gnutls_datum_t chosen = {0};

	if (conn->first.fate != TLSFO_EARLY_DATA_UNKNOWN || !was_accepted(conn))
		return 0;
	if (gnutls_alpn_get_selected_protocol(conn->session, &chosen) != 0)
		chosen.size = 0;
	if (chosen.size == ticket->alpn_len &&
		(chosen.size == 0 || memcmp(chosen.data, ticket->alpn, chosen.size) == 0))
		return 0;
	/* RFC 8446 §4.2.10 forbids it; GnuTLS's servers do it. */
	conn->ready = false;
	return conn_fail(conn, GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER, 0,
		"%s: the server took early data and chose another protocol", conn->name);
}

static int send_some(struct tlsfo_conn *conn)
{
	struct first_data *first = &conn->first;

	while (first->sent < first->len) {
		ssize_t n = tlsfo_conn_write(
			conn, first->data + first->sent, first->len - first->sent, TLSFO_NOW);

		/* Only for that: what the server says meanwhile is the program's to read, and would wake
		 * it again and again until then. */
		if (n == GNUTLS_E_AGAIN)
			return conn_await(conn, conn->fd, POLLOUT);
		if (n < 0)
			return (int)n;
		first->sent += (size_t)n;
	}
	return 0;
}

int first_data_send(struct tlsfo_conn *conn)
{
	struct first_data *first = &conn->first;

	if (first->len == 0)
		return 0;
	if (first->fate == TLSFO_EARLY_DATA_UNKNOWN)
		first->fate =
			was_accepted(conn) ? TLSFO_EARLY_DATA_ACCEPTED : TLSFO_EARLY_DATA_REJECTED;
	return first->fate != TLSFO_EARLY_DATA_ACCEPTED ? send_some(conn) : 0;
}
