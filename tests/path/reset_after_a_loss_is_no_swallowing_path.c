/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path is not blamed for swallowing when a connection is reset after a loss that the kernel's
 * timer repaired, whoever finds the reset.
 */

#include <errno.h>
#include <poll.h>

#include <tlsfo/error.h>

#include "box.h"
#include "memory.h"
#include "path_nginx.h"

/* The first segment comes again by the timer alone: a probe for the tail (RFC 8985) is of the last one. */
static enum box_verdict lose_then_reset(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);
	struct packet_reply reset = {.flags = PACKET_RST, .seq = packet->info.ack};
	uint8_t bytes[PACKET_MADE_MAX];

	if (!flow || !flow->syn_data || packet->from == LAB_SERVER || box_is_syn_with_data(packet))
		return BOX_PASS;
	if (packet->info.payload_length == 0)
		return BOX_DROP;
	if (flow->next_seq == packet->info.seq)
		box_inject(box, LAB_CLIENT, bytes,
			packet_make_reply(&packet->info, &reset, bytes, sizeof(bytes)));
	else if (flow->next_seq == 0)
		flow->next_seq = packet->info.seq;
	return BOX_DROP;
}

static const struct lab_box lossy = {
	.name = "lose-then-reset",
	.description = "loses what follows SYN data, and resets when it comes again",
	.packet = lose_then_reset,
};

/* Tickets may have been sent with the server's first flight. */
static void await_end(struct path *path)
{
	struct pollfd pfd = {.fd = path_fd(path), .events = POLLIN};

	while (poll(&pfd, 1, PATH_PATIENCE_MS) == 1 && (pfd.revents & POLLERR) == 0) {
		char answer[16];

		if (path->client)
			assert_int_equal(
				tlsfo_conn_read(path->conn, answer, sizeof(answer), TLSFO_NOW),
				GNUTLS_E_AGAIN);
		else
			assert_int_equal(
				gnutls_record_recv(path->visit.session, answer, sizeof(answer)),
				GNUTLS_E_AGAIN);
	}
	assert_true((pfd.revents & POLLERR) != 0);
}

static void expect_nothing_remembered(struct memory_test *test)
{
	path_end(test->path);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 0);
}

static void found_by_nobody(struct memory_test *test)
{
	path_visit(test->path);
	assert_int_equal(test->path->ret, 0);
	client_send(test->path->conn, "is anybody there?", 17);
	await_end(test->path);
	expect_nothing_remembered(test);
}

static void found_by_gnutls(struct memory_test *test)
{
	char answer[16];

	path_visit(test->path);
	assert_int_equal(test->path->ret, 0);
	client_send(test->path->conn, "is anybody there?", 17);
	await_end(test->path);
	assert_int_equal(
		gnutls_record_recv(tlsfo_conn_session(test->path->conn), answer, sizeof(answer)),
		GNUTLS_E_PULL_ERROR);
	expect_nothing_remembered(test);
}

static void found_with_first_data(struct memory_test *test)
{
	struct tlsfo_conn *conn = NULL;
	char answer[16];

	assert_int_equal(client_connect_first(test->path->config, test->path->host, PATH_NGINX_PORT,
				 "is anybody there?", 17, TLSFO_FIRST_DATA_REPLAYABLE, &conn),
		0);
	assert_true(tlsfo_conn_read(
			    conn, answer, sizeof(answer), tlsfo_deadline_in(PATH_PATIENCE_MS)) < 0);
	assert_int_equal(client_report(conn).system_error, ECONNRESET);
	tlsfo_conn_free(conn);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 0);
}

static void found_at_the_transport(struct path *path)
{
	char answer[16];

	path_visit(path);
	assert_int_equal(path->ret, 0);
	assert_int_equal(gnutls_record_send(path->visit.session, "is anybody there?", 17), 17);
	await_end(path);
	assert_int_equal(gnutls_record_recv(path->visit.session, answer, sizeof(answer)),
		GNUTLS_E_PULL_ERROR);
	struct tlsfo_report report = path_report(path);
	assert_int_equal(report.error, TLSFO_E_SYSTEM);
	assert_int_equal(report.system_error, ECONNRESET);
	path_end(path);
}

static void fact(struct memory_test *test)
{
	struct path *path = test->path;
	struct path_nginx nginx;

	path_start_nginx(path, "", &nginx);
	path_fetch_cookie(path);
	path->port = PATH_NGINX_PORT;
	assert_true(lab_add_own_box(path->lab, &lossy, 0) >= 0);
	if (path->client) {
		found_by_nobody(test);
		found_by_gnutls(test);
		found_with_first_data(test);
	} else {
		found_at_the_transport(path);
	}
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return memory_run("a reset after a loss is no swallowing path", fact, PATH_EVERY_WAY);
}
