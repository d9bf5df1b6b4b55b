/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Each middlebox does what it says, to a real fast-open SYN of the kernel's, over IPv4 and IPv6.
 * The path was proved without the box before (test_make_ready), so what is seen here is the box's
 * doing.
 */

#include "box.h"
#include "lab_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char hello[] = "hello in the SYN";
enum { HELLO = sizeof(hello) - 1, RTT_MS = 10 };

/*
 * What a test works with. It is torn down whether the test passes or not; only then is there
 * evidence.
 */
struct scene {
	struct lab *lab;
	int listener;
	int family;
	int client;
	int server; /* what was accepted, or −1 */
	int error;  /* of the send that offered data for the SYN */
};

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (!scene)
		return -1;

	*scene = (struct scene){.listener = -1, .client = -1, .server = -1};
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	if (scene->client >= 0)
		test_close(scene->client);
	if (scene->server >= 0)
		test_close(scene->server);
	if (scene->listener >= 0)
		close(scene->listener);
	lab_free(scene->lab);
	free(scene);
	return 0;
}

/* A lab whose path is proved, then the box, then a SYN with data from the client. */
static void start(struct scene *scene, const char *box)
{
	char evidence[64];

	snprintf(evidence, sizeof(evidence), "lab-box-%s-ipv%d", box,
		scene->family == AF_INET ? 4 : 6);
	scene->lab = test_lab(RTT_MS, evidence);
	scene->listener = test_listener(scene->lab, scene->family);
	test_make_ready(scene->lab, scene->listener, scene->family);
	assert_int_equal(lab_add_box(scene->lab, box), 0);
	scene->client = test_fastopen(scene->lab, scene->family, hello, HELLO, &scene->error);
}

static void accept_server(struct scene *scene)
{
	scene->server = test_accept(scene->listener);
}

static struct lab_packet syn(const struct scene *scene, size_t i)
{
	struct lab_packet packet = {0};

	assert_int_equal(lab_trace_syn(scene->lab, i, &packet), 0);
	return packet;
}

/* The nth packet, from 0, of the side that has all these flags. */
static bool find_packet(const struct scene *scene, enum lab_side from, uint8_t flags, size_t nth,
	struct lab_packet *ret_packet)
{
	size_t i;

	for (i = 0; lab_trace_packet(scene->lab, i, ret_packet) == 0; i++) {
		if (ret_packet->from == from && (ret_packet->flags & flags) == flags && nth-- == 0)
			return true;
	}
	return false;
}

struct fate_wanted {
	enum lab_side from;
	enum lab_fate fate;
	size_t payload;
};

static bool has_fate(struct lab *lab, void *argument)
{
	const struct fate_wanted *wanted = argument;
	struct lab_packet packet;
	size_t i;

	for (i = 0; lab_trace_packet(lab, i, &packet) == 0; i++) {
		if (packet.from == wanted->from && packet.fate == wanted->fate &&
			packet.payload_length == wanted->payload && !(packet.flags & PACKET_SYN))
			return true;
	}
	return false;
}

/* Waits for a segment, not a SYN, with so much payload to arrive or to be dropped. */
static void wait_fate(
	const struct scene *scene, enum lab_side from, size_t payload, enum lab_fate fate)
{
	struct fate_wanted wanted = {from, fate, payload};

	assert_int_equal(
		lab_trace_wait(scene->lab, has_fate, &wanted, lab_deadline(TEST_PATIENCE_MS)), 0);
}

static void assert_syn_dropped(const struct scene *scene, size_t i, const char *box)
{
	struct lab_packet packet = syn(scene, i);

	assert_int_equal(packet.fate, LAB_DROPPED);
	assert_string_equal(packet.dropped_by, box);
}

static void drop_syn_data(struct scene *scene)
{
	start(scene, "drop-syn-data");
	assert_int_equal(scene->error, 0);
	accept_server(scene);
	assert_int_equal(syn(scene, 0).payload_length, HELLO);
	assert_syn_dropped(scene, 0, "drop-syn-data");
	assert_int_equal(syn(scene, 1).payload_length, 0);
	assert_int_equal(syn(scene, 1).fate, LAB_ARRIVED);
	test_read(scene->server, hello, HELLO);
	assert_false(test_syn_data_acked(scene->client));
}

static void drop_syn_option(struct scene *scene)
{
	start(scene, "drop-syn-option");
	accept_server(scene);
	assert_int_equal(syn(scene, 0).cookie_length, 8);
	assert_syn_dropped(scene, 0, "drop-syn-option");
	assert_int_equal(syn(scene, 1).fastopen_kind, 0);
	assert_int_equal(syn(scene, 1).fate, LAB_ARRIVED);
}

static void strip_option(struct scene *scene)
{
	struct lab_packet synack;

	start(scene, "strip-option");
	accept_server(scene);
	assert_string_equal(syn(scene, 0).altered_by, "strip-option");
	assert_int_equal(syn(scene, 0).payload_arrived, HELLO);
	test_poll(scene->client, POLLOUT);
	assert_true(find_packet(scene, LAB_SERVER, PACKET_SYN | PACKET_ACK, 0, &synack));
	assert_int_equal(synack.fastopen_kind, 0);
	assert_int_equal(lab_trace_syn_acked(scene->lab, 0), 0);
	test_read(scene->server, hello, HELLO);
	assert_false(test_syn_data_acked(scene->client));
}

static void strip_syn_data(struct scene *scene)
{
	start(scene, "strip-syn-data");
	accept_server(scene);
	assert_int_equal(syn(scene, 0).payload_length, HELLO);
	assert_int_equal(syn(scene, 0).payload_arrived, 0);
	assert_int_equal(syn(scene, 0).fate, LAB_ARRIVED);
	test_read(scene->server, hello, HELLO);
	assert_int_equal(lab_trace_syn_acked(scene->lab, 0), 0);
	assert_false(test_syn_data_acked(scene->client));
}

static void rst_syn_data(struct scene *scene)
{
	struct lab_packet reset;

	start(scene, "rst-syn-data");
	assert_int_equal(scene->error, 0);
	test_poll(scene->client, POLLIN);
	assert_int_equal(test_error(scene->client), ECONNREFUSED);
	assert_syn_dropped(scene, 0, "rst-syn-data");
	assert_true(find_packet(scene, LAB_SERVER, PACKET_RST, 0, &reset));
	assert_string_equal(reset.injected_by, "rst-syn-data");
	assert_int_equal(lab_trace_syns(scene->lab), 1);
}

static void fake_ack_syn_data(struct scene *scene)
{
	struct pollfd nobody = {.events = POLLIN};

	start(scene, "fake-ack-syn-data");
	test_poll(scene->client, POLLOUT);
	assert_true(test_syn_data_acked(scene->client));
	assert_int_equal(lab_trace_syn_acked(scene->lab, 0), HELLO);
	assert_syn_dropped(scene, 0, "fake-ack-syn-data");

	assert_int_equal(send(scene->client, "more", 4, MSG_NOSIGNAL), 4);
	wait_fate(scene, LAB_CLIENT, 4, LAB_DROPPED);
	nobody.fd = scene->listener;
	assert_int_equal(poll(&nobody, 1, 0), 0);
}

static void swallow_after_syn(struct scene *scene)
{
	start(scene, "swallow-after-syn");
	accept_server(scene);
	test_read(scene->server, hello, HELLO);
	test_poll(scene->client, POLLOUT);
	assert_true(test_syn_data_acked(scene->client));
	assert_int_equal(send(scene->server, "answer", 6, MSG_NOSIGNAL), 6);
	test_read(scene->client, "answer", 6);
	assert_int_equal(send(scene->client, "more", 4, MSG_NOSIGNAL), 4);
	wait_fate(scene, LAB_CLIENT, 4, LAB_DROPPED);
}

static void rst_after_syn(struct scene *scene)
{
	struct lab_packet reset;

	start(scene, "rst-after-syn");
	accept_server(scene);
	test_read(scene->server, hello, HELLO);
	test_poll(scene->client, POLLERR);
	assert_int_equal(test_error(scene->client), ECONNRESET);
	assert_true(find_packet(scene, LAB_SERVER, PACKET_RST, 0, &reset));
	assert_string_equal(reset.injected_by, "rst-after-syn");
}

static void swallow_server_data(struct scene *scene)
{
	start(scene, "swallow-server-data");
	accept_server(scene);
	test_read(scene->server, hello, HELLO);
	assert_int_equal(send(scene->server, "answer", 6, MSG_NOSIGNAL), 6);
	wait_fate(scene, LAB_SERVER, 6, LAB_DROPPED);
	test_poll(scene->client, POLLOUT);
	assert_int_equal(send(scene->client, "more", 4, MSG_NOSIGNAL), 4);
	test_read(scene->server, "more", 4);
	assert_int_equal(recv(scene->client, (char[8]){0}, 8, 0), -1);
}

static void swallow_long(struct scene *scene)
{
	start(scene, "swallow-long=16");
	accept_server(scene);
	test_read(scene->server, hello, HELLO);
	test_poll(scene->client, POLLOUT);
	assert_int_equal(send(scene->client, "seventeen letters", 17, MSG_NOSIGNAL), 17);
	wait_fate(scene, LAB_CLIENT, 17, LAB_DROPPED);
}

static void drop_first_synack(struct scene *scene)
{
	struct lab_packet synack;

	start(scene, "drop-first-synack");
	test_poll(scene->client, POLLOUT);
	assert_true(find_packet(scene, LAB_SERVER, PACKET_SYN | PACKET_ACK, 0, &synack));
	assert_string_equal(synack.dropped_by, "drop-first-synack");
	assert_true(find_packet(scene, LAB_SERVER, PACKET_SYN | PACKET_ACK, 1, &synack));
	assert_int_equal(synack.fate, LAB_ARRIVED);
}

static void delay_synack(struct scene *scene)
{
	struct lab_packet synack;

	start(scene, "delay-synack=80");
	test_poll(scene->client, POLLOUT);
	assert_true(find_packet(scene, LAB_SERVER, PACKET_SYN | PACKET_ACK, 0, &synack));
	assert_int_equal(synack.fate, LAB_ARRIVED);
	assert_true(synack.arrived_ns - synack.sent_ns >= (80 + RTT_MS / 2) * 1000000ULL);
}

/* Both announce what a 1500-byte device allows; the box lowers it both ways. */
static void clamp_mss(struct scene *scene)
{
	char bytes[4000];
	struct lab_packet packet;
	size_t i;

	start(scene, "clamp-mss=600");
	accept_server(scene);
	memset(bytes, 'x', sizeof(bytes));
	assert_string_equal(syn(scene, 0).altered_by, "clamp-mss");
	assert_true(syn(scene, 0).mss > 600);
	test_poll(scene->client, POLLOUT);
	assert_int_equal(send(scene->server, bytes, sizeof(bytes), MSG_NOSIGNAL), sizeof(bytes));
	assert_int_equal(send(scene->client, bytes, sizeof(bytes), MSG_NOSIGNAL), sizeof(bytes));
	test_read(scene->client, bytes, sizeof(bytes));
	test_read(scene->server, hello, HELLO);
	test_read(scene->server, bytes, sizeof(bytes));
	for (i = 0; lab_trace_packet(scene->lab, i, &packet) == 0; i++)
		assert_true(packet.payload_length <= 600);
}

static void unreachable(struct scene *scene)
{
	start(scene, "unreachable");
	test_poll(scene->client, POLLIN);
	assert_int_equal(test_error(scene->client), EHOSTUNREACH);
	assert_syn_dropped(scene, 0, "unreachable");
	assert_int_equal(lab_trace_syns(scene->lab), 1);
}

/*
 * The cookie of the visits before is still good when the box comes, which gives none away then: an
 * accepted cookie is not renewed. So the key changes only with a cookie given out behind the box.
 */
static void server_key_change(struct scene *scene)
{
	int again;
	int error;

	start(scene, "server-key-change");
	test_poll(scene->client, POLLOUT);
	assert_int_equal(lab_trace_syn_acked(scene->lab, 0), HELLO);

	assert_int_equal(lab_change_server_key(scene->lab), 0);
	again = test_fastopen(scene->lab, scene->family, hello, HELLO, &error);
	test_poll(again, POLLOUT);
	assert_int_equal(lab_trace_syn_acked(scene->lab, 1), 0);
	test_close(again);

	/* That brought a new cookie, which the box has made void: this visit is refused as well. */
	again = test_fastopen(scene->lab, scene->family, hello, HELLO, &error);
	assert_int_equal(error, 0);
	test_poll(again, POLLOUT);
	assert_int_equal(lab_trace_syn_payload(scene->lab, 2), HELLO);
	assert_int_equal(lab_trace_syn_acked(scene->lab, 2), 0);
	assert_false(test_syn_data_acked(again));
	test_close(again);
}

/* The other family's box leaves this one alone, its own swallows it. */
static void swallow_family(struct scene *scene, const char *own, const char *others)
{
	int again;
	int error;

	start(scene, others);
	test_poll(scene->client, POLLOUT);
	assert_true(test_syn_data_acked(scene->client));
	lab_clear_boxes(scene->lab);
	lab_trace_reset(scene->lab);
	assert_int_equal(lab_add_box(scene->lab, own), 0);
	again = test_fastopen(scene->lab, scene->family, hello, HELLO, &error);
	assert_int_equal(lab_wait_idle(scene->lab, 30, lab_deadline(TEST_PATIENCE_MS)), 0);
	assert_syn_dropped(scene, 0, own);
	assert_int_equal(lab_trace_syn_acked(scene->lab, 0), -EAGAIN);
	test_close(again);
}

static void swallow_own_family(struct scene *scene)
{
	if (scene->family == AF_INET)
		swallow_family(scene, "swallow-ipv4", "swallow-ipv6");
	else
		swallow_family(scene, "swallow-ipv6", "swallow-ipv4");
}

/* Switched off during a run, a box lets everything pass again. */
static void switched_off_box_passes(struct scene *scene)
{
	int again;
	int error;

	start(scene, "drop-syn-data");
	assert_int_equal(lab_switch_box(scene->lab, 0, false), 0);
	assert_int_equal(lab_switch_box(scene->lab, 1, false), -ENOENT);
	again = test_fastopen(scene->lab, scene->family, hello, HELLO, &error);
	test_poll(again, POLLOUT);
	assert_true(test_syn_data_acked(again));
	assert_int_equal(lab_trace_syn_acked(scene->lab, 1), HELLO);
	test_close(again);
}

/* Counts the SYNs it sees in its own argument and drops what carries data. */
static enum box_verdict count_syns(struct box *box, struct box_packet *packet)
{
	if (!box_is_syn_with_data(packet))
		return BOX_PASS;

	box->argument++;
	return box->argument == 1 ? BOX_DROP : BOX_PASS;
}

static const struct lab_box counting = {.name = "counting", .packet = count_syns};

static void own_box_is_asked(struct scene *scene)
{
	int again;
	int error;

	start(scene, "strip-option");
	lab_clear_boxes(scene->lab);
	assert_int_equal(lab_wait_idle(scene->lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
	lab_trace_reset(scene->lab);
	assert_int_equal(lab_add_own_box(scene->lab, &counting, 0), 0);
	again = test_fastopen(scene->lab, scene->family, hello, HELLO, &error);
	assert_int_equal(lab_wait_idle(scene->lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
	assert_syn_dropped(scene, 0, "counting");
	test_close(again);
	again = test_fastopen(scene->lab, scene->family, hello, HELLO, &error);
	test_poll(again, POLLOUT);
	assert_int_equal(lab_trace_syn_acked(scene->lab, 1), HELLO);
	test_close(again);
}

/* Every scene is played over IPv4 and over IPv6. */
#define SCENE(name)                                                                                \
	static void name##_ipv4(void **state)                                                      \
	{                                                                                          \
		play(*state, AF_INET, name);                                                       \
	}                                                                                          \
	static void name##_ipv6(void **state)                                                      \
	{                                                                                          \
		play(*state, AF_INET6, name);                                                      \
	}

static void play(struct scene *scene, int family, void (*scene_of)(struct scene *scene))
{
	scene->family = family;
	scene_of(scene);
	lab_passed(scene->lab);
}

SCENE(drop_syn_data)
SCENE(drop_syn_option)
SCENE(strip_option)
SCENE(strip_syn_data)
SCENE(rst_syn_data)
SCENE(fake_ack_syn_data)
SCENE(swallow_after_syn)
SCENE(rst_after_syn)
SCENE(swallow_server_data)
SCENE(swallow_long)
SCENE(drop_first_synack)
SCENE(delay_synack)
SCENE(clamp_mss)
SCENE(unreachable)
SCENE(server_key_change)
SCENE(swallow_own_family)
SCENE(switched_off_box_passes)
SCENE(own_box_is_asked)

#define BOTH(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name##_ipv4, set_up, tear_down),                           \
		cmocka_unit_test_setup_teardown(name##_ipv6, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(drop_syn_data),
		BOTH(drop_syn_option),
		BOTH(strip_option),
		BOTH(strip_syn_data),
		BOTH(rst_syn_data),
		BOTH(fake_ack_syn_data),
		BOTH(swallow_after_syn),
		BOTH(rst_after_syn),
		BOTH(swallow_server_data),
		BOTH(swallow_long),
		BOTH(drop_first_synack),
		BOTH(delay_synack),
		BOTH(clamp_mss),
		BOTH(unreachable),
		BOTH(server_key_change),
		BOTH(swallow_own_family),
		BOTH(switched_off_box_passes),
		BOTH(own_box_is_asked),
	};

	lab_free(lab_new_or_exit(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
