/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "faults/scene.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsfo/tlsfo.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"
#include "support/suite.h"

#define REQUEST "how is the weather?\n"

/* ------------------------------------------------------------------------ the client rung -- */

static int make_config(struct tlsfo_store *store, struct tlsfo_config **ret_config)
{
	struct tlsfo_config *config = NULL;
	int ret = tlsfo_config_new(&config);

	if (ret == 0)
		ret = tlsfo_config_set_ca_file(config, CERTS_DIR "/ca.pem");
	if (ret == 0)
		ret = tlsfo_config_set_store(config, store);
	if (ret == 0) {
		*ret_config = config;
		return 0;
	}
	tlsfo_config_free(config);
	return ret;
}

/* Reads the answer and ends. What is said to be well has to be. */
static int converse(const struct scene *scene, struct tlsfo_conn *conn)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	const int64_t deadline = tlsfo_deadline_in(scene->deadline_ms);
	char answer[sizeof(EARLY_ANSWER)] = "";
	char text[4096];
	size_t got = 0;

	while (got < strlen(EARLY_ANSWER)) {
		ssize_t n = tlsfo_conn_read(conn, answer + got, sizeof(answer) - 1 - got, deadline);

		if (n < 0)
			return (int)n;
		if (n == 0)
			scene_broken("the answer ends after %zu bytes", got);
		if (n == 0)
			return 0;
		got += (size_t)n;
	}
	if (strcmp(answer, EARLY_ANSWER) != 0)
		scene_broken("the answer is \"%s\"", answer);
	int ret = tlsfo_conn_get_report(conn, &report);
	if (ret == 0 && tlsfo_report_json(&report, text, sizeof(text)) < 0)
		scene_broken("no report");
	return ret;
}

/* After every failure there are words. */
static int finish(const struct scene *scene, struct tlsfo_conn *conn, int ret)
{
	if (ret == 0)
		return tlsfo_conn_close(conn, tlsfo_deadline_in(scene->deadline_ms));
	if (conn != NULL && tlsfo_conn_error(conn) == NULL)
		scene_broken("%s without a word", tlsfo_strerror(ret));
	tlsfo_conn_free(conn);
	return ret;
}

static void name_service(const struct scene *scene, char service[static 8])
{
	snprintf(service, 8, "%u", scene->port);
}

static int visit(const struct scene *scene, struct tlsfo_config *config)
{
	struct tlsfo_conn *conn = NULL;
	char service[8];

	name_service(scene, service);
	int ret = client_open(config, "127.0.0.1", service, REQUEST, strlen(REQUEST),
		TLSFO_FIRST_DATA_REPLAYABLE, tlsfo_deadline_in(scene->deadline_ms), &conn);
	if (ret == 0)
		ret = converse(scene, conn);
	return finish(scene, conn, ret);
}

/* Twice, so that the second has a ticket, early data and a cookie. */
static int play_visits(const struct scene *scene)
{
	struct tlsfo_config *config = NULL;
	struct tlsfo_store *store = NULL;
	int ret = tlsfo_store_open(scene->dir, NULL, 0, &store);

	if (ret == 0)
		ret = make_config(store, &config);
	for (int i = 0; i < 2 && ret == 0; i++)
		ret = visit(scene, config);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	return ret;
}

/* As an event loop does. */
static int advance(struct tlsfo_conn *conn)
{
	int ret;

	while ((ret = tlsfo_conn_advance(conn)) == GNUTLS_E_AGAIN) {
		struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = tlsfo_conn_events(conn)};
		int64_t left = tlsfo_conn_deadline(conn) - tlsfo_now();

		poll(&pfd, 1, left > 0 ? (int)left : 0);
	}
	return ret;
}

/* Over a name with two addresses, one of which refuses. */
static int play_loop(const struct scene *scene)
{
	struct tlsfo_config *config = NULL;
	struct tlsfo_conn *conn = NULL;
	struct tlsfo_store *store = NULL;
	char service[8];
	int ret = tlsfo_store_new(&store);

	name_service(scene, service);
	if (ret == 0)
		ret = make_config(store, &config);
	if (ret == 0)
		ret = tlsfo_conn_new(config, "localhost", service, &conn);
	if (ret == 0)
		ret = tlsfo_conn_set_first_data(conn, REQUEST, strlen(REQUEST), 0, NULL);
	if (ret == 0)
		ret = tlsfo_conn_set_steady_fd(conn);
	if (ret == 0)
		ret = tlsfo_conn_begin(conn, tlsfo_deadline_in(scene->deadline_ms));
	if (ret == 0)
		ret = advance(conn);
	if (ret == 0)
		ret = converse(scene, conn);
	ret = finish(scene, conn, ret);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	return ret;
}

static int play_prime(const struct scene *scene)
{
	struct tlsfo_config *config = NULL;
	struct tlsfo_conn *conn = NULL;
	char service[8];
	int ret = make_config(NULL, &config);

	name_service(scene, service);
	if (ret == 0)
		ret = client_prime(
			config, "localhost", service, tlsfo_deadline_in(scene->deadline_ms), &conn);
	if (ret < 0 && conn != NULL && tlsfo_conn_error(conn) == NULL)
		scene_broken("%s without a word", tlsfo_strerror(ret));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	return ret < 0 ? ret : 0;
}

/* ------------------------------------------------------------------------------ the store -- */

static void prepare_store(const struct scene *scene)
{
	if (play_visits(scene) != 0)
		scene_broken("nothing could be kept");
}

static int count_entry(const struct tlsfo_store_entry *entry, void *userdata)
{
	(*(unsigned int *)userdata)++;
	return entry->port != 0 ? 0 : 1;
}

/* What is told to be gone is gone, what is there is listed. */
static int play_store(const struct scene *scene)
{
	struct tlsfo_store *store = NULL;
	unsigned int listed = 0;
	unsigned int left = 0;
	int ret = tlsfo_store_open(scene->dir, NULL, 0, &store);

	if (ret == 0)
		ret = tlsfo_store_list(store, count_entry, &listed);
	if (ret == 0 && listed == 0)
		scene_broken("the list is empty");
	if (ret == 0)
		ret = tlsfo_store_forget(store, "example.org", 0);
	if (ret == 0)
		ret = tlsfo_store_clear(store);
	if (ret >= 0) {
		ret = tlsfo_store_list(store, count_entry, &left);
		if (ret == 0 && left != 0)
			scene_broken("cleared, and %u are left", left);
	}
	tlsfo_store_free(store);
	return ret < 0 ? ret : 0;
}

/* --------------------------------------------------------------------- the transport rung -- */

static int make_session(gnutls_certificate_credentials_t *ret_credentials,
	gnutls_session_t *ret_session, const struct scene *scene, unsigned int flags)
{
	int ret = gnutls_certificate_allocate_credentials(ret_credentials);

	if (ret >= 0)
		ret = gnutls_certificate_set_x509_trust_file(
			*ret_credentials, CERTS_DIR "/ca.pem", GNUTLS_X509_FMT_PEM);
	if (ret >= 0)
		ret = gnutls_init(ret_session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL | flags);
	if (ret >= 0)
		ret = gnutls_set_default_priority(*ret_session);
	if (ret >= 0)
		ret = gnutls_credentials_set(
			*ret_session, GNUTLS_CRD_CERTIFICATE, *ret_credentials);
	if (ret < 0)
		return ret;
	gnutls_session_set_verify_cert(*ret_session, "localhost", 0);
	gnutls_handshake_set_timeout(*ret_session, (unsigned int)scene->deadline_ms);
	return 0;
}

/* GnuTLS's usual loop, of a program with a deadline of its own. True: @ret is to be tried again. */
static bool again(gnutls_session_t session, int fd, ssize_t ret, int64_t deadline)
{
	struct pollfd pfd = {
		.fd = fd, .events = gnutls_record_get_direction(session) ? POLLOUT : POLLIN};
	int64_t left = deadline - tlsfo_now();

	if (ret >= 0 || gnutls_error_is_fatal((int)ret) || left <= 0)
		return false;
	if (ret == GNUTLS_E_AGAIN)
		poll(&pfd, 1, (int)left);
	return true;
}

static ssize_t converse_gnutls(const struct scene *scene, gnutls_session_t session, int fd)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	const int64_t deadline = tlsfo_deadline_in(scene->deadline_ms);
	char answer[sizeof(EARLY_ANSWER)] = "";
	ssize_t ret;

	do
		ret = gnutls_handshake(session);
	while (again(session, fd, ret, deadline));
	if (ret < 0)
		return ret;
	do
		ret = gnutls_record_send(session, REQUEST, strlen(REQUEST));
	while (again(session, fd, ret, deadline));
	if (ret < 0)
		return ret;
	do
		ret = gnutls_record_recv(session, answer, sizeof(answer) - 1);
	while (again(session, fd, ret, deadline));
	if (ret >= 0 && strcmp(answer, EARLY_ANSWER) != 0)
		scene_broken("the answer is \"%s\"", answer);
	if (ret >= 0)
		ret = tlsfo_transport_get_report(session, &report);
	if (ret >= 0)
		ret = gnutls_bye(session, GNUTLS_SHUT_WR);
	return ret;
}

/* Gives back what was made of all this. */
static void end_session(
	gnutls_certificate_credentials_t credentials, gnutls_session_t session, int fd)
{
	if (session != NULL)
		gnutls_deinit(session);
	if (credentials != NULL)
		gnutls_certificate_free_credentials(credentials);
	if (fd >= 0)
		close(fd);
}

static int play_session(const struct scene *scene, unsigned int engine, bool blocking)
{
	gnutls_certificate_credentials_t credentials = NULL;
	struct sockaddr_storage address;
	gnutls_session_t session = NULL;
	socklen_t len = net_loopback(AF_INET, scene->port, &address);
	int fd = net_socket(AF_INET, blocking);
	ssize_t ret = make_session(&credentials, &session, scene, blocking ? 0 : GNUTLS_NONBLOCK);

	if (ret == 0)
		ret = tlsfo_transport_set_fastopen(
			session, fd, (struct sockaddr *)&address, len, engine);
	if (ret == 0)
		ret = converse_gnutls(scene, session, fd);
	end_session(credentials, session, fd);
	return ret < 0 ? (int)ret : 0;
}

/* To a port that refuses, and to the server. */
static int connect_session(const struct scene *scene, gnutls_session_t session, int *ret_fd)
{
	struct tlsfo_opening *opening = NULL;
	struct tlsfo_store *store = NULL;
	struct sockaddr_storage address;
	socklen_t len = net_loopback(AF_INET6, scene->port, &address);
	int ret = tlsfo_store_new(&store);

	if (ret == 0)
		ret = tlsfo_opening_new(session, &opening);
	if (ret == 0)
		ret = tlsfo_opening_add(opening, (struct sockaddr *)&address, len);
	len = net_loopback(AF_INET, scene->port, &address);
	if (ret == 0)
		ret = tlsfo_opening_add(opening, (struct sockaddr *)&address, len);
	if (ret == 0)
		ret = tlsfo_opening_set_store(opening, store, "localhost");
	if (ret == 0)
		ret = tlsfo_opening_set_deadline(opening, tlsfo_deadline_in(scene->deadline_ms));
	if (ret == 0)
		ret = tlsfo_opening_run(opening, ret_fd);
	if (ret != 0 && tlsfo_opening_error(opening) == NULL)
		scene_broken("%s without a word", tlsfo_strerror(ret));
	tlsfo_opening_free(opening);
	tlsfo_store_free(store);
	return ret;
}

/* Twice, the second time with a cookie. */
static int play_connect(const struct scene *scene)
{
	ssize_t ret = 0;

	for (int i = 0; i < 2 && ret >= 0; i++) {
		gnutls_certificate_credentials_t credentials = NULL;
		gnutls_session_t session = NULL;
		int fd = -1;

		ret = make_session(&credentials, &session, scene, 0);
		if (ret == 0)
			ret = connect_session(scene, session, &fd);
		if (ret == 0)
			ret = converse_gnutls(scene, session, fd);
		end_session(credentials, session, fd);
	}
	return ret < 0 ? (int)ret : 0;
}

/* Each twice, the second time with a cookie. */
static int play_transport(const struct scene *scene, unsigned int engine)
{
	int ret = play_session(scene, engine, false);

	return ret < 0 ? ret : play_session(scene, engine, true);
}

static int play_transport_socket(const struct scene *scene)
{
	return play_transport(scene, TLSFO_TRANSPORT_SOCKET);
}

static int play_transport_gnutls(const struct scene *scene)
{
	return play_transport(scene, TLSFO_TRANSPORT_GNUTLS);
}

const struct scenario scenarios[] = {
	{"visits", NULL, play_visits, false},
	{"loop", NULL, play_loop, false},
	{"prime", NULL, play_prime, false},
	{"store", prepare_store, play_store, false},
	{"connect", NULL, play_connect, false},
	{"transport", NULL, play_transport_socket, false},
	{"transport-gnutls", NULL, play_transport_gnutls, false},
	{"command", NULL, play_command, true},
	{"command-list", prepare_store, play_command_list, true},
	{NULL, NULL, NULL, false},
};
