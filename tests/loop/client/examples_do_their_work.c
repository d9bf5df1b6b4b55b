/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The programs in examples/ that talk to other servers than a web server: greeting prints the first line of a mail server,
 * dns-over-tls asks several names at once and takes the answers in any order, many-hosts opens two hundred connections in
 * one loop, http2 sends its preface to nobody who speaks HTTP/1.1; and visit in C++17.
 */

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

#define CA CERTS_DIR "/ca.pem"

enum { HOSTS = 200 };

/* Runs an example with this standard input, and returns what it prints. It has to end with 0. */
static const char *run(const char *const *argv, const char *input)
{
	static char said[1 << 18];
	FILE *in = tmpfile();
	int ends[2];
	size_t used = 0;
	ssize_t n;
	int status;

	assert_non_null(in);
	assert_true(fputs(input, in) >= 0 && fflush(in) == 0);
	rewind(in);
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(fileno(in), STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	fclose(in);
	while ((n = read(ends[0], said + used, sizeof(said) - 1 - used)) > 0)
		used += (size_t)n;
	close(ends[0]);
	said[used] = '\0';
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("%s: status %d: %s", argv[0], status, said);
	return said;
}

static void greet(struct peer_conn *conn)
{
	peer_send(conn, "* OK IMAP4rev1 ", 15);
	peer_send(conn, "ready\r\n", 7);
	peer_listen(conn);
}

static void greeting(void **state)
{
	struct peer peer;
	char port[8];

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, greet);
	snprintf(port, sizeof(port), "%u", peer.port);
	assert_string_equal(
		run((const char *const[]){EXAMPLES_DIR "/greeting", "127.0.0.1", port, CA, NULL},
			""),
		"* OK IMAP4rev1 ready\n");
	peer_stop(&peer);
}

/* Reads three questions before it answers, the last one first; each answer has as many records as its number and one. */
static void answer(struct peer_conn *conn)
{
	unsigned char message[3][512];
	size_t len[3];

	for (int i = 0; i < 3; i++) {
		peer_receive(conn, message[i], 2);
		len[i] = (size_t)message[i][0] << 8 | message[i][1];
		peer_receive(conn, message[i] + 2, len[i]);
	}
	for (int i = 2; i >= 0; i--) {
		message[i][4] |= 0x80;
		message[i][9] = (unsigned char)(i + 1);
		peer_send(conn, message[i], 2 + len[i]);
	}
	peer_listen(conn);
}

static void dns(void **state)
{
	struct peer peer;
	char port[8];

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, answer);
	snprintf(port, sizeof(port), "%u", peer.port);
	assert_string_equal(run((const char *const[]){EXAMPLES_DIR "/dns-over-tls", "127.0.0.1",
					port, CA, "a.test", "b.test.", "www.c.test", NULL},
				    ""),
		"www.c.test: code 0, 3 records\n"
		"b.test.: code 0, 2 records\n"
		"a.test: code 0, 1 records\n");
	peer_stop(&peer);
}

static void many_hosts(void **state)
{
	static char list[HOSTS * 32];
	struct peer peer;
	int lines = 0;
	size_t used = 0;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_listen);
	for (int i = 0; i < HOSTS; i++)
		used += (size_t)snprintf(
			list + used, sizeof(list) - used, "127.0.0.1 %u\n", peer.port);
	const char *said = run((const char *const[]){EXAMPLES_DIR "/many-hosts", CA, NULL}, list);
	for (const char *at = said; (at = strstr(at, "ready after")) != NULL; at++)
		lines++;
	assert_int_equal(lines, HOSTS);
	peer_stop(&peer);
}

/* Hears the preface and the request, and answers with a page in two frames. */
static void speak_http2(struct peer_conn *conn)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	static const char page[] = "\0\0\0\4\0\0\0\0\0"	    /* SETTINGS */
				   "\0\0\1\1\4\0\0\0\1\x88" /* status 200 */
				   "\0\0\4\0\0\0\0\0\1page"
				   "\0\0\1\0\1\0\0\0\1\n";
	char heard[sizeof(preface) - 1 + 9 + 9 + 5 + 9];

	peer_receive(conn, heard, sizeof(heard));
	if (memcmp(heard, preface, sizeof(preface) - 1) != 0 ||
		memcmp(heard + sizeof(heard) - 9, "127.0.0.1", 9) != 0)
		peer_fail("no request", 0);
	peer_send(conn, page, sizeof(page) - 1);
	peer_listen(conn);
}

/* Hears nothing. */
static void speak_http1(struct peer_conn *conn)
{
	char heard[64];

	if (peer_receive_some(conn, heard, sizeof(heard)) != 0)
		peer_fail("something was sent", 0);
}

static void http2(void **state)
{
	static const struct {
		const char *protocol;
		peer_body body;
		const char *expected;
	} rows[] = {
		{"h2", speak_http2, "page\n"},
		{"http/1.1", speak_http1, "the server does not speak HTTP/2\n"},
	};
	struct peer peer;
	char port[8];

	(void)state;
	for (size_t i = 0; i < suite_length(rows); i++) {
		peer_start(&peer,
			&(struct peer_options){.family = AF_INET, .alpn = rows[i].protocol},
			rows[i].body);
		snprintf(port, sizeof(port), "%u", peer.port);
		assert_string_equal(run((const char *const[]){EXAMPLES_DIR "/http2", "127.0.0.1",
						port, CA, NULL},
					    ""),
			rows[i].expected);
		peer_stop(&peer);
	}
}

#ifdef WITH_CPP
static void serve_page(struct peer_conn *conn)
{
	char request[18];

	peer_receive(conn, request, sizeof(request));
	peer_send(conn, "page\n", 5);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_listen(conn);
}

static void cpp(void **state)
{
	struct peer peer;
	char port[8];

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, serve_page);
	snprintf(port, sizeof(port), "%u", peer.port);
	assert_string_equal(
		run((const char *const[]){EXAMPLES_DIR "/visit-cpp", "127.0.0.1", port, CA, NULL},
			""),
		"page\n");
	peer_stop(&peer);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(greeting),
		cmocka_unit_test(dns),
		cmocka_unit_test(many_hosts),
		cmocka_unit_test(http2),
#ifdef WITH_CPP
		cmocka_unit_test(cpp),
#endif
	};

	return suite_run("examples do their work", tests, suite_length(tests));
}
