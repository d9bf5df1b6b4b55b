/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connection that was told something wrong says what, fails to open with the same code, and takes nothing over.
 * What is told too late changes nothing.
 */

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"

struct bad {
	int code;
	const char *text;
};

static struct tlsfo_config *config;

static struct tlsfo_conn *make(void)
{
	struct tlsfo_conn *conn = NULL;

	assert_int_equal(tlsfo_conn_new(config, "127.0.0.1", "443", &conn), 0);
	return conn;
}

/* The setter has returned @code. */
static void check(struct tlsfo_conn *conn, int code, int wanted, const char *text)
{
	char words[512];

	assert_int_equal(code, wanted);
	assert_non_null(strstr(tlsfo_conn_error(conn), text));
	assert_null(strchr(tlsfo_conn_error(conn), '\n'));
	snprintf(words, sizeof(words), "%s", tlsfo_conn_error(conn));
	/* It stays so, whatever follows. */
	assert_int_equal(tlsfo_conn_set_servername(conn, "localhost"), wanted);
	assert_int_equal(tlsfo_conn_open(conn, TLSFO_NEVER), wanted);
	assert_string_equal(tlsfo_conn_error(conn), words);
	assert_int_equal(client_report(conn).error, wanted);
	assert_int_equal(client_report(conn).attempt_count, 0);
	assert_int_equal(tlsfo_conn_advance(conn), wanted);
	tlsfo_conn_free(conn);
}

static void first_data(void **state)
{
	static const char data[TLSFO_FIRST_DATA_MAX + 1];
	struct tlsfo_conn *conn = make();

	(void)state;
	check(conn, tlsfo_conn_set_first_data(conn, NULL, 1, 0, NULL), TLSFO_E_INVALID_ARGUMENT,
		"65536");
	conn = make();
	check(conn, tlsfo_conn_set_first_data(conn, data, sizeof(data), 0, NULL),
		TLSFO_E_INVALID_ARGUMENT, "65536");
	conn = make();
	check(conn, tlsfo_conn_set_first_data(conn, data, 1, 2, NULL), TLSFO_E_INVALID_FLAGS,
		"flag");
	conn = make();
	check(conn, tlsfo_conn_set_first_data(conn, data, 1, 0, "h3"), TLSFO_E_INVALID_ARGUMENT,
		"\"h3\"");
	conn = make();
	assert_int_equal(tlsfo_conn_set_first_data(conn, data, 1, 0, "h2"), 0);
	assert_int_equal(tlsfo_conn_set_first_data(conn, NULL, 0, 0, NULL), 0);
	tlsfo_conn_free(conn);
}

static void servername(void **state)
{
	static const char *const names[] = {"", "[]", ".", "x .test", "x\n"};
	struct tlsfo_conn *conn = make();
	char longest[257];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[256] = '\0';
	check(conn, tlsfo_conn_set_servername(conn, NULL), TLSFO_E_INVALID_ARGUMENT, "255");
	conn = make();
	check(conn, tlsfo_conn_set_servername(conn, longest), TLSFO_E_INVALID_ARGUMENT, "255");
	for (size_t i = 0; i < suite_length(names); i++) {
		conn = make();
		check(conn, tlsfo_conn_set_servername(conn, names[i]), TLSFO_E_INVALID_ARGUMENT,
			"is not a name");
	}
	conn = make();
	assert_int_equal(tlsfo_conn_set_servername(conn, "x.test"), 0);
	assert_int_equal(tlsfo_conn_set_servername(conn, "y.test"), 0);
	tlsfo_conn_free(conn);
}

static void addresses(void **state)
{
	struct sockaddr_in without_port = {.sin_family = AF_INET};
	struct addrinfo list = {.ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_addr = (struct sockaddr *)&without_port,
		.ai_addrlen = sizeof(without_port)};
	struct tlsfo_conn *conn = make();

	(void)state;
	check(conn, tlsfo_conn_set_addresses(conn, NULL), TLSFO_E_INVALID_ARGUMENT, "empty");
	conn = make();
	check(conn, tlsfo_conn_set_addresses(conn, &list), TLSFO_E_INVALID_ADDRESS, "port");
	/* Neither an address nor a service. */
	assert_int_equal(tlsfo_conn_new(config, "127.0.0.1", NULL, &conn), 0);
	assert_int_equal(tlsfo_conn_open(conn, TLSFO_NEVER), TLSFO_E_INVALID_ARGUMENT);
	assert_non_null(strstr(tlsfo_conn_error(conn), "service"));
	tlsfo_conn_free(conn);
}

static void descriptors(void **state)
{
	struct tlsfo_conn *conn = make();
	int ends[2];
	int lone = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	check(conn, tlsfo_conn_set_socket(conn, -1), TLSFO_E_INVALID_ARGUMENT, "descriptor -1");
	conn = make();
	check(conn, tlsfo_conn_set_socket(conn, lone), TLSFO_E_INVALID_ARGUMENT, "not connected");
	/* It was not taken over. */
	assert_int_equal(close(lone), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
	conn = make();
	check(conn, tlsfo_conn_set_socket(conn, ends[0]), TLSFO_E_INVALID_ARGUMENT,
		"not a connected stream socket");
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(pipe(ends), 0);
	conn = make();
	check(conn, tlsfo_conn_set_socket(conn, ends[0]), TLSFO_E_INVALID_ARGUMENT, "ocket");
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	conn = make();
	assert_int_equal(tlsfo_conn_set_socket(conn, ends[0]), 0);
	check(conn, tlsfo_conn_set_socket(conn, ends[1]), TLSFO_E_INVALID_ARGUMENT, "one at most");
	assert_int_equal(close(ends[0]), -1);
	assert_int_equal(close(ends[1]), 0);
}

static void priming(void **state)
{
	struct tlsfo_conn *conn = make();
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(tlsfo_conn_set_priming(conn), 0);
	check(conn, tlsfo_conn_set_socket(conn, ends[0]), TLSFO_E_INVALID_ARGUMENT, "cookies");
	conn = make();
	assert_int_equal(tlsfo_conn_set_socket(conn, ends[0]), 0);
	check(conn, tlsfo_conn_set_priming(conn), TLSFO_E_INVALID_ARGUMENT, "cookies");
	close(ends[1]);
}

static void too_late(void **state)
{
	struct tlsfo_conn *conn = make();

	(void)state;
	assert_int_equal(tlsfo_conn_advance(conn), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_begin(conn, TLSFO_NEVER), 0);
	/* A loop has something to do at once. */
	assert_int_equal(tlsfo_conn_deadline(conn), TLSFO_NOW);
	assert_int_equal(tlsfo_conn_begin(conn, TLSFO_NEVER), TLSFO_E_IN_USE);
	assert_int_equal(tlsfo_conn_open(conn, TLSFO_NEVER), TLSFO_E_IN_USE);
	assert_int_equal(tlsfo_conn_set_servername(conn, "x.test"), TLSFO_E_IN_USE);
	assert_int_equal(tlsfo_conn_set_first_data(conn, "x", 1, 0, NULL), TLSFO_E_IN_USE);
	assert_int_equal(tlsfo_conn_set_priming(conn), TLSFO_E_IN_USE);
	assert_int_equal(tlsfo_conn_set_socket(conn, 0), TLSFO_E_IN_USE);
	assert_int_equal(tlsfo_conn_set_steady_fd(conn), TLSFO_E_IN_USE);
	assert_string_equal(tlsfo_conn_error(conn), "");
	tlsfo_conn_free(conn);
}

static void nothing(void **state)
{
	struct tlsfo_conn *conn = NULL;
	const struct addrinfo list = {0};

	(void)state;
	assert_int_equal(tlsfo_conn_new(config, "x.test", "443", NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_set_servername(NULL, "x.test"), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(
		tlsfo_conn_set_first_data(NULL, "x", 1, 0, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_set_addresses(NULL, &list), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_set_socket(NULL, 0), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_set_priming(NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_set_steady_fd(NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_begin(NULL, TLSFO_NEVER), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_open(NULL, TLSFO_NEVER), TLSFO_E_INVALID_ARGUMENT);
	tlsfo_conn_cancel(NULL);
	/* Outputs are for success. */
	assert_int_equal(
		tlsfo_connect(config, "127.0.0.1", "1", TLSFO_NEVER, &conn), TLSFO_E_NOT_CONNECTED);
	assert_null(conn);
}

static int make_config(void **state)
{
	const char *const protocols[] = {"h2", "http/1.1"};

	(void)state;
	config = client_config_default();
	return tlsfo_config_set_alpn(config, protocols, 2);
}

static int free_config(void **state)
{
	(void)state;
	tlsfo_config_free(config);
	return 0;
}

#define FACT(test) cmocka_unit_test_setup_teardown(test, make_config, free_config)

int main(void)
{
	const struct CMUnitTest tests[] = {FACT(first_data), FACT(servername), FACT(addresses),
		FACT(descriptors), FACT(priming), FACT(too_late), FACT(nothing)};

	return suite_run("setters refuse what is wrong", tests, suite_length(tests));
}
