/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/session.h"

#include <stdio.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/macros.h"
#include "base/text.h"

#define PRIORITY_MAX 4096

/* RFC 8446 §4.2.7. Names, because an older GnuTLS does not have the constants of all of them. */
static const struct {
	uint16_t number;
	const char *name;
} known[] = {
	{23, "SECP256R1"},
	{24, "SECP384R1"},
	{25, "SECP521R1"},
	{29, "X25519"},
	{30, "X448"},
	{256, "FFDHE2048"},
	{257, "FFDHE3072"},
	{258, "FFDHE4096"},
	{259, "FFDHE6144"},
	{260, "FFDHE8192"},
	{4587, "SECP256R1-MLKEM768"},
	{4588, "X25519-MLKEM768"},
};

uint16_t group_number(gnutls_group_t group)
{
	const char *name = gnutls_group_get_name(group);

	for (size_t i = 0; name != NULL && i < array_length(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].number;
	return 0;
}

int group_prefer(gnutls_session_t session, const char *priority, uint16_t number)
{
	char wanted[PRIORITY_MAX];
	gnutls_group_t first = GNUTLS_GROUP_INVALID;
	gnutls_priority_t parsed;
	const unsigned int *groups;
	struct text text;
	bool is_behind = false;

	for (size_t i = 0; i < array_length(known); i++)
		if (known[i].number == number)
			first = gnutls_group_get_id(known[i].name);
	if (first == GNUTLS_GROUP_INVALID)
		return 0;
	int ret = gnutls_priority_init(&parsed, priority, NULL);
	if (ret != 0)
		return ret;
	text_init(&text, wanted, sizeof(wanted));
	if (priority != NULL)
		text_add(&text, "%s:", priority);
	text_add(&text, "-GROUP-ALL:+GROUP-%s", gnutls_group_get_name(first));
	int count = gnutls_priority_group_list(parsed, &groups);
	for (int i = 0; i < count; i++) {
		if (groups[i] == first)
			is_behind = i > 0;
		else
			text_add(&text, ":+GROUP-%s",
				gnutls_group_get_name((gnutls_group_t)groups[i]));
	}
	gnutls_priority_deinit(parsed);
	if (!is_behind || text.len >= sizeof(wanted))
		return 0;
	/* GnuTLS's default may be more than "NORMAL": the administrator of a system may set it. */
	return priority != NULL ? gnutls_priority_set_direct(session, wanted, NULL)
				: gnutls_set_default_priority_append(session, wanted, NULL, 0);
}

enum tlsfo_client_cert session_client_cert(gnutls_session_t session)
{
	if (gnutls_certificate_get_ours(session) != NULL)
		return TLSFO_CLIENT_CERT_SENT;
	return gnutls_certificate_client_get_request_status(session) != 0
		       ? TLSFO_CLIENT_CERT_NOT_SENT
		       : TLSFO_CLIENT_CERT_NOT_ASKED;
}

bool session_is_established(gnutls_session_t session)
{
	/* GnuTLS has no function that tells it. It refuses a channel binding that does not exist with one code before
	 * the handshake is over, and with another code after it. */
	gnutls_channel_binding_t none;
	gnutls_datum_t binding = {0};

	memset(&none, 0x7f, sizeof(none));
	return gnutls_session_channel_binding(session, none, &binding) !=
	       GNUTLS_E_CHANNEL_BINDING_NOT_AVAILABLE;
}

bool session_is_tls13(gnutls_session_t session)
{
	return gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3;
}

static void explain_alert(gnutls_session_t session, char *buf, size_t size)
{
	gnutls_alert_description_t alert = gnutls_alert_get(session);
	enum tlsfo_client_cert shown = session_client_cert(session);
	const char *name = gnutls_alert_get_name(alert);
	const char *about = "";
	bool about_certificate =
		(alert >= GNUTLS_A_BAD_CERTIFICATE && alert <= GNUTLS_A_CERTIFICATE_UNKNOWN) ||
		alert == GNUTLS_A_UNKNOWN_CA || alert == GNUTLS_A_ACCESS_DENIED;

	/* A server of TLS 1.2 that misses a certificate may send any of many alerts (RFC 5246
	 * §7.4.6). */
	if (shown == TLSFO_CLIENT_CERT_NOT_SENT)
		about = "; it asked for a client certificate, and none was sent";
	else if (shown == TLSFO_CLIENT_CERT_SENT && about_certificate)
		about = "; it does not accept the client certificate";
	/* GnuTLS has no name for an alert that it does not know. */
	if (name != NULL)
		snprintf(buf, size, "the server sent the alert \"%s\"%s", name, about);
	else
		snprintf(buf, size, "the server sent the unknown alert %d%s", (int)alert, about);
}

void session_explain(gnutls_session_t session, int code, char *buf, size_t size)
{
	if (code == GNUTLS_E_FATAL_ALERT_RECEIVED || code == GNUTLS_E_WARNING_ALERT_RECEIVED)
		explain_alert(session, buf, size);
	else
		snprintf(buf, size, "%s", tlsfo_strerror(code));
}
