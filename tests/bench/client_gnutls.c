/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fetches a page with GnuTLS, on a blocking socket: plain|fastopen|tlsfo CA-FILE HOST PORT.
 * Written as most programs are: addresses in turn, no socket option set. What the three differ in
 * is attach().
 */

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/socket.h>

#include <tlsfo/transport.h>

static int attach(gnutls_session_t session, int fd, const struct addrinfo *to, const char *mode)
{
	if (strcmp(mode, "tlsfo") == 0)
		return tlsfo_transport_set_fastopen(session, fd, to->ai_addr, to->ai_addrlen, 0);
	if (strcmp(mode, "fastopen") == 0) {
		struct sockaddr_storage address;

		memcpy(&address, to->ai_addr, to->ai_addrlen);
		gnutls_transport_set_fastopen(
			session, fd, (struct sockaddr *)&address, to->ai_addrlen, 0);
		return 0;
	}
	if (connect(fd, to->ai_addr, to->ai_addrlen) < 0)
		return GNUTLS_E_PUSH_ERROR;
	gnutls_transport_set_int(session, fd);
	return 0;
}

static int fetch(gnutls_session_t session, const char *host)
{
	char buf[16384];
	int length = snprintf(
		buf, sizeof(buf), "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
	ssize_t ret = gnutls_record_send(session, buf, (size_t)length);

	while (ret > 0 || ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED)
		ret = gnutls_record_recv(session, buf, sizeof(buf));
	return (int)ret;
}

static int handshake(gnutls_session_t session)
{
	int ret;

	do
		ret = gnutls_handshake(session);
	while (ret < 0 && !gnutls_error_is_fatal(ret));
	return ret;
}

static int visit(gnutls_certificate_credentials_t credentials, const struct addrinfo *to,
	const char *mode, const char *host)
{
	gnutls_session_t session;
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret = gnutls_init(&session, GNUTLS_CLIENT);

	if (ret < 0)
		return ret;
	gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, strlen(host));
	gnutls_session_set_verify_cert(session, host, 0);
	ret = gnutls_set_default_priority(session);
	if (ret == 0)
		ret = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	if (ret == 0)
		ret = attach(session, fd, to, mode);
	gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
	if (ret == 0)
		ret = handshake(session);
	if (ret == 0)
		ret = fetch(session, host);
	gnutls_deinit(session);
	close(fd);
	return ret;
}

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	gnutls_certificate_credentials_t credentials;
	struct addrinfo *addresses = NULL;
	const struct addrinfo *at;
	int ret = GNUTLS_E_PUSH_ERROR;

	if (argc != 5 || getaddrinfo(argv[3], argv[4], &hints, &addresses) != 0)
		return 2;
	if (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
		gnutls_certificate_set_x509_trust_file(credentials, argv[2], GNUTLS_X509_FMT_PEM) <=
			0)
		return 2;
	for (at = addresses; at && ret < 0; at = at->ai_next)
		ret = visit(credentials, at, argv[1], argv[3]);
	if (ret < 0)
		fprintf(stderr, "%s\n", gnutls_strerror(ret));
	gnutls_certificate_free_credentials(credentials);
	freeaddrinfo(addresses);
	return ret < 0;
}
