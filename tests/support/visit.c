/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/visit.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/net.h"

/* How long a test waits for something that is to happen. */
#define PATIENCE_MS 30000

/* Of the range for private use, and not the one tlsfo uses. */
#define GROWING_EXTENSION 0xff10

static size_t growing_len;

static void check(int ret, const char *what)
{
	if (ret < 0)
		fail_msg("%s: %s", what, tlsfo_strerror(ret));
}

void visit_prepare(struct visit *visit, const struct way *way, uint16_t port)
{
	visit_prepare_with(visit, way, port, 0);
}

void visit_prepare_with(
	struct visit *visit, const struct way *way, uint16_t port, unsigned int more_flags)
{
	unsigned int flags = GNUTLS_CLIENT | GNUTLS_NO_SIGNAL | more_flags;

	*visit = (struct visit){.port = port};
	/* Without this flag GnuTLS itself waits while a handshake timeout is set. */
	flags |= way->blocking ? 0U : (unsigned int)GNUTLS_NONBLOCK;
	check(gnutls_init(&visit->session, flags), "gnutls_init");
	check(gnutls_priority_set_direct(visit->session, way->priority, NULL), "priority");
	check(gnutls_certificate_allocate_credentials(&visit->credentials), "credentials");
	check(gnutls_certificate_set_x509_trust_file(
		      visit->credentials, CERTS_DIR "/ca.pem", GNUTLS_X509_FMT_PEM),
		CERTS_DIR "/ca.pem");
	check(gnutls_credentials_set(visit->session, GNUTLS_CRD_CERTIFICATE, visit->credentials),
		"credentials");
	check(gnutls_server_name_set(visit->session, GNUTLS_NAME_DNS, "localhost", 9), "name");
	gnutls_session_set_verify_cert(visit->session, "localhost", 0);
	gnutls_handshake_set_timeout(visit->session, PATIENCE_MS);
	visit->asks_for_fd = way->engine == TLSFO_TRANSPORT_SOCKET;
	visit->fd = net_socket(way->family, way->blocking);
	/* A blocking read that nothing comes for ends the test instead of hanging. */
	const struct timeval limit = {.tv_sec = PATIENCE_MS / 1000};
	assert_int_equal(setsockopt(visit->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
}

void visit_attach(struct visit *visit, const struct way *way, unsigned int more_flags)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(way->family, visit->port, &address);

	check(tlsfo_transport_set_fastopen(visit->session, visit->fd, (struct sockaddr *)&address,
		      len, way->engine | more_flags),
		"tlsfo_transport_set_fastopen");
}

void visit_open(struct visit *visit, const struct way *way, uint16_t port)
{
	visit_prepare(visit, way, port);
	visit_attach(visit, way, 0);
}

void visit_offer(struct visit *visit, const char *host, int64_t deadline)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *addresses = NULL;
	char service[8];

	close(visit->fd);
	visit->fd = -1;
	snprintf(service, sizeof(service), "%u", visit->port);
	assert_int_equal(getaddrinfo(host, service, &hints, &addresses), 0);
	check(tlsfo_opening_new(visit->session, &visit->opening), "tlsfo_opening_new");
	check(tlsfo_opening_add_list(visit->opening, addresses), "tlsfo_opening_add_list");
	check(tlsfo_opening_set_deadline(visit->opening, deadline), "tlsfo_opening_set_deadline");
	freeaddrinfo(addresses);
}

int visit_connect(struct visit *visit, const struct way *way)
{
	const struct timeval limit = {.tv_sec = PATIENCE_MS / 1000};
	int ret;

	if (way->blocking) {
		ret = tlsfo_opening_run(visit->opening, &visit->fd);
	} else {
		while ((ret = tlsfo_opening_advance(visit->opening, &visit->fd)) ==
			GNUTLS_E_AGAIN) {
			struct pollfd pfd = {
				.fd = tlsfo_opening_fd(visit->opening),
				.events = tlsfo_opening_events(visit->opening),
			};
			int64_t left = tlsfo_opening_deadline(visit->opening) - tlsfo_now();

			assert_true(tlsfo_opening_deadline(visit->opening) >= 0);
			poll(&pfd, 1, left > 0 ? (int)left : 0);
		}
	}
	if (ret == 0)
		assert_int_equal(
			setsockopt(visit->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	return ret;
}

void visit_wait(struct visit *visit)
{
	struct pollfd pfd = {
		.fd = visit->asks_for_fd ? gnutls_transport_get_int(visit->session) : visit->fd,
		.events = gnutls_record_get_direction(visit->session) ? POLLOUT : POLLIN,
	};

	visit->waits++;
	if (visit->asks_for_events) {
		pfd.fd = visit->fd;
		pfd.events = tlsfo_transport_events(visit->session);
	}
	if (poll(&pfd, 1, PATIENCE_MS) == 0)
		fail_msg("waiting to %s, and nothing happens",
			pfd.events == POLLOUT ? "write" : "read");
}

int visit_handshake(struct visit *visit)
{
	int ret;

	while ((ret = gnutls_handshake(visit->session)) < 0 && !gnutls_error_is_fatal(ret))
		if (ret == GNUTLS_E_AGAIN)
			visit_wait(visit);
	return ret;
}

int visit_handshake_stepping(struct visit *visit, int step_ms)
{
	struct pollfd pfd = {.fd = visit->fd};
	int ret;

	while ((ret = gnutls_handshake(visit->session)) == GNUTLS_E_AGAIN) {
		pfd.events = gnutls_record_get_direction(visit->session) ? POLLOUT : POLLIN;
		poll(&pfd, 1, step_ms);
	}
	return ret;
}

/* True when the call is to be made again, after waiting. */
static bool again(struct visit *visit, ssize_t ret)
{
	if (ret == GNUTLS_E_AGAIN)
		visit_wait(visit);
	return ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED;
}

void visit_send(struct visit *visit, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = gnutls_record_send(visit->session, at, len);

		if (again(visit, n))
			continue;
		check((int)n, "send");
		at += n;
		len -= (size_t)n;
	}
}

void visit_receive(struct visit *visit, void *buf, size_t len)
{
	char *at = buf;

	while (len > 0) {
		ssize_t n = gnutls_record_recv(visit->session, at, len);

		if (again(visit, n))
			continue;
		check((int)n, "receive");
		if (n == 0)
			fail_msg("the server ended early, %zu bytes before all", len);
		at += n;
		len -= (size_t)n;
	}
}

void visit_echo(struct visit *visit)
{
	static const char line[] = "is anybody there?\n";
	char answer[sizeof(line)] = "";

	/* gnutls-serv sends back strings. */
	visit_send(visit, line, sizeof(line) - 1);
	visit_receive(visit, answer, sizeof(line) - 1);
	assert_string_equal(answer, line);
}

struct tlsfo_report visit_report(struct visit *visit)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;

	check(tlsfo_transport_get_report(visit->session, &report), "tlsfo_transport_get_report");
	return report;
}

void visit_close(struct visit *visit)
{
	gnutls_deinit(visit->session);
	gnutls_certificate_free_credentials(visit->credentials);
	tlsfo_opening_free(visit->opening);
	if (visit->fd >= 0)
		assert_int_equal(close(visit->fd), 0);
}

void visit_whole(const struct way *way, uint16_t port)
{
	struct visit visit;

	visit_open(&visit, way, port);
	check(visit_handshake(&visit), "handshake");
	visit_echo(&visit);
	check(gnutls_bye(visit.session, GNUTLS_SHUT_WR), "bye");
	visit_close(&visit);
}

void visit_assert_hello_bytes(struct visit *visit, const unsigned char *bytes, size_t len)
{
	enum { RECORD_HEADER = 5, HANDSHAKE_HEADER = 4, VERSION = 2, RANDOM = 32 };
	gnutls_datum_t client;
	gnutls_datum_t server;

	/* RFC 8446 §5.1 and §4: a handshake record with nothing but a whole ClientHello. */
	assert_true(len > RECORD_HEADER + HANDSHAKE_HEADER + VERSION + RANDOM);
	assert_int_equal(bytes[0], 22);
	assert_int_equal(bytes[1], 3);
	assert_int_equal((bytes[3] << 8 | bytes[4]) + RECORD_HEADER, len);
	assert_int_equal(bytes[5], GNUTLS_HANDSHAKE_CLIENT_HELLO);
	assert_int_equal(
		(bytes[6] << 16 | bytes[7] << 8 | bytes[8]) + HANDSHAKE_HEADER + RECORD_HEADER,
		len);
	/* And it is the one of this session. */
	gnutls_session_get_random(visit->session, &client, &server);
	assert_int_equal(client.size, RANDOM);
	assert_memory_equal(
		bytes + RECORD_HEADER + HANDSHAKE_HEADER + VERSION, client.data, RANDOM);
}

void visit_assert_hello(struct visit *visit, const struct capture_packet *packet)
{
	assert_non_null(packet);
	visit_assert_hello_bytes(visit, packet->payload, packet->len);
}

static int receive_nothing(gnutls_session_t session, const unsigned char *data, size_t len)
{
	(void)session;
	(void)data;
	(void)len;
	return 0;
}

static int send_growth(gnutls_session_t session, gnutls_buffer_t buf)
{
	static const unsigned char growth[16000];
	int ret = gnutls_buffer_append_data(buf, growth, growing_len);

	(void)session;
	return ret < 0 ? ret : (int)growing_len;
}

void visit_grow_hello(struct visit *visit, size_t len)
{
	growing_len = len;
	check(gnutls_session_ext_register(visit->session, "growth", GROWING_EXTENSION,
		      GNUTLS_EXT_TLS, receive_nothing, send_growth, NULL, NULL, NULL,
		      GNUTLS_EXT_FLAG_CLIENT_HELLO),
		"gnutls_session_ext_register");
}

void visit_grow_hellos(size_t len)
{
	growing_len = len;
	check(gnutls_ext_register("growth", GROWING_EXTENSION, GNUTLS_EXT_TLS, receive_nothing,
		      send_growth, NULL, NULL, NULL),
		"gnutls_ext_register");
}
