/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/session.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gnutls/x509.h>

#include <tlsfo/error.h>

#include "base/address.h"
#include "base/clock.h"
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

int session_fatal(int code, int otherwise)
{
	/* GnuTLS has no code above -2. */
	return code < -1 && gnutls_error_is_fatal(code) != 0 ? code : otherwise;
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

void session_explain(gnutls_session_t session, const char *answer, int code, char *buf, size_t size)
{
	/* RFC 8446 §5.1: records are of these types. A server of another protocol says what it takes ours for. */
	bool speaks_tls = answer[0] == '\0' || (answer[0] >= 20 && answer[0] <= 24);

	if (code == GNUTLS_E_FATAL_ALERT_RECEIVED || code == GNUTLS_E_WARNING_ALERT_RECEIVED)
		explain_alert(session, buf, size);
	else if (!speaks_tls)
		snprintf(buf, size, "the server does not speak TLS on this port: it says \"%.*s\"",
			(int)strcspn(answer, "\r\n"), answer);
	else
		snprintf(buf, size, "%s", tlsfo_strerror(code));
}

/* Adds the names that a certificate is for: those of its extension, or else its common name (RFC 6125 §6.4.4). */
static void add_names(struct text *why, gnutls_x509_crt_t cert)
{
	const char *between = " It is for ";
	struct address ip;
	char name[256];
	int type = 0;

	for (unsigned int i = 0; type != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE; i++) {
		size_t size = sizeof(name) - 1;

		type = gnutls_x509_crt_get_subject_alt_name(cert, i, name, &size, NULL);
		if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
			break;
		if (type == GNUTLS_SAN_IPADDRESS && (size == 4 || size == 16)) {
			ip = size == 4 ? address_ip4(name, 0) : address_ip6(name, 0, 0);
			address_print(&ip, name, sizeof(name));
		} else if (type != GNUTLS_SAN_DNSNAME) {
			continue;
		} else {
			name[size] = '\0';
		}
		text_add(why, "%s%s", between, name);
		between = ", ";
	}
	size_t size = sizeof(name);
	if (between[0] == ' ' && gnutls_x509_crt_get_dn_by_oid(
					 cert, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) == 0)
		text_add(why, "%s%s", between, name);
	text_add(why, "%s", between[0] == ' ' ? " It names nobody." : ".");
}

/* Adds a time as people read it, in UTC. */
static void add_time(struct text *why, const char *what, time_t time)
{
	char buf[32];
	struct tm parts;

	if (gmtime_r(&time, &parts) == NULL ||
		strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M UTC", &parts) == 0)
		return;
	text_add(why, "%s %s", what, buf);
}

/* Adds what one certificate of the chain says of itself that explains the status. */
static void add_certificate(
	struct text *why, gnutls_x509_crt_t cert, unsigned int status, bool first, bool last)
{
	time_t now = (time_t)clock_wall_s();
	time_t begins = gnutls_x509_crt_get_activation_time(cert);
	time_t ends = gnutls_x509_crt_get_expiration_time(cert);
	const char *which = first ? " It" : " One of its issuers";
	char issuer[256];
	size_t size = sizeof(issuer);

	if (first && (status & GNUTLS_CERT_UNEXPECTED_OWNER) != 0)
		add_names(why, cert);
	if ((status & GNUTLS_CERT_EXPIRED) != 0 && ends < now) {
		text_add(why, "%s", which);
		add_time(why, " expired on", ends);
		text_add(why, ".");
	}
	if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0 && begins > now) {
		text_add(why, "%s", which);
		add_time(why, " is valid from", begins);
		add_time(why, " on, and the clock here says", now);
		text_add(why, ".");
	}
	if (last && (status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0 &&
		gnutls_x509_crt_get_issuer_dn(cert, issuer, &size) == 0)
		text_add(why, " The issuer is \"%s\".", issuer);
}

void session_explain_certificate(gnutls_session_t session, unsigned int status, struct text *why)
{
	unsigned int count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	gnutls_datum_t words = {0};
	gnutls_x509_crt_t cert;

	(void)gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &words, 0);
	while (words.size > 0 && words.data[words.size - 1] == ' ')
		words.size--;
	text_add(why, "%.*s", (int)words.size, (const char *)words.data);
	gnutls_free(words.data);
	for (unsigned int i = 0; i < count && gnutls_x509_crt_init(&cert) == 0; i++) {
		if (gnutls_x509_crt_import(cert, &chain[i], GNUTLS_X509_FMT_DER) == 0)
			add_certificate(why, cert, status, i == 0, i + 1 == count);
		gnutls_x509_crt_deinit(cert);
	}
}
