/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The wire keeps time, order and its promises about loss. Where a time is measured it is the least
 * of many: a busy machine makes a packet late, nothing makes it early.
 */

#include "lab_test.h"

#include "poll_until.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { DATAGRAMS = 200, ACCURACY_NS = 500000 };

static int set_up(void **state)
{
	*state = lab_new_or_exit(NULL);
	return 0;
}

static int tear_down(void **state)
{
	lab_free(*state);
	return 0;
}

/* Two UDP sockets, the client's connected to the server's. */
static void make_pair(struct lab *lab, int family, int *ret_client, int *ret_server)
{
	bool ipv4 = family == AF_INET;
	int client = test_socket(lab, LAB_CLIENT, family, SOCK_DGRAM);
	int server = test_socket(lab, LAB_SERVER, family, SOCK_DGRAM);
	socklen_t length;
	struct sockaddr_storage address =
		test_address(family, ipv4 ? LAB_SERVER_IPV4 : LAB_SERVER_IPV6, &length);

	assert_int_equal(bind(server, (const struct sockaddr *)&address, length), 0);
	assert_int_equal(connect(client, (const struct sockaddr *)&address, length), 0);
	*ret_client = client;
	*ret_server = server;
}

/* From the send on one host, over the other, back to the receive on the first. */
static uint64_t measure_round_trip(int client, int server)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	char byte = 'x';
	uint64_t started_ns = lab_now_ns();

	assert_int_equal(send(client, &byte, 1, 0), 1);
	test_poll(server, POLLIN);
	assert_int_equal(recvfrom(server, &byte, 1, 0, (struct sockaddr *)&from, &length), 1);
	assert_int_equal(sendto(server, &byte, 1, 0, (const struct sockaddr *)&from, length), 1);
	test_poll(client, POLLIN);
	assert_int_equal(recv(client, &byte, 1, 0), 1);
	return lab_now_ns() - started_ns;
}

/*
 * No round trip may be shorter than the wire, and one must be no more than ACCURACY_NS longer. That
 * one comes at once on a quiet machine; on a busy one it is waited for.
 */
static void assert_round_trip(struct lab *lab, int family, uint64_t expected_ns)
{
	int64_t deadline = lab_deadline(TEST_PATIENCE_MS);
	uint64_t least = UINT64_MAX;
	int client;
	int server;

	make_pair(lab, family, &client, &server);
	while (least > expected_ns + ACCURACY_NS && poll_time_left(deadline)) {
		uint64_t one = measure_round_trip(client, server);

		least = one < least ? one : least;
	}
	close(client);
	close(server);
	assert_true(least >= expected_ns);
	assert_true(least <= expected_ns + ACCURACY_NS);
}

static void idle_round_trip_is_accurate(void **state)
{
	test_skip_if_interpreted();
	assert_round_trip(*state, AF_INET, 50000000);
	assert_round_trip(*state, AF_INET6, 50000000);
}

static void round_trip_can_be_changed(void **state)
{
	struct lab *lab = *state;

	test_skip_if_interpreted();
	assert_int_equal(lab_set_rtt(lab, 10), 0);
	assert_true(lab_rtt(lab) > 9.99 && lab_rtt(lab) < 10.01);
	assert_round_trip(lab, AF_INET, 10000000);
	assert_int_equal(lab_set_rtt(lab, 0), 0);
	assert_round_trip(lab, AF_INET, 0);
	assert_int_equal(lab_set_rtt(lab, -1), -EINVAL);
	assert_int_equal(lab_set_rtt(lab, 1e9), -EINVAL);
}

/* From the SYN leaving the client to the SYN-ACK reaching it, as the trace has it. */
static uint64_t measure_handshake(struct lab *lab, int listener)
{
	struct lab_packet syn;
	struct lab_packet synack;
	int error;
	int client = test_fastopen(lab, AF_INET6, "", 0, &error);
	int server = test_accept(listener);

	test_poll(client, POLLOUT);
	assert_int_equal(lab_trace_packet(lab, 0, &syn), 0);
	assert_int_equal(lab_trace_packet(lab, 1, &synack), 0);
	test_close(client);
	test_close(server);
	assert_int_equal(lab_wait_idle(lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
	lab_trace_reset(lab);
	return synack.arrived_ns - syn.sent_ns;
}

static void trace_agrees_about_the_round_trip(void **state)
{
	int64_t deadline = lab_deadline(TEST_PATIENCE_MS);
	int listener = test_listener(*state, AF_INET6);
	uint64_t least = UINT64_MAX;

	test_skip_if_interpreted();
	while (least > 50000000 + ACCURACY_NS && poll_time_left(deadline)) {
		uint64_t one = measure_handshake(*state, listener);

		least = one < least ? one : least;
	}
	close(listener);
	assert_true(least >= 50000000);
	assert_true(least <= 50000000 + ACCURACY_NS);
}

/* Sends numbered datagrams and notes which arrive, in which order. Returns how many. */
static size_t send_numbered(struct lab *lab, unsigned char ret_order[static DATAGRAMS])
{
	size_t count = 0;
	int client;
	int server;
	int i;

	make_pair(lab, AF_INET, &client, &server);
	for (i = 0; i < DATAGRAMS; i++) {
		unsigned char number = (unsigned char)i;

		assert_int_equal(send(client, &number, 1, 0), 1);
	}
	assert_int_equal(lab_wait_idle(lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
	while (recv(server, &ret_order[count], 1, 0) == 1)
		count++;
	close(client);
	close(server);
	return count;
}

static void loss_follows_from_the_seed(void **state)
{
	struct lab *lab = *state;
	unsigned char first[DATAGRAMS];
	unsigned char again[DATAGRAMS];
	unsigned char other[DATAGRAMS];
	size_t count;

	lab_set_rtt(lab, 2);
	assert_int_equal(lab_set_loss(lab, 0.3), 0);
	lab_set_seed(lab, 42);
	count = send_numbered(lab, first);
	assert_true(count > DATAGRAMS / 2 && count < DATAGRAMS * 9 / 10);

	lab_set_seed(lab, 42);
	assert_int_equal(send_numbered(lab, again), count);
	assert_memory_equal(first, again, count);

	lab_set_seed(lab, 43);
	assert_true(send_numbered(lab, other) != count || memcmp(first, other, count) != 0);

	assert_int_equal(lab_set_loss(lab, 1), 0);
	assert_int_equal(send_numbered(lab, other), 0);
	assert_int_equal(lab_set_loss(lab, 1.1), -EINVAL);
}

static bool is_sorted(const unsigned char *order, size_t count)
{
	size_t i;

	for (i = 1; i < count; i++) {
		if (order[i] < order[i - 1])
			return false;
	}
	return true;
}

/* The last of a burst waits for the unluckiest before it, so it is nearly the whole jitter late. */
static void jitter_keeps_the_order(void **state)
{
	struct lab *lab = *state;
	unsigned char order[DATAGRAMS];
	struct lab_packet last;

	lab_set_rtt(lab, 2);
	assert_int_equal(lab_set_jitter(lab, 20), 0);
	assert_int_equal(send_numbered(lab, order), DATAGRAMS);
	assert_true(is_sorted(order, DATAGRAMS));
	assert_int_equal(lab_trace_packet(lab, DATAGRAMS - 1, &last), 0);
	assert_true(last.arrived_ns - last.sent_ns > 10000000);
	assert_int_equal(lab_set_jitter(lab, -1), -EINVAL);
}

static void reordering_loses_nothing(void **state)
{
	struct lab *lab = *state;
	unsigned char order[DATAGRAMS];

	lab_set_rtt(lab, 2);
	assert_int_equal(lab_set_reorder(lab, 0.2), 0);
	assert_int_equal(send_numbered(lab, order), DATAGRAMS);
	assert_false(is_sorted(order, DATAGRAMS));
	assert_int_equal(lab_set_reorder(lab, -0.1), -EINVAL);
}

static void full_queue_drops(void **state)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;
	struct lab *lab = NULL;
	unsigned char order[DATAGRAMS];
	struct lab_packet packet;

	(void)state;
	options.queue_packets = 10;
	options.rtt_ms = 1000;
	assert_int_equal(lab_new(&options, &lab, NULL), 0);
	assert_int_equal(send_numbered(lab, order), 10);
	assert_int_equal(lab_trace_packet(lab, 10, &packet), 0);
	assert_int_equal(packet.fate, LAB_DROPPED);
	assert_string_equal(packet.dropped_by, "queue");
	lab_free(lab);
}

/* What the next send says after a datagram that was too large for the path. */
static int send_large(struct lab *lab, int family, size_t length)
{
	static const char large[1400];
	int discover = IP_PMTUDISC_DO;
	int client;
	int server;
	int error;

	make_pair(lab, family, &client, &server);
	if (family == AF_INET)
		setsockopt(client, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover));
	assert_int_equal(send(client, large, length, 0), length);
	assert_int_equal(lab_wait_idle(lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
	error = send(client, large, length, 0) < 0 ? errno : 0;
	assert_int_equal(lab_wait_idle(lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
	close(client);
	close(server);
	return error;
}

static void path_mtu_is_told_by_icmp(void **state)
{
	struct lab *lab = *state;
	struct lab_packet packet;

	lab_set_rtt(lab, 2);
	assert_int_equal(lab_set_path_mtu(lab, 1300, false), 0);
	assert_int_equal(send_large(lab, AF_INET, 1200), 0);
	lab_trace_reset(lab);
	assert_int_equal(send_large(lab, AF_INET, 1400), EMSGSIZE);
	assert_int_equal(lab_trace_packet(lab, 0, &packet), 0);
	assert_string_equal(packet.dropped_by, "mtu");
	assert_int_equal(lab_trace_packet(lab, 1, &packet), 0);
	assert_string_equal(packet.injected_by, "mtu");
	assert_int_equal(packet.fate, LAB_ARRIVED);
}

static void silent_path_mtu_tells_nothing(void **state)
{
	struct lab *lab = *state;

	lab_set_rtt(lab, 2);
	assert_int_equal(lab_set_path_mtu(lab, 1300, true), 0);
	assert_int_equal(send_large(lab, AF_INET, 1400), 0);
	assert_int_equal(lab_trace_packets(lab), 2);
	assert_int_equal(lab_set_path_mtu(lab, 100000, true), -EINVAL);
}

/* TCP announces an MSS that fits the device. */
static void device_mtu_sets_the_mss(void **state)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;
	struct lab *lab = NULL;
	struct lab_packet syn;
	int client;
	int error;

	(void)state;
	options.mtu = 1300;
	assert_int_equal(lab_new(&options, &lab, NULL), 0);
	client = test_fastopen(lab, AF_INET, "", 0, &error);
	assert_int_equal(lab_wait_idle(lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
	assert_int_equal(lab_trace_syn(lab, 0, &syn), 0);
	assert_int_equal(syn.mss, 1260);
	close(client);
	lab_free(lab);
}

/* Packets of the kernel's own making would make traces and seeds depend on chance. */
static void nothing_is_on_an_unused_wire(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_wait_idle(lab, 100, lab_deadline(TEST_PATIENCE_MS)), 0);
	assert_int_equal(lab_trace_packets(lab), 0);
	assert_int_equal(lab_trace_syns(lab), 0);
	assert_int_equal(lab_trace_connections(lab), 0);
}

static bool never(struct lab *lab, void *argument)
{
	(void)lab;
	++*(int *)argument;
	return false;
}

static void waiting_ends_at_the_deadline(void **state)
{
	struct lab *lab = *state;
	struct lab_moment moment;
	int asked = 0;

	assert_int_equal(lab_trace_wait(lab, never, &asked, lab_deadline(20)), -ETIMEDOUT);
	assert_true(asked >= 2);
	assert_int_equal(lab_wait_idle(lab, 1000, lab_deadline(20)), -ETIMEDOUT);
	assert_int_equal(lab_trace_first_server_byte(lab, LAB_ALL, &moment), -ENOENT);
	assert_int_equal(lab_trace_first_response(lab, 0, 0, &moment), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(idle_round_trip_is_accurate),
		TEST(round_trip_can_be_changed),
		TEST(trace_agrees_about_the_round_trip),
		TEST(loss_follows_from_the_seed),
		TEST(jitter_keeps_the_order),
		TEST(reordering_loses_nothing),
		cmocka_unit_test(full_queue_drops),
		TEST(path_mtu_is_told_by_icmp),
		TEST(silent_path_mtu_tells_nothing),
		cmocka_unit_test(device_mtu_sets_the_mss),
		TEST(nothing_is_on_an_unused_wire),
		TEST(waiting_ends_at_the_deadline),
	};

	lab_free(lab_new_or_exit(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
