/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab/names.h"
#include "lab/namespace.h"
#include "lab/sysctl.h"
#include "support/suite.h"

/* Returns 0 or −errno. */
static int write_number(const char *name, unsigned int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u\n", number);
	return sysctl_write(name, text);
}

/* Changes the loopback device. Returns 0 or an errno. */
static int change_loopback(unsigned long request, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return errno;
	memcpy(ifr->ifr_name, "lo", sizeof("lo"));
	if (ioctl(fd, request, ifr) != 0)
		error = errno;
	close(fd);
	return error;
}

static int loopback_up(void)
{
	struct ifreq ifr = {.ifr_flags = IFF_UP | IFF_LOOPBACK};

	return change_loopback(SIOCSIFFLAGS, &ifr);
}

static int loopback_mtu(int mtu)
{
	struct ifreq ifr = {.ifr_mtu = mtu};

	return change_loopback(SIOCSIFMTU, &ifr);
}

/* Equips the namespace just entered. Returns the step that failed, or NULL, with its errno. */
static const char *equip(int *ret_error)
{
	*ret_error = loopback_up();
	if (*ret_error != 0)
		return "bring up the loopback device";
	*ret_error = loopback_mtu(1500);
	if (*ret_error != 0)
		return "set the loopback device's MTU";
	*ret_error = -write_number("net/ipv4/tcp_fastopen", NET_FASTOPEN_ALL);
	if (*ret_error != 0)
		return "write net.ipv4.tcp_fastopen";
	return NULL;
}

void net_begin(void)
{
	static bool begun;

	if (begun)
		return;
	begun = true;
	int error = unshare(CLONE_NEWNET) == 0 ? 0 : errno;
	const char *step = "make a network namespace";
	if (error == EPERM)
		error = -namespace_become_root(&step);
	if (error == 0)
		step = equip(&error);
	if (error != 0)
		suite_skip("this system does not let the test %s: %s", step, strerror(error));
}

void net_fresh(void)
{
	const char *step = "make a network namespace";
	int error = unshare(CLONE_NEWNET) == 0 ? 0 : errno;

	if (error == 0)
		step = equip(&error);
	if (error != 0)
		fail_msg("cannot %s: %s", step, strerror(error));
}

void net_set_fastopen(unsigned int bits)
{
	assert_int_equal(write_number("net/ipv4/tcp_fastopen", bits), 0);
}

void net_set_mtu(int mtu)
{
	assert_int_equal(loopback_mtu(mtu), 0);
}

void net_set_buffers(unsigned int bytes)
{
	char text[64];

	snprintf(text, sizeof(text), "%u %u %u\n", bytes, bytes, bytes);
	assert_int_equal(sysctl_write("net/ipv4/tcp_wmem", text), 0);
	assert_int_equal(sysctl_write("net/ipv4/tcp_rmem", text), 0);
}

void net_set_v6only(bool on)
{
	assert_int_equal(write_number("net/ipv6/bindv6only", on ? 1 : 0), 0);
}

socklen_t net_loopback(int family, uint16_t port, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	memset(ret_address, 0, sizeof(*ret_address));
	if (family == AF_INET6) {
		in6.sin6_addr = in6addr_loopback;
		memcpy(ret_address, &in6, sizeof(in6));
		return sizeof(in6);
	}
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(ret_address, &in, sizeof(in));
	return sizeof(in);
}

/* The kernel makes a new address usable a moment after it was given, and tells nobody. */
static void await_usable(const struct sockaddr_storage *address, socklen_t len)
{
	const struct timespec step = {.tv_nsec = 2000000};
	int fd = net_socket(address->ss_family, true);

	for (unsigned int i = 0; bind(fd, (const struct sockaddr *)address, len) != 0; i++) {
		assert_int_equal(errno, EADDRNOTAVAIL);
		assert_true(i < 5000);
		nanosleep(&step, NULL);
	}
	close(fd);
}

/* Gives the loopback device an address, and returns it. */
static struct sockaddr_in6 add_ip6(const char *text)
{
	/* struct in6_ifreq of linux/ipv6.h, which cannot stand beside netinet/in.h. valgrind
	 * takes it for the larger struct ifreq. */
	struct {
		struct in6_addr address;
		uint32_t prefix;
		int index;
		struct ifreq padding;
	} request = {.prefix = 64, .index = (int)if_nametoindex("lo")};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET6, text, &request.address);
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
	close(fd);
	in6.sin6_addr = request.address;
	if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
		in6.sin6_scope_id = (uint32_t)request.index;
	return in6;
}

unsigned int net_add_link_local(struct sockaddr_storage *ret_address)
{
	struct sockaddr_in6 in6 = add_ip6("fe80::1");

	memset(ret_address, 0, sizeof(*ret_address));
	memcpy(ret_address, &in6, sizeof(in6));
	await_usable(ret_address, sizeof(in6));
	return in6.sin6_scope_id;
}

void net_add_addresses(void)
{
	struct ifreq request = {.ifr_name = "lo:1"};
	struct sockaddr_in in = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "127.0.0.100", &in.sin_addr);
	memcpy(&request.ifr_addr, &in, sizeof(in));
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
	close(fd);
	struct sockaddr_storage address = {0};
	struct sockaddr_in6 in6 = add_ip6("2001:db8:1::1");
	memcpy(&address, &in6, sizeof(in6));
	await_usable(&address, sizeof(in6));
}

uint16_t net_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	struct sockaddr_in in;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	/* The port is at the same place in both kinds of address. */
	memcpy(&in, &address, sizeof(in));
	return ntohs(in.sin_port);
}

/* A socket bound to a free loopback port. */
static int bound_socket(int family, uint16_t *ret_port)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(family, 0, &address);
	int fd = net_socket(family, true);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	*ret_port = net_port(fd);
	return fd;
}

int net_listen(int family, bool fastopen, uint16_t *ret_port)
{
	const int queue = 64;
	int fd = bound_socket(family, ret_port);

	if (fastopen)
		assert_int_equal(
			setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)), 0);
	assert_int_equal(listen(fd, 64), 0);
	return fd;
}

uint16_t net_unused_port(int family)
{
	uint16_t port;

	close(bound_socket(family, &port));
	return port;
}

int net_socket(int family, bool blocking)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK), 0);

	if (fd < 0)
		fail_msg("cannot make a socket: %s", strerror(errno));
	return fd;
}

socklen_t net_elsewhere(int family, uint16_t port, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	memset(ret_address, 0, sizeof(*ret_address));
	if (family == AF_INET) {
		inet_pton(AF_INET, "192.0.2.1", &in.sin_addr);
		memcpy(ret_address, &in, sizeof(in));
		return sizeof(in);
	}
	inet_pton(AF_INET6, "2001:db8::1", &in6.sin6_addr);
	memcpy(ret_address, &in6, sizeof(in6));
	return sizeof(in6);
}

void net_reject_elsewhere(void)
{
	struct rtentry route = {.rt_flags = RTF_UP | RTF_REJECT | RTF_HOST};
	struct sockaddr_storage address;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	net_elsewhere(AF_INET, 0, &address);
	memcpy(&route.rt_dst, &address, sizeof(route.rt_dst));
	assert_int_equal(ioctl(fd, SIOCADDRT, &route), 0);
	close(fd);
}

#define HOSTS                                                                                      \
	"127.0.0.1 localhost localhost. both.test ip4.test\n"                                      \
	"::1 localhost both.test ip6.test\n"

void net_need_names(void)
{
	int error = 0;

	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		error = errno;
	if (error == 0)
		error = -names_lay_over("/etc/hosts", HOSTS);
	if (error != 0)
		suite_skip("this system does not let the test have an /etc/hosts of its own: %s",
			strerror(error));
}

void net_need_resolv_conf(void)
{
	int error = -names_lay_over("/etc/resolv.conf", "nameserver 127.0.0.1\n");

	if (error != 0)
		suite_skip("this system does not let the test have an /etc/resolv.conf of its "
			   "own: %s",
			strerror(error));
}

int net_mute_name_server(void)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(AF_INET, 53, &address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0)
		suite_abort("no name server: %s", strerror(errno));
	return fd;
}

/* Runs nft with @rules on its standard input. Returns its exit status, or -1. */
static int run_nft(const char *rules, bool quiet)
{
	int ends[2];
	int status = -1;

	if (pipe(ends) != 0)
		return -1;
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		if (quiet)
			close(STDERR_FILENO);
		setenv("PATH", "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", 1);
		execlp("nft", "nft", "-f", "-", (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	/* The rules are short: the pipe holds them even when nft does not read. */
	if (child < 0 || write(ends[1], rules, strlen(rules)) < 0)
		status = -1;
	close(ends[1]);
	if (child > 0 && waitpid(child, &status, 0) == child)
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return -1;
}

#define FILTER_TABLE                                                                               \
	"add table inet t\n"                                                                       \
	"add chain inet t in { type filter hook input priority 0; }\n"

void net_need_filter(void)
{
	const char *all =
		FILTER_TABLE NET_DROP_FIRST_SYNACK NET_DROP_SYN_WITH_DATA NET_RESET_SYN_WITH_DATA
		"flush ruleset\n";

	if (run_nft(all, true) != 0)
		suite_skip("no nft(8), or this kernel lacks what the packet filter of the test "
			   "needs; try: apt-get install nftables");
}

void net_filter(const char *rules)
{
	assert_int_equal(run_nft(FILTER_TABLE, false), 0);
	assert_int_equal(run_nft(rules, false), 0);
}

void net_filter_none(void)
{
	assert_int_equal(run_nft("flush ruleset\n", false), 0);
}
