/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that loses what follows the SYN for a while, until the kernel's timer has sent it again twice.
 * Data that must not be repeated waits for the next retransmission, gets there, and no error is made of
 * it: nothing could take the connection's place.
 */

#include "box.h"
#include "path_nginx.h"

/* The probe for the tail (RFC 8985 §7), then the timer after 250 and 500 ms; next is 1000 ms later. */
#define SPELL_NS UINT64_C(1300000000)

static const char request[] = "GET / HTTP/1.0\r\nHost: server.test\r\n\r\n";

static uint64_t begun_ns;
static unsigned int lost;

static enum box_verdict lose_for_a_while(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);

	if (!flow || !flow->syn_data || packet->from == LAB_SERVER || box_is_syn_with_data(packet))
		return BOX_PASS;
	if (begun_ns == 0)
		begun_ns = packet->now_ns;
	if (packet->now_ns - begun_ns >= SPELL_NS)
		return BOX_PASS;
	lost += packet->info.payload_length > 0;
	return BOX_DROP;
}

static const struct lab_box spell = {.name = "spell", .packet = lose_for_a_while};

static void visit(struct path *path)
{
	struct tlsfo_conn *conn = NULL;
	char back[8];

	assert_int_equal(client_connect_first(path->config, path->host, PATH_NGINX_PORT, request,
				 sizeof(request) - 1, 0, &conn),
		0);
	ssize_t n = tlsfo_conn_read(conn, back, sizeof(back), tlsfo_deadline_in(PATH_PATIENCE_MS));
	if (n != (ssize_t)sizeof(back))
		fail_msg("%s: %s", tlsfo_strerror((int)n), tlsfo_conn_error(conn));
	assert_memory_equal(back, "HTTP/1.1", sizeof(back));
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	tlsfo_conn_free(conn);
	/* The data itself and three repetitions; its two records may leave apart. */
	assert_true(lost >= 4);
	path_expect_syns(path, 1, 1);
}

static void fact(struct path *path)
{
	struct path_nginx nginx;

	path_start_nginx(path, "", &nginx);
	path_fetch_cookie(path);
	begun_ns = 0;
	lost = 0;
	assert_true(lab_add_own_box(path->lab, &spell, 0) >= 0);
	visit(path);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run("a spell of silence is no swallowing path", fact, PATH_RACE);
}
