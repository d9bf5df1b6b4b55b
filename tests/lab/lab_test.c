/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lab_test.h"

#include "poll_until.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lab *test_lab(double rtt_ms, const char *name)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;
	struct lab *lab = NULL;

	options.rtt_ms = rtt_ms;
	options.evidence = name;
	assert_int_equal(lab_new(&options, &lab, NULL), 0);
	return lab;
}

struct sockaddr_storage test_address(int family, const char *address, socklen_t *ret_length)
{
	struct sockaddr_storage storage = {.ss_family = (sa_family_t)family};
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&storage;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&storage;

	if (family == AF_INET) {
		*ret_length = sizeof(*ipv4);
		ipv4->sin_port = htons(TEST_PORT);
		assert_int_equal(inet_pton(AF_INET, address, &ipv4->sin_addr), 1);
	} else {
		*ret_length = sizeof(*ipv6);
		ipv6->sin6_port = htons(TEST_PORT);
		assert_int_equal(inet_pton(AF_INET6, address, &ipv6->sin6_addr), 1);
	}
	return storage;
}

struct making {
	int family;
	int type;
};

static int make_socket(void *argument)
{
	const struct making *making = argument;
	int fd = socket(making->family, making->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

int test_socket(struct lab *lab, enum lab_side side, int family, int type)
{
	struct making making = {family, type};
	int fd = lab_call(lab, side, make_socket, &making);

	assert_true(fd >= 0);
	return fd;
}

static const char *server_address(int family)
{
	return family == AF_INET ? LAB_SERVER_IPV4 : LAB_SERVER_IPV6;
}

int test_listener(struct lab *lab, int family)
{
	int fd = test_socket(lab, LAB_SERVER, family, SOCK_STREAM);
	int one = 1;
	socklen_t length;
	struct sockaddr_storage address = test_address(family, server_address(family), &length);

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 64), 0);
	return fd;
}

int test_fastopen(struct lab *lab, int family, const void *data, size_t length, int *ret_error)
{
	int fd = test_socket(lab, LAB_CLIENT, family, SOCK_STREAM);
	socklen_t address_length;
	struct sockaddr_storage address =
		test_address(family, server_address(family), &address_length);
	ssize_t sent = sendto(fd, data, length, MSG_FASTOPEN | MSG_NOSIGNAL,
		(const struct sockaddr *)&address, address_length);

	*ret_error = sent < 0 ? errno : 0;
	if (sent >= 0)
		assert_int_equal(sent, length);
	return fd;
}

short test_poll(int fd, short events)
{
	struct pollfd one = {.fd = fd, .events = events};

	assert_int_equal(poll_until(&one, 1, lab_deadline(TEST_PATIENCE_MS)), 1);
	return one.revents;
}

int test_accept(int listener)
{
	int fd;

	test_poll(listener, POLLIN);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(fd >= 0);
	return fd;
}

int test_error(int fd)
{
	int error = -1;
	socklen_t length = sizeof(error);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
	return error;
}

bool test_syn_data_acked(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
	return info.tcpi_options & TCPI_OPT_SYN_DATA;
}

void test_read(int fd, const void *expected, size_t length)
{
	char read_bytes[4096];
	size_t used = 0;

	assert_true(length <= sizeof(read_bytes));
	while (used < length) {
		ssize_t got;

		test_poll(fd, POLLIN);
		got = recv(fd, read_bytes + used, length - used, 0);
		assert_true(got > 0);
		used += (size_t)got;
	}
	assert_memory_equal(read_bytes, expected, length);
}

void test_skip_if_interpreted(void)
{
	const char *preload = getenv("LD_PRELOAD");

	if (!preload || !strstr(preload, "vgpreload"))
		return;

	print_message("skipped: no time is measured under valgrind\n");
	skip();
}

void test_close(int fd)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static void be_quiet(struct lab *lab)
{
	assert_int_equal(lab_wait_idle(lab, 5, lab_deadline(TEST_PATIENCE_MS)), 0);
	lab_trace_reset(lab);
}

static void visit(struct lab *lab, int listener, int family, int expected_error)
{
	int error = -1;
	int client = test_fastopen(lab, family, "ready", 5, &error);
	int server;

	assert_int_equal(error, expected_error);
	server = test_accept(listener);
	test_poll(client, POLLOUT);
	assert_int_equal(test_error(client), 0);
	if (expected_error == 0) {
		test_read(server, "ready", 5);
		assert_true(test_syn_data_acked(client));
		assert_int_equal(lab_trace_syn_acked(lab, 0), 5);
	}
	test_close(client);
	test_close(server);
	be_quiet(lab);
}

void test_make_ready(struct lab *lab, int listener, int family)
{
	be_quiet(lab);
	visit(lab, listener, family, EINPROGRESS);
	visit(lab, listener, family, 0);
}
