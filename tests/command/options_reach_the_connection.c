/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server sees, and the report says, what the options ask for. */
#include "command/run.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/suite.h"

#define CONNECT "connect", "--cafile", CERTS_DIR "/ca.pem", "--report=json"

/* What the server saw. */
struct sight {
	char name[64]; /* SNI */
	char alpn[64];
	char address[INET6_ADDRSTRLEN];
	unsigned int certificates;
	int version;
};

static void see_address(int fd, struct sight *sight)
{
	struct sockaddr_storage address;
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	socklen_t len = sizeof(address);

	if (getpeername(fd, (struct sockaddr *)&address, &len) != 0)
		peer_fail("getpeername", 0);
	memcpy(&in6, &address, sizeof(in6));
	memcpy(&in, &address, sizeof(in));
	if (address.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &in6.sin6_addr, sight->address, sizeof(sight->address));
	else
		inet_ntop(AF_INET, &in.sin_addr, sight->address, sizeof(sight->address));
}

static void tell_what_is_seen(struct peer_conn *conn)
{
	struct sight sight = {.version = (int)gnutls_protocol_get_version(conn->session)};
	gnutls_datum_t alpn = {NULL, 0};
	size_t size = sizeof(sight.name);
	unsigned int type = 0;

	(void)gnutls_server_name_get(conn->session, sight.name, &size, &type, 0);
	(void)gnutls_certificate_get_peers(conn->session, &sight.certificates);
	if (gnutls_alpn_get_selected_protocol(conn->session, &alpn) == 0)
		memcpy(sight.alpn, alpn.data, alpn.size);
	see_address(conn->fd, &sight);
	if (write(conn->test, &sight, sizeof(sight)) != (ssize_t)sizeof(sight))
		peer_fail("write", 0);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_listen(conn);
}

struct visit {
	struct sight sight;
	json_t *report;
};

/* One visit with @options to a peer of @family, at @host. */
static void make_visit(struct visit *visit, const struct peer_options *peer_options,
	const char *host, const char *const *options)
{
	struct outcome outcome;
	struct peer peer;
	struct port_text port;
	const char *args[16] = {CONNECT};
	size_t count = 4;

	peer_start(&peer, peer_options, tell_what_is_seen);
	port = run_port(peer.port);
	while (*options != NULL)
		args[count++] = *options++;
	args[count++] = host;
	args[count] = port.text;
	run_command(&outcome, "", args);
	if (outcome.status != 0)
		fail_msg("status %d: %s", outcome.status, outcome.err);
	peer_hear(&peer, &visit->sight, sizeof(visit->sight));
	visit->report = run_json(outcome.err);
	peer_stop(&peer);
}

static void names_are_sent(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct visit visit;

	(void)state;
	make_visit(&visit, &options, "localhost", RUN_ARGS("-4"));
	assert_string_equal(visit.sight.name, "localhost");
	json_decref(visit.report);

	make_visit(&visit, &options, "127.0.0.1", RUN_ARGS("--servername", "server.test"));
	assert_string_equal(visit.sight.name, "server.test");
	json_decref(visit.report);

	make_visit(&visit, &options, "127.0.0.1", RUN_ARGS("-4"));
	assert_string_equal(visit.sight.name, "");
	json_decref(visit.report);
}

static void alpn_is_offered(void **state)
{
	struct peer_options options = {.family = AF_INET, .alpn = "http/1.1"};
	struct visit visit;

	(void)state;
	make_visit(&visit, &options, "127.0.0.1", RUN_ARGS("--alpn", "h2,http/1.1"));
	assert_string_equal(visit.sight.alpn, "http/1.1");
	assert_string_equal(
		run_json_string(json_object_get(visit.report, "tls"), "alpn"), "http/1.1");
	json_decref(visit.report);
}

static void priority_decides_the_version(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct visit visit;

	(void)state;
	make_visit(&visit, &options, "127.0.0.1",
		RUN_ARGS("--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2"));
	assert_int_equal(visit.sight.version, GNUTLS_TLS1_2);
	assert_string_equal(
		run_json_string(json_object_get(visit.report, "tls"), "version"), "TLS1.2");
	json_decref(visit.report);

	make_visit(&visit, &options, "127.0.0.1", RUN_ARGS("--priority", "NORMAL"));
	assert_int_equal(visit.sight.version, GNUTLS_TLS1_3);
	json_decref(visit.report);
}

static void a_certificate_is_shown(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct visit visit;

	(void)state;
	make_visit(&visit, &options, "127.0.0.1",
		RUN_ARGS("--cert", CERTS_DIR "/client.pem", "--key", CERTS_DIR "/client-key.pem"));
	assert_int_equal(visit.sight.certificates, 1);
	json_decref(visit.report);

	make_visit(&visit, &options, "127.0.0.1", RUN_ARGS("-4"));
	assert_int_equal(visit.sight.certificates, 0);
	json_decref(visit.report);
}

/* Under the password "word". */
static void write_encrypted_key(const char *path)
{
	gnutls_datum_t pem = client_encrypted_key();
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(pem.data, 1, pem.size, file), pem.size);
	assert_int_equal(fclose(file), 0);
	gnutls_free(pem.data);
}

static void an_encrypted_key_is_opened(void **state)
{
	struct peer_options options = {.family = AF_INET};
	char password_path[] = "/tmp/tlsfo-password-XXXXXX";
	char key_path[] = "/tmp/tlsfo-key-XXXXXX";
	const int password = mkstemp(password_path);
	const int key = mkstemp(key_path);
	struct visit visit;

	(void)state;
	assert_true(password >= 0 && key >= 0);
	/* The line that follows is no part of it. */
	assert_int_equal(write(password, "word\nrest", 9), 9);
	close(password);
	close(key);
	write_encrypted_key(key_path);
	make_visit(&visit, &options, "127.0.0.1",
		RUN_ARGS("--cert", CERTS_DIR "/client.pem", "--key", key_path, "--key-password",
			password_path));
	assert_int_equal(visit.sight.certificates, 1);
	json_decref(visit.report);
	unlink(password_path);
	unlink(key_path);
}

static void families_are_chosen(void **state)
{
	struct peer_options options4 = {.family = AF_INET};
	struct peer_options options6 = {.family = AF_INET6};
	struct visit visit;

	(void)state;
	make_visit(&visit, &options4, "localhost", RUN_ARGS("-4"));
	assert_string_equal(run_json_string(visit.report, "family"), "IPv4");
	json_decref(visit.report);

	make_visit(&visit, &options6, "::1", RUN_ARGS("-6"));
	assert_string_equal(run_json_string(visit.report, "family"), "IPv6");
	json_decref(visit.report);
}

/* Somebody listens there, but may not be asked. */
static void the_other_family_is_left_alone(void **state)
{
	struct peer_options options4 = {.family = AF_INET};
	struct peer_options options6 = {.family = AF_INET6};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options4, tell_what_is_seen);
	port = run_port(peer.port);
	run_command(&outcome, "", RUN_ARGS(CONNECT, "-6", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 3);
	peer_stop(&peer);

	peer_start(&peer, &options6, tell_what_is_seen);
	port = run_port(peer.port);
	run_command(&outcome, "", RUN_ARGS(CONNECT, "-4", "::1", port.text));
	assert_int_equal(outcome.status, 3);
	peer_stop(&peer);
}

static void local_addresses_are_used(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct visit visit;

	(void)state;
	make_visit(&visit, &options, "127.0.0.1", RUN_ARGS("--bind", "127.0.0.2"));
	assert_string_equal(visit.sight.address, "127.0.0.2");
	json_decref(visit.report);

	options.family = AF_INET6;
	make_visit(&visit, &options, "::1", RUN_ARGS("--bind", "::1"));
	assert_string_equal(visit.sight.address, "::1");
	json_decref(visit.report);
}

static void assert_fast_open(const char *option, const char *expected)
{
	struct peer_options options = {.family = AF_INET};
	struct visit visit;

	make_visit(&visit, &options, "127.0.0.1", RUN_ARGS(option));
	assert_string_equal(run_json_string(visit.report, "fast_open"), expected);
	assert_string_equal(run_json_string(visit.report, "engine"), "socket");
	json_decref(visit.report);
}

static void fast_open_can_be_chosen(void **state)
{
	(void)state;
	/* Were it not off, a cookie would be asked for. */
	assert_fast_open("--fast-open=never", "off");
	assert_fast_open("--fast-open=auto", "cookie-requested");
	assert_fast_open("--fast-open=always", "acknowledged");
	assert_fast_open("--fast-open=never", "off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sent),
		cmocka_unit_test(alpn_is_offered),
		cmocka_unit_test(priority_decides_the_version),
		cmocka_unit_test(a_certificate_is_shown),
		cmocka_unit_test(an_encrypted_key_is_opened),
		cmocka_unit_test(families_are_chosen),
		cmocka_unit_test(the_other_family_is_left_alone),
		cmocka_unit_test(local_addresses_are_used),
		cmocka_unit_test(fast_open_can_be_chosen),
	};

	return suite_run("options_reach_the_connection", tests, suite_length(tests));
}
