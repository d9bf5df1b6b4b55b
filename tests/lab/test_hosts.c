/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The two hosts have names, sysctls, code and programs of their own on either side. */

#include "lab_test.h"

#include "poll_until.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int set_up(void **state)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;
	struct lab *lab = NULL;

	options.rtt_ms = 2;
	options.hosts = "192.0.2.20 more.test\n";
	if (lab_new(&options, &lab, NULL) != 0)
		return -1;
	*state = lab;
	return 0;
}

static int tear_down(void **state)
{
	lab_free(*state);
	return 0;
}

/* The addresses of a name in the order getaddrinfo gives them, separated by spaces. */
struct lookup {
	const char *name;
	char addresses[256];
};

static int look_up(void *argument)
{
	struct lookup *lookup = argument;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list;
	struct addrinfo *one;
	size_t used = 0;
	int result = getaddrinfo(lookup->name, "443", &hints, &list);

	lookup->addresses[0] = '\0';
	if (result)
		return -ENOENT;

	for (one = list; one; one = one->ai_next) {
		char host[64];

		getnameinfo(
			one->ai_addr, one->ai_addrlen, host, sizeof(host), NULL, 0, NI_NUMERICHOST);
		used += (size_t)snprintf(lookup->addresses + used, sizeof(lookup->addresses) - used,
			"%s%s", one == list ? "" : " ", host);
	}
	freeaddrinfo(list);
	return 0;
}

static void assert_name(struct lab *lab, const char *name, const char *addresses)
{
	struct lookup lookup = {.name = name};

	assert_int_equal(lab_call(lab, LAB_CLIENT, look_up, &lookup), 0);
	assert_string_equal(lookup.addresses, addresses);
}

static void names_are_known_on_the_hosts(void **state)
{
	struct lab *lab = *state;
	struct lookup lookup = {.name = "server.test"};

	assert_name(lab, "server.test", LAB_SERVER_IPV6 " " LAB_SERVER_IPV4);
	assert_name(lab, "www.server.test", LAB_SERVER_IPV6 " " LAB_SERVER_IPV4);
	assert_name(lab, "server4.test", LAB_SERVER_IPV4);
	assert_name(lab, "server6.test", LAB_SERVER_IPV6);
	assert_name(lab, "dead4first.test", LAB_DEAD_IPV4 " " LAB_SERVER_IPV4);
	assert_name(lab, "dead6.test", LAB_DEAD_IPV6 " " LAB_SERVER_IPV4);
	assert_name(lab, "dead.test", LAB_DEAD_IPV6 " " LAB_DEAD_IPV4);
	assert_name(lab, "client.test", LAB_CLIENT_IPV6 " " LAB_CLIENT_IPV4);
	assert_name(lab, "more.test", "192.0.2.20");
	assert_int_equal(lab_call(lab, LAB_SERVER, look_up, &lookup), 0);
}

static void names_are_known_nowhere_else(void **state)
{
	struct lab *lab = *state;
	char line[256];
	FILE *hosts = fopen("/etc/hosts", "re");

	(void)lab;
	assert_non_null(hosts);
	while (fgets(line, sizeof(line), hosts))
		assert_null(strstr(line, "server.test"));
	fclose(hosts);
}

static void programs_know_the_names(void **state)
{
	static const char *const getent[] = {"getent", "ahostsv4", "dead4first.test", NULL};
	struct lab *lab = *state;
	char text[512] = "";
	int output[2];
	int status = -1;
	pid_t pid;

	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	assert_int_equal(lab_spawn(lab, LAB_CLIENT, getent, -1, output[1], 2, &pid), 0);
	close(output[1]);
	assert_int_equal(lab_wait(lab, pid, lab_deadline(TEST_PATIENCE_MS), &status), 0);
	assert_int_equal(lab_exit_status(status), 0);
	assert_true(read(output[0], text, sizeof(text) - 1) > 0);
	assert_int_equal(strncmp(text, LAB_DEAD_IPV4, strlen(LAB_DEAD_IPV4)), 0);
	assert_non_null(strstr(text, LAB_SERVER_IPV4));
	close(output[0]);
}

static void sysctls_belong_to_a_side(void **state)
{
	struct lab *lab = *state;
	char value[64];

	assert_int_equal(lab_get_sysctl(lab, LAB_CLIENT, "net/ipv4/tcp_fastopen", value, 64), 1);
	assert_string_equal(value, "1");
	assert_int_equal(lab_get_sysctl(lab, LAB_SERVER, "net/ipv4/tcp_fastopen", value, 64), 4);
	assert_string_equal(value, "1027");
	assert_int_equal(lab_set_fastopen(lab, LAB_CLIENT, 5), 0);
	assert_int_equal(lab_get_sysctl(lab, LAB_CLIENT, "net/ipv4/tcp_fastopen", value, 64), 1);
	assert_string_equal(value, "5");
	assert_int_equal(lab_get_sysctl(lab, LAB_SERVER, "net/ipv4/tcp_fastopen", value, 64), 4);
	assert_int_equal(
		lab_get_sysctl(lab, LAB_SERVER, "net/ipv4/tcp_fastopen", value, 4), -ENOBUFS);
	assert_int_equal(lab_set_sysctl(lab, LAB_SERVER, "net/ipv4/no_such", "1"), -ENOENT);
	assert_int_equal(lab_set_sysctl(lab, LAB_SERVER, "net/ipv4/tcp_fastopen", "x"), -EINVAL);
}

static void client_without_fastopen_is_refused_it(void **state)
{
	struct lab *lab = *state;
	int client;
	int error;

	assert_int_equal(lab_set_fastopen(lab, LAB_CLIENT, 0), 0);
	client = test_fastopen(lab, AF_INET, "x", 1, &error);
	assert_int_equal(error, EOPNOTSUPP);
	close(client);
}

static void key_change_voids_the_key(void **state)
{
	static const char name[] = "net/ipv4/tcp_fastopen_key";
	struct lab *lab = *state;
	char before[80];
	char after[80];

	assert_int_equal(lab_change_server_key(lab), 0);
	assert_true(lab_get_sysctl(lab, LAB_SERVER, name, before, sizeof(before)) >= 35);
	assert_int_equal(lab_change_server_key(lab), 0);
	assert_true(lab_get_sysctl(lab, LAB_SERVER, name, after, sizeof(after)) >= 35);
	assert_string_not_equal(before, after);
}

/* The inode number of the calling thread's network namespace. */
static void read_namespace(char name[static 64])
{
	ssize_t length = readlink("/proc/thread-self/ns/net", name, 63);

	assert_true(length > 0);
	name[length] = '\0';
}

static void thread_enters_and_leaves(void **state)
{
	struct lab *lab = *state;
	char directory[256];
	char again[256];
	char home[64];
	char client[64];
	char server[64];

	read_namespace(home);
	assert_non_null(getcwd(directory, sizeof(directory)));
	assert_int_equal(lab_enter_client(lab), 0);
	read_namespace(client);
	assert_int_equal(lab_enter_server(lab), 0);
	read_namespace(server);
	assert_non_null(getcwd(again, sizeof(again)));
	assert_string_equal(directory, again);
	assert_int_equal(lab_leave(lab), 0);
	assert_string_not_equal(home, client);
	assert_string_not_equal(home, server);
	assert_string_not_equal(client, server);
	read_namespace(client);
	assert_string_equal(home, client);
}

static void nobody_listens_at_first(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, 0, 0), -ETIMEDOUT);
	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, TEST_PORT, lab_deadline(20)), -ETIMEDOUT);
}

static void listener_is_seen(void **state)
{
	struct lab *lab = *state;
	int listener = test_listener(lab, AF_INET);

	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, TEST_PORT, 0), 0);
	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, 0, 0), 0);
	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, TEST_PORT + 1, 0), -ETIMEDOUT);
	assert_int_equal(lab_wait_listen(lab, LAB_CLIENT, 0, 0), -ETIMEDOUT);
	close(listener);
	listener = test_listener(lab, AF_INET6);
	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, TEST_PORT, 0), 0);
	close(listener);
	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, 0, 0), -ETIMEDOUT);
}

/* The table is longer than one read of it, and holds many sockets that do not listen. */
static void listener_among_many_sockets_is_seen(void **state)
{
	struct lab *lab = *state;
	int sockets[150];
	int listener = test_listener(lab, AF_INET);
	size_t i;

	for (i = 0; i < 150; i++) {
		int error;

		sockets[i] = test_fastopen(lab, AF_INET, "", 0, &error);
	}
	assert_int_equal(lab_wait_listen(lab, LAB_CLIENT, 0, 0), -ETIMEDOUT);
	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, TEST_PORT, 0), 0);
	for (i = 0; i < 150; i++)
		test_close(sockets[i]);
	close(listener);
}

static void server_that_ends_is_not_waited_for(void **state)
{
	static const char *const brief[] = {"true", NULL};
	struct lab *lab = *state;
	pid_t pid;

	assert_int_equal(lab_spawn(lab, LAB_SERVER, brief, -1, 1, 2, &pid), 0);
	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, TEST_PORT, -1), -ECHILD);
}

static void options_out_of_range_are_refused(void **state)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;
	struct lab_reason reason;
	struct lab *lab = NULL;

	(void)state;
	options.mtu = 500;
	assert_int_equal(lab_new(&options, &lab, &reason), -EINVAL);
	assert_null(lab);
	assert_non_null(strstr(reason.text, "option out of range"));
	lab_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_known_on_the_hosts),
		TEST(names_are_known_nowhere_else),
		TEST(programs_know_the_names),
		TEST(sysctls_belong_to_a_side),
		TEST(client_without_fastopen_is_refused_it),
		TEST(key_change_voids_the_key),
		TEST(thread_enters_and_leaves),
		TEST(nobody_listens_at_first),
		TEST(listener_is_seen),
		TEST(listener_among_many_sockets_is_seen),
		TEST(server_that_ends_is_not_waited_for),
		cmocka_unit_test(options_out_of_range_are_refused),
	};

	lab_free(lab_new_or_exit(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
