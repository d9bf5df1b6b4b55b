/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The same over a non-blocking socket. GnuTLS's usual loop, poll(2) in the direction that GnuTLS
 * tells, is right from the first call on: while the connection is made the direction is "write".
 *
 *	poll-loop HOST PORT CAFILE
 */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <tlsfo/tlsfo.h>

static const int timeout_ms = 5000;

/* Waits until GnuTLS can go on. Returns 0, or GNUTLS_E_TIMEDOUT. */
static int wait_for(gnutls_session_t session)
{
	struct pollfd wait = {
		.fd = gnutls_transport_get_int(session),
		.events = gnutls_record_get_direction(session) ? POLLOUT : POLLIN,
	};

	return poll(&wait, 1, timeout_ms) > 0 ? 0 : GNUTLS_E_TIMEDOUT;
}

static int handshake(gnutls_session_t session)
{
	int ret = gnutls_handshake(session);

	while (ret < 0 && !gnutls_error_is_fatal(ret)) {
		if (ret == GNUTLS_E_AGAIN)
			ret = wait_for(session);
		if (ret != GNUTLS_E_TIMEDOUT)
			ret = gnutls_handshake(session);
	}
	return ret;
}

static ssize_t send_all(gnutls_session_t session, const char *data, size_t length)
{
	ssize_t ret = gnutls_record_send(session, data, length);

	while (ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED) {
		if (ret == GNUTLS_E_AGAIN && wait_for(session) < 0)
			return GNUTLS_E_TIMEDOUT;
		/* The same record again: GnuTLS kept it. */
		ret = gnutls_record_send(session, NULL, 0);
	}
	return ret;
}

static ssize_t print_answer(gnutls_session_t session)
{
	char buf[4096];
	ssize_t ret;

	do {
		ret = gnutls_record_recv(session, buf, sizeof(buf));
		if (ret > 0)
			fwrite(buf, 1, (size_t)ret, stdout);
		if (ret == GNUTLS_E_AGAIN && wait_for(session) < 0)
			ret = GNUTLS_E_TIMEDOUT;
	} while (ret > 0 || ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED);
	return ret;
}

static void print_report(gnutls_session_t session)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	char line[512];

	if (tlsfo_transport_get_report(session, &report) == 0 &&
		tlsfo_report_line(&report, line, sizeof(line)) > 0)
		fprintf(stderr, "%s\n", line);
}

static int visit(gnutls_session_t session, const char *host, const struct addrinfo *to)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ssize_t ret;

	if (fd < 0)
		return 1;
	ret = tlsfo_transport_set_fastopen(session, fd, to->ai_addr, to->ai_addrlen, 0);
	if (ret == 0)
		ret = handshake(session);
	print_report(session);
	if (ret == 0)
		ret = send_all(session, request, strlen(request));
	if (ret > 0)
		ret = print_answer(session);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", host, tlsfo_strerror((int)ret));
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

	if (argc != 4) {
		fputs("usage: poll-loop HOST PORT CAFILE\n", stderr);
		return 2;
	}
	gnutls_certificate_allocate_credentials(&trust);
	gnutls_certificate_set_x509_trust_file(trust, argv[3], GNUTLS_X509_FMT_PEM);
	if (getaddrinfo(argv[1], argv[2], &hints, &to) == 0 &&
		gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK) == 0) {
		gnutls_set_default_priority(session);
		gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust);
		gnutls_server_name_set(session, GNUTLS_NAME_DNS, argv[1], strlen(argv[1]));
		gnutls_session_set_verify_cert(session, argv[1], 0);
		status = visit(session, argv[1], to);
	}
	if (to != NULL)
		freeaddrinfo(to);
	gnutls_certificate_free_credentials(trust);
	return status;
}
