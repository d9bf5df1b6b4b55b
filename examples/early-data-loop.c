/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A GnuTLS session of the program's own over a non-blocking socket, with early data. The session is
 * kept in a file; a run that finds one sends the request in the SYN, where the server allows it:
 *
 *	early-data-loop TICKET HOST PORT CAFILE
 *
 * The file holds one ticket, which serves once. nginx gives no other in a visit with early data after
 * which it closes, as it does here: then every second run is without.
 *
 * Kept short, it trusts the file to be of a server that takes early data; <tlsfo/client.h> reads that
 * from the ticket, and connects again where a program like this one has to.
 */
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <tlsfo/tlsfo.h>

static const int timeout_ms = 5000;
static const char request[] = "GET / HTTP/1.0\r\n\r\n";

/* Takes the session that an earlier run left; each serves once (RFC 8446 §C.4). */
static bool take_ticket(gnutls_session_t session, const char *path)
{
	static unsigned char data[65536];
	FILE *file = fopen(path, "rbe");
	size_t length;

	if (file == NULL)
		return false;
	length = fread(data, 1, sizeof(data), file);
	fclose(file);
	return remove(path) == 0 && gnutls_session_set_data(session, data, length) == 0;
}

static void keep_ticket(gnutls_session_t session, const char *path)
{
	gnutls_datum_t data = {0};
	FILE *file;
	int fd;

	/* Without a ticket there is nothing to keep, and asking would wait for one. */
	if ((gnutls_session_get_flags(session) & GNUTLS_SFLAGS_SESSION_TICKET) == 0 ||
		gnutls_session_get_data2(session, &data) < 0)
		return;
	/* It is as secret as a key, so it is a new file, and of its owner alone. */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	file = fd >= 0 ? fdopen(fd, "wb") : NULL;
	if (file != NULL) {
		fwrite(data.data, 1, data.size, file);
		fclose(file);
	}
	gnutls_free(data.data);
}

/* True when the call that returned @ret is to be made again. */
static bool again(gnutls_session_t session, int fd, ssize_t ret)
{
	/* Not gnutls_record_get_direction(): a flight with early data waits for the connection. */
	struct pollfd wait = {.fd = fd, .events = tlsfo_transport_events(session)};

	if (ret == GNUTLS_E_AGAIN && poll(&wait, 1, timeout_ms) <= 0)
		return false;
	return ret < 0 && !gnutls_error_is_fatal((int)ret);
}

static int handshake(gnutls_session_t session, int fd)
{
	int ret;

	do {
		ret = gnutls_handshake(session);
	} while (again(session, fd, ret));
	return ret;
}

/* What the server did not take early is sent now. */
static ssize_t send_rest(gnutls_session_t session, int fd)
{
	ssize_t ret;

	if ((gnutls_session_get_flags(session) & GNUTLS_SFLAGS_EARLY_DATA) != 0)
		return 0;
	do {
		ret = gnutls_record_send(session, request, strlen(request));
	} while (again(session, fd, ret));
	return ret < 0 ? ret : 0;
}

static ssize_t print_answer(gnutls_session_t session, int fd)
{
	char buf[4096];
	ssize_t ret;

	do {
		ret = gnutls_record_recv(session, buf, sizeof(buf));
		if (ret > 0)
			fwrite(buf, 1, (size_t)ret, stdout);
	} while (ret > 0 || again(session, fd, ret));
	return ret;
}

static int talk(gnutls_session_t session, int fd, const struct addrinfo *to, const char *ticket)
{
	ssize_t ret = tlsfo_transport_set_fastopen(session, fd, to->ai_addr, to->ai_addrlen, 0);

	/* So that a server that wants another ClientHello ends the handshake at once. */
	gnutls_handshake_set_hook_function(
		session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
	if (ret == 0 && take_ticket(session, ticket))
		ret = gnutls_record_send_early_data(session, request, strlen(request));
	if (ret == 0)
		ret = handshake(session, fd);
	if (ret == 0)
		ret = send_rest(session, fd);
	if (ret == 0)
		ret = print_answer(session, fd);
	if (ret == 0)
		keep_ticket(session, ticket);
	return (int)ret;
}

static int visit(gnutls_session_t session, char **argv, const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	char line[512];
	int ret;

	if (fd < 0)
		return 1;
	ret = talk(session, fd, to, argv[1]);
	if (tlsfo_transport_get_report(session, &report) == 0 &&
		tlsfo_report_line(&report, line, sizeof(line)) > 0)
		fprintf(stderr, "%s\n", line);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", argv[2], tlsfo_strerror(ret));
	gnutls_deinit(session);
	close(fd);
	return ret < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
	const unsigned int flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_ENABLE_EARLY_DATA;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	gnutls_certificate_credentials_t trust = NULL;
	gnutls_session_t session = NULL;
	struct addrinfo *to = NULL;
	int status = 1;

	if (argc != 5) {
		fputs("usage: early-data-loop TICKET HOST PORT CAFILE\n", stderr);
		return 2;
	}
	gnutls_certificate_allocate_credentials(&trust);
	gnutls_certificate_set_x509_trust_file(trust, argv[4], GNUTLS_X509_FMT_PEM);
	if (getaddrinfo(argv[2], argv[3], &hints, &to) == 0 && gnutls_init(&session, flags) == 0) {
		gnutls_set_default_priority(session);
		gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust);
		gnutls_server_name_set(session, GNUTLS_NAME_DNS, argv[2], strlen(argv[2]));
		gnutls_session_set_verify_cert(session, argv[2], 0);
		status = visit(session, argv, to);
	}
	if (to != NULL)
		freeaddrinfo(to);
	gnutls_certificate_free_credentials(trust);
	return status;
}
