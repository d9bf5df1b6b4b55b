/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A GnuTLS session of the program's own, connected to whichever address of a host answers first. One call takes
 * the place of the loop over getaddrinfo's addresses; all around it is ordinary GnuTLS. Asks for a page:
 *
 *	connect-session HOST PORT CAFILE
 */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <tlsfo/tlsfo.h>

/* Connects the session and handshakes. The descriptor is ours to close, after the session. */
static int connect_session(gnutls_session_t session, const char *host, const char *port, int *fd)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *addresses;
	int ret = getaddrinfo(host, port, &hints, &addresses);

	if (ret != 0)
		return ret == EAI_NONAME ? TLSFO_E_NAME_NOT_FOUND : TLSFO_E_NAME_LOOKUP_FAILED;
	ret = tlsfo_transport_connect(session, addresses, tlsfo_deadline_in(5000), fd);
	freeaddrinfo(addresses);
	if (ret != 0)
		return ret;
	do {
		ret = gnutls_handshake(session);
	} while (ret < 0 && !gnutls_error_is_fatal(ret));
	return ret;
}

static int ask(gnutls_session_t session)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	char buf[4096];
	ssize_t ret = gnutls_record_send(session, request, strlen(request));

	/* GnuTLS says "again" on a blocking socket too, after a ticket (TLS 1.3). */
	while (ret > 0 || ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED) {
		ret = gnutls_record_recv(session, buf, sizeof(buf));
		if (ret > 0)
			fwrite(buf, 1, (size_t)ret, stdout);
	}
	return (int)ret;
}

/* Every address that was tried, and what became of it. */
static void print_report(gnutls_session_t session)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	char text[4096];

	if (tlsfo_transport_get_report(session, &report) == 0 &&
		tlsfo_report_text(&report, text, sizeof(text)) > 0)
		fputs(text, stderr);
}

int main(int argc, char **argv)
{
	gnutls_certificate_credentials_t trust = NULL;
	gnutls_session_t session = NULL;
	int fd = -1;
	int ret;

	if (argc != 4) {
		fputs("usage: connect-session HOST PORT CAFILE\n", stderr);
		return 2;
	}
	gnutls_certificate_allocate_credentials(&trust);
	gnutls_certificate_set_x509_trust_file(trust, argv[3], GNUTLS_X509_FMT_PEM);
	if (gnutls_init(&session, GNUTLS_CLIENT) != 0)
		return 1;
	gnutls_set_default_priority(session);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust);
	gnutls_server_name_set(session, GNUTLS_NAME_DNS, argv[1], strlen(argv[1]));
	gnutls_session_set_verify_cert(session, argv[1], 0);
	ret = connect_session(session, argv[1], argv[2], &fd);
	print_report(session);
	if (ret == 0)
		ret = ask(session);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", argv[1], tlsfo_strerror(ret));
	gnutls_deinit(session);
	if (fd >= 0)
		close(fd);
	gnutls_certificate_free_credentials(trust);
	return ret < 0 ? 1 : 0;
}
