/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A GnuTLS client as there are many, and what changes in it. Asks for a page over a blocking socket:
 *
 *	gnutls-one-line before|gnutls|after HOST PORT CAFILE
 */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/socket.h>
#include <tlsfo/transport.h>

/* Before: connect() waits a round trip, then the ClientHello leaves. */
static int before(gnutls_session_t session, int fd, const struct addrinfo *to)
{
	if (connect(fd, to->ai_addr, to->ai_addrlen) < 0)
		return GNUTLS_E_PUSH_ERROR;
	gnutls_transport_set_int(session, fd);
	return 0;
}

/* GnuTLS's own: nothing reports what became of it, and early data stays out of the SYN. */
static int gnutls(gnutls_session_t session, int fd, const struct addrinfo *to)
{
	gnutls_transport_set_fastopen(session, fd, to->ai_addr, to->ai_addrlen, 0);
	return 0;
}

/* After: gnutls_handshake() connects, and the ClientHello leaves with the SYN. */
static int after(gnutls_session_t session, int fd, const struct addrinfo *to)
{
	return tlsfo_transport_set_fastopen(session, fd, to->ai_addr, to->ai_addrlen, 0);
}

static int talk(gnutls_session_t session)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	char buf[4096];
	ssize_t ret;

	do {
		ret = gnutls_handshake(session);
	} while (ret < 0 && !gnutls_error_is_fatal((int)ret));
	if (ret == 0)
		ret = gnutls_record_send(session, request, strlen(request));
	/* GnuTLS says "again" on a blocking socket too, after a ticket (TLS 1.3). */
	while (ret > 0 || ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED) {
		ret = gnutls_record_recv(session, buf, sizeof(buf));
		if (ret > 0)
			fwrite(buf, 1, (size_t)ret, stdout);
	}
	return (int)ret;
}

static int visit(char **argv, gnutls_session_t session, const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return GNUTLS_E_PUSH_ERROR;
	if (strcmp(argv[1], "before") == 0)
		ret = before(session, fd, to);
	else if (strcmp(argv[1], "gnutls") == 0)
		ret = gnutls(session, fd, to);
	else
		ret = after(session, fd, to);
	if (ret == 0)
		ret = talk(session);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", argv[2], gnutls_strerror(ret));
	gnutls_deinit(session);
	close(fd);
	return ret < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	gnutls_certificate_credentials_t trust = NULL;
	gnutls_session_t session = NULL;
	struct addrinfo *to = NULL;
	int status = 1;

	if (argc != 5) {
		fputs("usage: gnutls-one-line before|gnutls|after HOST PORT CAFILE\n", stderr);
		return 2;
	}
	gnutls_certificate_allocate_credentials(&trust);
	gnutls_certificate_set_x509_trust_file(trust, argv[4], GNUTLS_X509_FMT_PEM);
	if (getaddrinfo(argv[2], argv[3], &hints, &to) == 0 &&
		gnutls_init(&session, GNUTLS_CLIENT) == 0) {
		gnutls_set_default_priority(session);
		gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust);
		gnutls_server_name_set(session, GNUTLS_NAME_DNS, argv[2], strlen(argv[2]));
		gnutls_session_set_verify_cert(session, argv[2], 0);
		status = visit(argv, session, to);
	}
	if (to != NULL)
		freeaddrinfo(to);
	gnutls_certificate_free_credentials(trust);
	return status;
}
