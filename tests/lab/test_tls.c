/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The trace understands a real TLS connection, of gnutls-cli with gnutls-serv: which records were
 * sent, and when the response began. A key shared in advance saves certificates.
 */

#include "lab_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef"

enum { PAGE = 8000, RTT_MS = 20, RECORDS = 32 };

struct scene {
	struct lab *lab;
	char directory[32];
	char keys[64];
	char page[64];
};

static void write_file(const char *path, const char *text, size_t filling)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	while (filling-- > 0)
		fputc('x', file);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (!scene)
		return -1;

	*state = scene;
	strcpy(scene->directory, "/tmp/lab-tls-XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	snprintf(scene->keys, sizeof(scene->keys), "%s/keys", scene->directory);
	snprintf(scene->page, sizeof(scene->page), "%s/page", scene->directory);
	write_file(scene->keys, "user:" KEY "\n", 0);
	write_file(scene->page, "HTTP/1.0 200 OK\r\n\r\n", PAGE);
	scene->lab = test_lab(RTT_MS, "lab-tls");
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	lab_free(scene->lab);
	unlink(scene->keys);
	unlink(scene->page);
	rmdir(scene->directory);
	free(scene);
	return 0;
}

static void start_server(struct scene *scene, const char *priority)
{
	const char *const argv[] = {"gnutls-serv", "--quiet", "--port", "4433", "--http",
		"--httpdata", scene->page, "--pskpasswd", scene->keys, "--priority", priority,
		NULL};
	pid_t pid;

	assert_int_equal(lab_spawn(scene->lab, LAB_SERVER, argv, -1, -1, -1, &pid), 0);
	assert_int_equal(
		lab_wait_listen(scene->lab, LAB_SERVER, TEST_PORT, lab_deadline(TEST_PATIENCE_MS)),
		0);
}

/* One request. The client's input stays open until the server has closed the connection. */
static void visit(struct scene *scene, const char *priority)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	const char *const argv[] = {"gnutls-cli", "--pskusername", "user", "--pskkey", KEY,
		"--insecure", "--priority", priority, "server4.test:4433", NULL};
	int input[2];
	int status = -1;
	pid_t pid;

	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(lab_spawn(scene->lab, LAB_CLIENT, argv, input[0], -1, -1, &pid), 0);
	close(input[0]);
	assert_int_equal(write(input[1], request, sizeof(request) - 1), sizeof(request) - 1);
	assert_int_equal(lab_wait(scene->lab, pid, lab_deadline(TEST_PATIENCE_MS), &status), 0);
	close(input[1]);
	assert_int_equal(lab_wait_idle(scene->lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
}

/* The first record of this name, or a failed test. */
static struct lab_record find(struct scene *scene, enum lab_side from, const char *name)
{
	struct lab_record records[RECORDS];
	ssize_t count = lab_trace_records(scene->lab, 0, from, records, RECORDS);
	ssize_t i;

	for (i = 0; i < count && i < RECORDS; i++) {
		if (strcmp(records[i].name, name) == 0)
			return records[i];
	}
	fail_msg("no %s among %zd records", name, count);
	return records[0];
}

static void assert_response(struct scene *scene, double least_round_trips)
{
	struct lab_moment first;
	struct lab_moment response;
	struct lab_moment all;
	struct lab_packet packet;

	assert_int_equal(lab_trace_first_server_byte(scene->lab, 0, &first), 0);
	assert_int_equal(
		lab_trace_first_response(scene->lab, 0, LAB_RESPONSE_RECORD, &response), 0);
	assert_int_equal(
		lab_trace_first_response(scene->lab, LAB_ALL, LAB_RESPONSE_RECORD, &all), 0);
	assert_true(first.round_trips >= 2);
	assert_true(response.round_trips >= least_round_trips);
	assert_true(response.ns > first.ns);
	assert_int_equal(all.ns, response.ns);
	assert_int_equal(lab_trace_packet(scene->lab, response.packet, &packet), 0);
	assert_int_equal(packet.from, LAB_SERVER);
	assert_true(packet.payload_length > 1000);
	assert_int_equal(lab_trace_first_response(scene->lab, 0, PAGE * 3, &response), -EAGAIN);
}

static void assert_no_early_data(struct scene *scene)
{
	struct lab_early_data early = {.sent = 1};

	assert_int_equal(lab_trace_early_data(scene->lab, 0, &early), 0);
	assert_int_equal(early.sent, 0);
	assert_int_equal(early.in_syn, 0);
	assert_false(early.accepted);
	assert_int_equal(lab_trace_resumed(scene->lab, 1), -ENOENT);
}

static void tls13_is_understood(void **state)
{
	static const char priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+ECDHE-PSK:+PSK";
	struct scene *scene = *state;

	start_server(scene, priority);
	visit(scene, priority);
	assert_int_equal(lab_trace_connections(scene->lab), 1);
	assert_int_equal(find(scene, LAB_CLIENT, "ClientHello").offset, 0);
	find(scene, LAB_CLIENT, "Finished");
	find(scene, LAB_CLIENT, "application data");
	assert_int_equal(find(scene, LAB_SERVER, "ServerHello").offset, 0);
	find(scene, LAB_SERVER, "encrypted handshake");
	find(scene, LAB_SERVER, "encrypted data");
	/* In TLS 1.3 a key shared in advance looks like a session that is resumed. */
	assert_int_equal(lab_trace_resumed(scene->lab, 0), 1);
	assert_no_early_data(scene);
	assert_response(scene, 3);
	lab_passed(scene->lab);
}

static void tls12_is_understood(void **state)
{
	static const char priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+PSK";
	struct scene *scene = *state;
	struct lab_moment response;

	start_server(scene, priority);
	visit(scene, priority);
	find(scene, LAB_CLIENT, "ClientKeyExchange");
	find(scene, LAB_CLIENT, "Finished");
	find(scene, LAB_SERVER, "ServerHelloDone");
	find(scene, LAB_SERVER, "Finished");
	assert_int_equal(lab_trace_resumed(scene->lab, 0), 0);
	assert_no_early_data(scene);
	assert_response(scene, 4);
	assert_int_equal(lab_trace_first_response(scene->lab, 0, 0, &response), 0);
	assert_true(response.round_trips >= 4);
	lab_passed(scene->lab);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tls13_is_understood),
		TEST(tls12_is_understood),
	};

	lab_free(lab_new_or_exit(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
