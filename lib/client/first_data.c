/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/first_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

bool first_data_set(struct first_data *first, const void *data, size_t len, unsigned int flags,
	const gnutls_datum_t *protocol)
{
	first_data_wipe(first);
	*first = (struct first_data){.own_socket = first->own_socket};
	if (len == 0)
		return true;
	first->data = malloc(len);
	if (first->data == NULL)
		return false;
	memcpy(first->data, data, len);
	first->len = len;
	first->protocol = protocol;
	first->replayable = (flags & TLSFO_FIRST_DATA_REPLAYABLE) != 0;
	first->fate = TLSFO_EARLY_DATA_WITHHELD;
	return true;
}

void first_data_wipe(struct first_data *first)
{
	wipe(first->data, first->len);
	free(first->data);
	first->data = NULL;
	first->len = 0;
}

static bool is_protocol(const gnutls_datum_t *protocol, const void *name, size_t len)
{
	return protocol->size == len && (len == 0 || memcmp(protocol->data, name, len) == 0);
}

/* The server would reject early data for a protocol that is no longer offered (RFC 8446 §4.2.10). */
static bool offers_alpn_of(const struct tlsfo_config *config, const struct ticket *ticket)
{
	for (size_t i = 0; i < config->alpn_count; i++)
		if (is_protocol(&config->alpn[i], ticket->alpn, ticket->alpn_len))
			return true;
	return ticket->alpn_len == 0;
}

/* The reason why the data may not travel early, or TLSFO_WITHHELD_NOT. */
static enum tlsfo_withheld obstacle(const struct first_data *first, const struct ticket *ticket,
	const struct tlsfo_config *config)
{
	if (!first->replayable)
		return TLSFO_WITHHELD_NOT_REPLAYABLE;
	if (first->own_socket)
		return TLSFO_WITHHELD_OWN_SOCKET;
	if (first->again)
		return TLSFO_WITHHELD_CONNECTED_AGAIN;
	if (ticket == NULL)
		return TLSFO_WITHHELD_NO_TICKET;
	/* GnuTLS before 3.8.9 would send more than a ticket allows, even where it allows none. */
	if (ticket->max_early_data == 0)
		return TLSFO_WITHHELD_NOT_ALLOWED;
	if (first->len > ticket->max_early_data)
		return TLSFO_WITHHELD_TOO_LARGE;
	if (first->path_paused)
		return TLSFO_WITHHELD_PATH_REMEMBERED;
	bool fits = first->protocol != NULL
			    ? is_protocol(first->protocol, ticket->alpn, ticket->alpn_len)
			    : offers_alpn_of(config, ticket);
	return fits ? TLSFO_WITHHELD_NOT : TLSFO_WITHHELD_OTHER_PROTOCOL;
}

bool first_data_choose(
	struct first_data *first, const struct ticket *ticket, const struct tlsfo_config *config)
{
	if (first->len == 0)
		return false;
	first->fate = TLSFO_EARLY_DATA_WITHHELD;
	first->early = 0;
	first->sent = 0;
	first->withheld = obstacle(first, ticket, config);
	return first->withheld == TLSFO_WITHHELD_NOT;
}

void first_data_offer(struct first_data *first, gnutls_session_t session, bool offered)
{
	if (offered && gnutls_record_send_early_data(session, first->data, first->len) == 0) {
		first->fate = TLSFO_EARLY_DATA_UNKNOWN;
		first->early = first->len;
	} else {
		first->withheld = TLSFO_WITHHELD_TICKET_REFUSED;
	}
}

bool first_data_check(
	struct first_data *first, gnutls_session_t session, const struct ticket *ticket)
{
	gnutls_datum_t chosen = {0};

	if (gnutls_alpn_get_selected_protocol(session, &chosen) != 0)
		chosen.size = 0;
	if (first->fate == TLSFO_EARLY_DATA_UNKNOWN &&
		(gnutls_session_get_flags(session) & GNUTLS_SFLAGS_EARLY_DATA) != 0) {
		/* RFC 8446 §4.2.10 forbids a server to take early data and choose another protocol; GnuTLS's servers
		 * do it. */
		if (!is_protocol(&chosen, ticket->alpn, ticket->alpn_len))
			return false;
		first->fate = TLSFO_EARLY_DATA_ACCEPTED;
		return true;
	}
	if (first->fate == TLSFO_EARLY_DATA_UNKNOWN)
		first->fate = TLSFO_EARLY_DATA_REJECTED;
	if (first->protocol != NULL &&
		!is_protocol(&chosen, first->protocol->data, first->protocol->size))
		first->fate = TLSFO_EARLY_DATA_UNSENT;
	return true;
}

int first_data_send(struct first_data *first, struct io *io, struct waits *waits)
{
	while (first->fate != TLSFO_EARLY_DATA_ACCEPTED && first->fate != TLSFO_EARLY_DATA_UNSENT &&
		first->sent < first->len) {
		size_t taken;
		int ret = io_write(
			io, first->data + first->sent, first->len - first->sent, TLSFO_NOW, &taken);

		first->sent += taken;
		/* Only for that: what the server says meanwhile is the program's to read, and would wake
		 * it again and again until then. */
		if (ret == GNUTLS_E_AGAIN && !waits_add(waits, io->transport->attempt->fd, POLLOUT))
			return GNUTLS_E_MEMORY_ERROR;
		if (ret != 0)
			return ret;
	}
	return 0;
}
