/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * With a cookie and a ticket, nginx answers the request that came in the SYN: the first byte of its
 * answer is there after one round trip.
 */

#include "path.h"
#include "support/net.h"
#include "support/program.h"

enum { NGINX_PORT = 4434, PIECE = 1000, PAGE = 6 * PIECE, ANSWER_MAX = 8192 };

#define REQUEST "GET /page HTTP/1.0\r\nHost: localhost\r\n\r\n"

static void start_nginx(struct path *path, struct program *server)
{
	/* Longer than what a server says in a handshake; nginx takes 4096 bytes at once. */
	char more[PAGE] = "ssl_early_data on;\nset $a \"";
	size_t len = strlen(more);

	memset(more + len, 'x', PIECE);
	strcpy(more + len + PIECE, "\";\nlocation /page { return 200 \"$a$a$a$a$a$a\"; }");
	assert_int_equal(lab_enter_server(path->lab), 0);
	program_nginx_on(server, NGINX_PORT, more);
	assert_int_equal(lab_enter_client(path->lab), 0);
}

static struct tlsfo_report ask(struct path *path, struct tlsfo_config *config)
{
	char answer[ANSWER_MAX];
	size_t len = 0;
	ssize_t n = 1;
	struct tlsfo_conn *conn = NULL;
	int ret = client_connect_first(config, path->host, NGINX_PORT, REQUEST, strlen(REQUEST),
		TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	while (n > 0 && len < sizeof(answer)) {
		n = tlsfo_conn_read(conn, answer + len, sizeof(answer) - len,
			tlsfo_deadline_in(PATH_PATIENCE_MS));
		len += n > 0 ? (size_t)n : 0;
	}
	assert_true(len > PAGE);
	struct tlsfo_report report = client_report(conn);
	(void)!tlsfo_conn_close(conn, tlsfo_deadline_in(PATH_PATIENCE_MS));
	return report;
}

/* A visit with what the first one brought. Returns after how many round trips the answer came. */
static double visit_again(struct path *path, struct tlsfo_config *config)
{
	enum { QUIET_MS = 5 };
	struct lab_moment moment;

	assert_int_equal(lab_wait_idle(path->lab, QUIET_MS, lab_deadline(PATH_PATIENCE_MS)), 0);
	lab_trace_reset(path->lab);
	struct tlsfo_report report = ask(path, config);
	path_expect_syns(path, 1, 1);
	assert_int_equal(lab_trace_first_response(path->lab, 0, LAB_RESPONSE_RECORD, &moment), 0);
	assert_int_equal(report.resumed, 1);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(report.flight_in_syn, 1);
	assert_int_equal(report.syn_bytes, lab_trace_syn_payload(path->lab, 0));
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), report.syn_bytes);
	return moment.round_trips;
}

static void fact(struct path *path)
{
	/* A machine that is busy elsewhere delays a visit now and then, not all of them. */
	enum { VISITS = 8 };
	const double expected = 1;
	struct tlsfo_config *config = client_config(&path->way);
	double best = 1000;
	struct program server;

	start_nginx(path, &server);
	client_verify_as("localhost");
	ask(path, config);
	for (int i = 0; i < VISITS && best >= expected + 0.5; i++) {
		double round_trips = visit_again(path, config);

		assert_true(round_trips >= expected);
		best = round_trips < best ? round_trips : best;
	}
	if (best >= expected + 0.5)
		fail_msg("the answer came after %.2f round trips", best);
	tlsfo_config_free(config);
	program_stop(&server);
}

int main(void)
{
	if (!program_is_installed("nginx")) {
		fprintf(stderr, "nginx is not installed\n");
		return LAB_EXIT_SKIP;
	}
	return path_run("early data is answered in one round trip", fact, PATH_CLIENT);
}
