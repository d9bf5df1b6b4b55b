/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A capture file holds what its side saw, in the order in which it saw it. */

#include "lab_test.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char hello[] = "hello in the SYN";

/* One visit whose first SYN is dropped and whose second one is clamped. */
static struct lab *make_traffic(void)
{
	struct lab *lab = test_lab(20, NULL);
	int listener = test_listener(lab, AF_INET);
	int client;
	int server;
	int error;

	test_make_ready(lab, listener, AF_INET);
	assert_int_equal(lab_add_box(lab, "drop-syn-data"), 0);
	assert_int_equal(lab_add_box(lab, "clamp-mss=1000"), 1);
	client = test_fastopen(lab, AF_INET, hello, sizeof(hello), &error);
	server = test_accept(listener);
	test_read(server, hello, sizeof(hello));
	assert_int_equal(lab_wait_idle(lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
	test_close(client);
	test_close(server);
	close(listener);
	assert_int_equal(lab_wait_idle(lab, 0, lab_deadline(TEST_PATIENCE_MS)), 0);
	return lab;
}

struct capture {
	size_t packets;
	size_t syns_with_data;
	uint16_t largest_mss_from_client;
	bool in_order;
};

static struct capture read_capture(const char *path)
{
	struct capture capture = {.in_order = true};
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	struct pcap_pkthdr *header;
	const u_char *bytes;
	uint64_t before = 0;

	assert_non_null(pcap);
	assert_int_equal(pcap_datalink(pcap), DLT_RAW);
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		uint64_t now =
			(uint64_t)header->ts.tv_sec * 1000000000 + (uint64_t)header->ts.tv_usec;
		struct packet_info info;

		assert_int_equal(packet_parse(bytes, header->caplen, &info), 0);
		assert_true(packet_checksums_good(bytes, &info));
		assert_int_equal(header->caplen, header->len);
		capture.packets++;
		capture.in_order = capture.in_order && now >= before;
		before = now;
		if (packet_is_syn(&info) && info.payload_length)
			capture.syns_with_data++;
		if (packet_is_syn(&info) && info.mss > capture.largest_mss_from_client)
			capture.largest_mss_from_client = info.mss;
	}
	pcap_close(pcap);
	return capture;
}

static struct capture capture_side(struct lab *lab, enum lab_side side)
{
	char path[] = "/tmp/lab-pcap-XXXXXX";
	int fd = mkstemp(path);
	struct capture capture;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(lab_write_pcap(lab, side, path), 0);
	capture = read_capture(path);
	unlink(path);
	return capture;
}

static void each_side_sees_its_own(void **state)
{
	struct lab *lab = make_traffic();
	struct capture client = capture_side(lab, LAB_CLIENT);
	struct capture server = capture_side(lab, LAB_SERVER);

	(void)state;
	assert_true(client.in_order);
	assert_true(server.in_order);
	assert_int_equal(client.packets, lab_trace_packets(lab));
	assert_int_equal(server.packets, lab_trace_packets(lab) - 1);
	assert_int_equal(client.syns_with_data, 1);
	assert_int_equal(server.syns_with_data, 0);
	assert_int_equal(client.largest_mss_from_client, 1460);
	assert_int_equal(server.largest_mss_from_client, 1000);
	lab_free(lab);
}

static void file_that_cannot_be_written(void **state)
{
	struct lab *lab = test_lab(5, NULL);

	(void)state;
	assert_int_equal(lab_write_pcap(lab, LAB_CLIENT, "/no/such/directory/x"), -ENOENT);
	lab_free(lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_side_sees_its_own),
		cmocka_unit_test(file_that_cannot_be_written),
	};

	lab_free(lab_new_or_exit(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
