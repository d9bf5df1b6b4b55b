/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Hangs a transport on a session. The state is the private data of a TLS extension that is
 * registered with the session and never sent: GnuTLS hands the data back when asked and frees it
 * inside gnutls_deinit(), so there is no table of sessions and nothing for the program to release.
 */

#include "tls/transport.h"

#include <stdlib.h>
#include <string.h>

/* Of the range for private use (RFC 8446 §11). It is never on the wire. */
#define EXTENSION      0xff4f
#define EXTENSION_NAME "tlsfo"

static int extension_receive(gnutls_session_t session, const unsigned char *data, size_t len)
{
	(void)session;
	(void)data;
	(void)len;
	return 0;
}

static void extension_deinit(gnutls_ext_priv_data_t data)
{
	struct tlsfo_transport *transport = data;

	if (transport == NULL)
		return;
	flight_wipe(&transport->held);
	if (transport->allocated)
		free(transport);
}

static bool is_ours(gnutls_session_t session)
{
	/* The program may have an extension of its own by this number. */
	const char *name = gnutls_ext_get_name2(session, EXTENSION, GNUTLS_EXT_ANY);

	return name != NULL && strcmp(name, EXTENSION_NAME) == 0;
}

struct tlsfo_transport *tlsfo_transport_get(gnutls_session_t session)
{
	gnutls_ext_priv_data_t data = NULL;

	if (session == NULL || !is_ours(session))
		return NULL;
	return gnutls_ext_get_data(session, EXTENSION, &data) == 0 ? data : NULL;
}

int transport_hang(struct tlsfo_transport *transport, gnutls_ext_send_func send)
{
	int ret = gnutls_session_ext_register(transport->session, EXTENSION_NAME, EXTENSION,
		GNUTLS_EXT_ANY, extension_receive, send, extension_deinit, NULL, NULL, 0);

	if (ret == GNUTLS_E_ALREADY_REGISTERED && is_ours(transport->session))
		ret = 0;
	if (ret == 0)
		gnutls_ext_set_data(transport->session, EXTENSION, transport);
	else
		extension_deinit(transport);
	return ret;
}

void transport_take_off(gnutls_session_t session)
{
	gnutls_ext_set_data(session, EXTENSION, NULL);
}
