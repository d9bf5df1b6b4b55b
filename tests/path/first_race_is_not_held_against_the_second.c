/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A failure of fast open in the first race is not held against it when it wins the second. Fast
 * open was silent and a plain attempt won; the server wanted another ClientHello, and in the second
 * race fast open won. The path memory keeps nothing against the path.
 */

#include "box.h"
#include "memory.h"
#include "path_nginx.h"

static uint16_t silent_port;

/* What the server says on the connection whose SYN had data first. */
static enum box_verdict silence_first(struct box *box, struct box_packet *packet)
{
	(void)box;
	if (box_is_syn_with_data(packet) && silent_port == 0)
		silent_port = packet->info.source_port;
	if (packet->from == LAB_SERVER && packet->info.payload_length > 0 &&
		packet->info.destination_port == silent_port)
		return BOX_DROP;
	return BOX_PASS;
}

static const struct lab_box box = {.name = "silence-first", .packet = silence_first};

static void fact(struct memory_test *test)
{
	struct path *path = test->path;
	struct path_nginx nginx;

	silent_port = 0;
	path->port = PATH_NGINX_PORT;
	path_start_nginx(path, "ssl_early_data on;", &nginx);
	path_ask_nginx(path);
	assert_int_equal(path_ask_nginx(path).early_data, TLSFO_EARLY_DATA_ACCEPTED);
	path_stop_nginx(path, &nginx);
	path_start_nginx(path, "ssl_early_data on;\nssl_ecdh_curve secp384r1;", &nginx);
	assert_true(lab_add_own_box(path->lab, &box, 0) >= 0);
	lab_trace_reset(path->lab);
	struct tlsfo_report report = path_ask_nginx(path);

	path_expect_syns(path, 3, 3);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_HELLO_RETRIED);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 0);
	report = path_ask_nginx(path);
	memory_expect_fast_open(&report);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return memory_run("the first race is not held against the second", fact, PATH_CLIENT);
}
