/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/handshake.h"

#include <poll.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/text.h"
#include "net/tcp_facts.h"

/* A handshake with more warning alerts than this fails. */
#define WARNINGS_MOST 8

/* An acknowledgement may be late by as much: timers are no finer than some milliseconds. */
#define EARLY_LATE_US 40000

/* The server has shown its certificate. Nothing but the ClientHello has left. */
static int judge(gnutls_session_t session)
{
	struct handshake *handshake = tlsfo_transport_get(session)->watch_context;
	const struct handshake_means *means = &handshake->means;
	char buf[FAILURE_TEXT_SIZE];
	struct text why;

	text_init(&why, buf, sizeof(buf));
	int ret = trust_judge(&means->config->trust, session, means->name, &why);
	handshake->refused = ret != 0;
	handshake->accepted = ret == 0;
	return ret != 0 ? failure_set(means->failure, ret, 0, "%s: %s", means->name, buf) : 0;
}

static int configure(struct handshake *handshake)
{
	const struct tlsfo_config *config = handshake->means.config;
	gnutls_session_t session = handshake->session;
	const char *name = handshake->means.name;
	struct address ip;
	int ret = config->priority != NULL ? gnutls_priority_set(session, config->priority)
					   : gnutls_set_default_priority(session);

	if (ret == 0)
		ret = group_prefer(session, config->priority_text, handshake->group);
	if (ret == 0)
		ret = gnutls_credentials_set(
			session, GNUTLS_CRD_CERTIFICATE, config->trust.credentials);
	/* SNI carries names only (RFC 6066 §3). */
	if (ret == 0 && !address_parse(name, &ip))
		ret = gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, strlen(name));
	if (ret == 0 && config->alpn_count > 0)
		ret = gnutls_alpn_set_protocols(
			session, config->alpn, (unsigned int)config->alpn_count, 0);
	if (ret == 0 && config->session_hook != NULL) {
		ret = config->session_hook(session, config->session_hook_data);
		ret = ret != 0 ? session_fatal(ret, GNUTLS_E_USER_ERROR) : 0;
		if (ret != 0)
			failure_set(handshake->means.failure, ret, 0,
				"%s: the program's session hook refused the session: %s", name,
				tlsfo_strerror(ret));
	}
	/* Behind the hook, which could replace it. */
	gnutls_session_set_verify_function(session, judge);
	return ret;
}

/* With the flag for early data GnuTLS announces some, also when there is none. */
static int replace_session(struct handshake *handshake, bool early_data)
{
	const struct handshake_means *means = &handshake->means;
	gnutls_session_t session;
	/* False start concerns TLS 1.2 only: the request may follow our Finished at once. */
	unsigned int flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
			     GNUTLS_ENABLE_FALSE_START |
			     (early_data ? (unsigned int)GNUTLS_ENABLE_EARLY_DATA : 0U);

	/* A program that has a certificate wants it shown to every server that asks, whatever issuers the
	 * server names (that list is a hint, RFC 8446 §4.2.4), and also after the handshake (§4.6.2). */
	if (means->config->trust.cert_count > 0)
		flags |= GNUTLS_POST_HANDSHAKE_AUTH;
	if (means->config->is_private)
		flags |= GNUTLS_NO_TICKETS;
	if (handshake->session != NULL)
		gnutls_deinit(handshake->session);
	handshake->session = NULL;
	int ret = gnutls_init(&session, flags);
	if (ret == 0) {
		handshake->session = session;
		ret = configure(handshake);
	}
	if (ret != 0)
		return failure_set(means->failure, ret, 0,
			"%s: the TLS session cannot be set up: %s", means->name,
			gnutls_strerror(ret));
	tickets_offer(means->tickets, handshake->session);
	return 0;
}

static int load_trust(struct handshake *handshake)
{
	struct trust *trust = &handshake->means.config->trust;

	handshake->trust_tried = true;
	int ret = trust->insecure ? 0 : trust_load(trust);
	/* The trust was loaded into credentials that the session does not have yet. */
	if (ret == 0)
		ret = gnutls_credentials_set(
			handshake->session, GNUTLS_CRD_CERTIFICATE, trust->credentials);
	if (ret == 0)
		return 0;
	return failure_set(handshake->means.failure, ret, 0, "%s",
		ret == TLSFO_E_INVALID_FILE ? TRUST_NOTHING : "no memory for the trust store");
}

static int heard(void *context, gnutls_session_t session, unsigned int type, unsigned int when,
	const gnutls_datum_t *message)
{
	struct handshake *handshake = context;

	tickets_heard(handshake->means.tickets, session, type, when, message);
	/* The server of a resumed session shows no certificate, so the trust store is not needed. */
	if (type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT && when == GNUTLS_HOOK_PRE)
		return load_trust(handshake);
	return 0;
}

int handshake_init(struct handshake *handshake, const struct handshake_means *means, uint16_t group)
{
	struct tickets *tickets = means->tickets;
	bool early_data = first_data_choose(means->first, tickets->taken, means->config);

	*handshake = (struct handshake){.means = *means, .group = group, .early_due_us = -1};
	int ret = replace_session(handshake, early_data);
	/* GnuTLS would announce early data that it has no key for. */
	if (ret == 0 && early_data && !tickets->offered)
		ret = replace_session(handshake, false);
	if (ret != 0)
		return ret;
	gnutls_handshake_set_hook_function(
		handshake->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
	if (early_data)
		first_data_offer(means->first, handshake->session, tickets->offered);
	ret = transport_capture(handshake->session, means->begun_us, &handshake->transport);
	if (ret != 0)
		return failure_set(means->failure, ret, 0, "%s", tlsfo_strerror(ret));
	handshake->transport->watch = heard;
	handshake->transport->watch_context = handshake;
	handshake->transport->trust = &means->config->trust;
	/* GnuTLS makes the flight. It tries to read after that, and is told that nothing has come yet. */
	handshake->said = gnutls_handshake(handshake->session);
	ret = handshake->transport->error;
	if (ret != 0)
		return failure_set(
			means->failure, ret, 0, "%s: %s", means->host, tlsfo_strerror(ret));
	return handshake->said == GNUTLS_E_AGAIN ? 0 : handshake->said;
}

void handshake_deinit(struct handshake *handshake)
{
	if (handshake->session != NULL)
		gnutls_deinit(handshake->session);
	*handshake = (struct handshake){0};
}

int handshake_prepare(struct handshake *handshake)
{
	if (handshake->trust_tried || handshake->means.tickets->offered)
		return 0;
	return load_trust(handshake);
}

/* The time that an acknowledgement on its way may still take. */
static int64_t lateness(const struct tcp_facts *facts)
{
	return 2 * facts->rtt_us > EARLY_LATE_US ? 2 * facts->rtt_us : EARLY_LATE_US;
}

void handshake_adopt(
	struct handshake *handshake, struct attempt *attempt, const struct watch *watch)
{
	const struct tcp_facts *facts = &attempt->facts;

	transport_adopt(handshake->transport, attempt, false);
	/* By then the kernel has sent the hello twice. */
	if (handshake->means.first->early > 0 && !watch->open)
		handshake->early_due_us = clock_us() + facts->rto_us + lateness(facts);
}

/* Waits for what GnuTLS waits for: GNUTLS_E_AGAIN, or the failure when the path swallowed a hello with early data. */
static int wait_for_it(struct handshake *handshake, int64_t now_us)
{
	const struct handshake_means *means = &handshake->means;
	const struct attempt *attempt = handshake->transport->attempt;
	short events = gnutls_record_get_direction(handshake->session) != 0 ? POLLOUT : POLLIN;
	struct tcp_facts facts;

	if (!waits_add(means->waits, attempt->fd, events))
		return failure_memory(means->failure);
	if (handshake->early_due_us < 0 || attempt->answered_us >= 0 ||
		deadline_passed(means->deadline, now_us))
		return GNUTLS_E_AGAIN;
	if (now_us >= handshake->early_due_us) {
		/* The server's kernel has the hello, so the server is only slow. */
		if (tcp_facts_read(attempt->fd, &facts) != 0 || facts.payload_acknowledged) {
			handshake->early_due_us = -1;
			return GNUTLS_E_AGAIN;
		}
		/* More than one whole copy had been sent again at the last look: two losses in a row are too common on
		 * a lossy path, and the path memory would withhold early data for an hour. */
		if (handshake->early_again > (int64_t)attempt->flight_sent)
			return failure_set(means->failure, TLSFO_E_PATH_SWALLOWS, 0,
				"%s: the path swallows a hello with early data", means->host);
		handshake->early_again = facts.bytes_retransmitted;
		handshake->early_due_us = now_us + lateness(&facts);
	}
	waits_wake_at(means->waits, handshake->early_due_us);
	return GNUTLS_E_AGAIN;
}

/* A few are no harm (RFC 5246 §7.2); GnuTLS calls the seventeenth an internal error. */
static int fail_warned(struct handshake *handshake)
{
	char text[128];

	session_explain(
		handshake->session, "", GNUTLS_E_WARNING_ALERT_RECEIVED, text, sizeof(text));
	return failure_set(handshake->means.failure, GNUTLS_E_UNEXPECTED_PACKET, 0,
		"%s: %s, and %d warnings in all, in place of the handshake", handshake->means.name,
		text, WARNINGS_MOST);
}

int handshake_advance(struct handshake *handshake, int64_t now_us)
{
	gnutls_session_t session = handshake->session;
	struct attempt *attempt = handshake->transport->attempt;
	short found = waits_found(handshake->means.waits, attempt->fd);
	short wanted =
		(gnutls_record_get_direction(session) != 0 ? POLLOUT : POLLIN) | POLLERR | POLLHUP;

	/* GnuTLS said what it waits for when it was last asked. */
	if (handshake->said == GNUTLS_E_AGAIN && (found & wanted) == 0)
		return wait_for_it(handshake, now_us);
	if ((found & POLLIN) != 0)
		attempt_look_for_answer(attempt);
	while (handshake->said != 0) {
		if (handshake->said < 0 && gnutls_error_is_fatal(handshake->said))
			return handshake->said;
		handshake->said = gnutls_handshake(session);
		if (handshake->said == GNUTLS_E_WARNING_ALERT_RECEIVED &&
			++handshake->warnings == WARNINGS_MOST)
			return fail_warned(handshake);
		/* After a signal too: the deadline comes before the next try. */
		if (handshake->said == GNUTLS_E_AGAIN || handshake->said == GNUTLS_E_INTERRUPTED)
			return wait_for_it(handshake, now_us);
	}
	handshake->over_us = clock_us();
	tickets_begin(handshake->means.tickets, session);
	return 0;
}
