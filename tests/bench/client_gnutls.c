/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fetches a page with GnuTLS: [OPTION]... plain|fastopen|tlsfo CA-FILE HOST PORT.
 *
 *	--tickets DIRECTORY   takes the host's ticket there, and leaves a new one
 *	--early-data          with a ticket, the request is early data
 *	--non-blocking        the socket is (tlsfo alone)
 *
 * Written as most programs are: addresses in turn, no socket option set. What the three differ in
 * is attach().
 */

#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/socket.h>

#include <tlsfo/transport.h>

enum { PATH_SIZE = 4096, TICKET_SIZE = 65536 };

struct options {
	const char *tickets;
	bool early_data;
	bool non_blocking;
	const char *mode;
	const char *ca;
	const char *host;
	const char *port;
};

/*
 * ---------------------------------------------------------------------------------- tickets --
 */

static void ticket_path(const struct options *options, char *ret_path)
{
	snprintf(ret_path, PATH_SIZE, "%s/%s-%s.ticket", options->tickets, options->mode,
		options->host);
}

/* Gives the session the ticket, which is used once. */
static bool take_ticket(gnutls_session_t session, const struct options *options)
{
	static unsigned char data[TICKET_SIZE];
	char path[PATH_SIZE];
	size_t length;
	FILE *file;

	ticket_path(options, path);
	file = fopen(path, "re");
	if (!file)
		return false;
	length = fread(data, 1, sizeof(data), file);
	fclose(file);
	remove(path);
	return gnutls_session_set_data(session, data, length) == 0;
}

static void keep_ticket(gnutls_session_t session, const struct options *options)
{
	bool tls13 = gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3;
	gnutls_datum_t data = {0};
	char path[PATH_SIZE];
	FILE *file;

	/* With TLS 1.3 and no ticket GnuTLS would wait for one. */
	if (tls13 && (gnutls_session_get_flags(session) & GNUTLS_SFLAGS_SESSION_TICKET) == 0)
		return;
	if (gnutls_session_get_data2(session, &data) < 0)
		return;
	ticket_path(options, path);
	file = fopen(path, "we");
	if (file) {
		fwrite(data.data, 1, data.size, file);
		fclose(file);
	}
	gnutls_free(data.data);
}

/*
 * ------------------------------------------------------------------------------- connecting --
 */

static int attach(gnutls_session_t session, int fd, const struct addrinfo *to, const char *mode)
{
	if (strcmp(mode, "tlsfo") == 0) {
		gnutls_handshake_set_hook_function(
			session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
		return tlsfo_transport_set_fastopen(session, fd, to->ai_addr, to->ai_addrlen, 0);
	}
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

/* Waits for a non-blocking socket; true when the call is to be made again. */
static bool again(gnutls_session_t session, int fd, ssize_t ret)
{
	struct pollfd wait = {.fd = fd, .events = tlsfo_transport_events(session)};

	if (ret == GNUTLS_E_AGAIN)
		(void)poll(&wait, 1, -1);
	return ret < 0 && !gnutls_error_is_fatal((int)ret);
}

static int handshake(gnutls_session_t session, int fd)
{
	int ret;

	do
		ret = gnutls_handshake(session);
	while (again(session, fd, ret));
	return ret;
}

static ssize_t send_request(gnutls_session_t session, int fd, const char *data, size_t length)
{
	ssize_t ret;

	do
		ret = gnutls_record_send(session, data, length);
	while (again(session, fd, ret));
	return ret;
}

static int read_page(gnutls_session_t session, int fd)
{
	char buf[16384];
	ssize_t ret;

	do
		ret = gnutls_record_recv(session, buf, sizeof(buf));
	while (ret > 0 || again(session, fd, ret));
	return (int)ret;
}

static int fetch(gnutls_session_t session, int fd, const struct options *options)
{
	char request[1024];
	int length = snprintf(request, sizeof(request),
		"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", options->host);
	bool ticket = options->tickets && take_ticket(session, options);
	ssize_t ret = 0;

	if (ticket && options->early_data)
		ret = gnutls_record_send_early_data(session, request, (size_t)length);
	if (ret == 0)
		ret = handshake(session, fd);
	if (ret == 0 && (gnutls_session_get_flags(session) & GNUTLS_SFLAGS_EARLY_DATA) == 0)
		ret = send_request(session, fd, request, (size_t)length);
	if (ret >= 0)
		ret = read_page(session, fd);
	if (ret == 0 && options->tickets)
		keep_ticket(session, options);
	return (int)ret;
}

static int visit(gnutls_certificate_credentials_t credentials, const struct addrinfo *to,
	const struct options *options)
{
	unsigned int flags = GNUTLS_CLIENT;
	gnutls_session_t session;
	int kind = SOCK_STREAM | SOCK_CLOEXEC | (options->non_blocking ? SOCK_NONBLOCK : 0);
	int fd = socket(to->ai_family, kind, 0);
	int ret;

	if (options->early_data)
		flags |= GNUTLS_ENABLE_EARLY_DATA;
	if (options->non_blocking)
		flags |= GNUTLS_NONBLOCK;
	ret = gnutls_init(&session, flags);
	if (ret < 0)
		return ret;
	gnutls_server_name_set(session, GNUTLS_NAME_DNS, options->host, strlen(options->host));
	gnutls_session_set_verify_cert(session, options->host, 0);
	ret = gnutls_set_default_priority(session);
	if (ret == 0)
		ret = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	if (ret == 0)
		ret = attach(session, fd, to, options->mode);
	gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
	if (ret == 0)
		ret = fetch(session, fd, options);
	gnutls_deinit(session);
	close(fd);
	return ret;
}

/*
 * ---------------------------------------------------------------------------- the program --
 */

static bool read_options(int argc, char **argv, struct options *ret_options)
{
	static const struct option known[] = {
		{"tickets", required_argument, NULL, 't'},
		{"early-data", no_argument, NULL, 'e'},
		{"non-blocking", no_argument, NULL, 'n'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		if (option == 't')
			ret_options->tickets = optarg;
		else if (option == 'e')
			ret_options->early_data = true;
		else if (option == 'n')
			ret_options->non_blocking = true;
		else
			return false;
	}
	if (argc - optind != 4)
		return false;
	ret_options->mode = argv[optind];
	ret_options->ca = argv[optind + 1];
	ret_options->host = argv[optind + 2];
	ret_options->port = argv[optind + 3];
	return true;
}

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct options options = {.tickets = NULL};
	gnutls_certificate_credentials_t credentials;
	struct addrinfo *addresses = NULL;
	const struct addrinfo *at;
	int ret = GNUTLS_E_PUSH_ERROR;

	if (!read_options(argc, argv, &options) ||
		getaddrinfo(options.host, options.port, &hints, &addresses) != 0)
		return 2;
	if (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
		gnutls_certificate_set_x509_trust_file(
			credentials, options.ca, GNUTLS_X509_FMT_PEM) <= 0)
		return 2;
	for (at = addresses; at && ret < 0; at = at->ai_next)
		ret = visit(credentials, at, &options);
	if (ret < 0)
		fprintf(stderr, "%s\n", gnutls_strerror(ret));
	gnutls_certificate_free_credentials(credentials);
	freeaddrinfo(addresses);
	return ret < 0;
}
