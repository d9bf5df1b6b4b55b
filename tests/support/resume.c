/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/resume.h"

#include "support/early.h"

gnutls_datum_t resume_fetch(const struct way *way, uint16_t port)
{
	gnutls_datum_t ticket = {0};
	struct visit visit;

	visit_open(&visit, way, port);
	assert_int_equal(visit_handshake(&visit), 0);
	visit_send(&visit, "a ticket, please\n", 17);
	resume_answer(&visit);
	assert_int_equal(gnutls_session_get_data2(visit.session, &ticket), 0);
	assert_true(ticket.size > 4);
	assert_int_equal(gnutls_bye(visit.session, GNUTLS_SHUT_WR), 0);
	visit_close(&visit);
	return ticket;
}

void resume_prepare(struct visit *visit, const struct way *way, uint16_t port,
	const gnutls_datum_t *ticket, const void *data, size_t len)
{
	visit_prepare_with(visit, way, port, GNUTLS_ENABLE_EARLY_DATA);
	assert_int_equal(gnutls_session_set_data(visit->session, ticket->data, ticket->size), 0);
	if (len > 0)
		assert_int_equal(gnutls_record_send_early_data(visit->session, data, len), 0);
	gnutls_handshake_set_hook_function(
		visit->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
	visit->asks_for_events = true;
}

void resume_open(struct visit *visit, const struct way *way, uint16_t port,
	const gnutls_datum_t *ticket, const void *data, size_t len)
{
	resume_prepare(visit, way, port, ticket, data, len);
	visit_attach(visit, way, 0);
}

void resume_answer(struct visit *visit)
{
	char answer[sizeof(EARLY_ANSWER)] = "";

	visit_receive(visit, answer, sizeof(answer) - 1);
	assert_string_equal(answer, EARLY_ANSWER);
}

bool resume_accepted(const struct visit *visit)
{
	return (gnutls_session_get_flags(visit->session) & GNUTLS_SFLAGS_EARLY_DATA) != 0;
}
