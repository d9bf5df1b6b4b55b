/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "device.h"

#include "netlink.h"
#include "reason.h"
#include "sysctl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICE "wire"
#define CLONE  "/dev/net/tun"

enum { LOOPBACK = 1, IPV4_PREFIX = 24, IPV6_PREFIX = 64, ADDRESS_PATIENCE_MS = 10000 };

static int open_tun(struct lab_reason *reason)
{
	struct ifreq request = {.ifr_name = DEVICE};
	int fd = open(CLONE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int error;

	if (fd < 0)
		return reason_set(reason, errno, "cannot open " CLONE);

	/*
	 * Without IFF_VNET_HDR there is no offloading: the wire sees whole packets with checksums.
	 */
	request.ifr_flags = IFF_TUN | IFF_NO_PI;
	if (ioctl(fd, TUNSETIFF, &request) < 0) {
		error = errno;
		close(fd);
		return reason_set(reason, error, "cannot make a TUN device");
	}
	return fd;
}

static int add_addresses(int netlink, int watch, unsigned device, enum lab_side side)
{
	bool client = side == LAB_CLIENT;
	uint8_t ipv4[4];
	uint8_t ipv6[16];
	int result;

	inet_pton(AF_INET, client ? LAB_CLIENT_IPV4 : LAB_SERVER_IPV4, ipv4);
	inet_pton(AF_INET6, client ? LAB_CLIENT_IPV6 : LAB_SERVER_IPV6, ipv6);
	result = netlink_add_address(netlink, device, AF_INET, ipv4, sizeof(ipv4), IPV4_PREFIX);
	if (result == 0)
		result = netlink_add_address(
			netlink, device, AF_INET6, ipv6, sizeof(ipv6), IPV6_PREFIX);
	if (result < 0)
		return result;
	return netlink_wait_local(watch, ipv6, lab_deadline(ADDRESS_PATIENCE_MS));
}

static int configure(
	int netlink, int watch, enum lab_side side, unsigned mtu, struct lab_reason *reason)
{
	unsigned device = if_nametoindex(DEVICE);
	int result = netlink_configure(netlink, device, mtu);

	if (result < 0)
		return reason_set(reason, -result, "cannot configure the TUN device");

	result = netlink_set_up(netlink, LOOPBACK);
	if (result == 0)
		result = netlink_set_up(netlink, device);
	if (result < 0)
		return reason_set(reason, -result, "cannot put a device up");

	result = add_addresses(netlink, watch, device, side);
	if (result < 0)
		return reason_set(reason, -result, "cannot add addresses");
	return 0;
}

/*
 * Hosts differ in what a fresh namespace inherits; where one of these is missing there is no need.
 */
static void set_defaults(void)
{
	(void)sysctl_write("net/ipv6/conf/all/disable_ipv6", "0");
	(void)sysctl_write("net/ipv6/conf/default/disable_ipv6", "0");
	(void)sysctl_write("net/ipv6/conf/default/router_solicitations", "0");
	(void)sysctl_write("net/ipv4/conf/all/rp_filter", "0");
	(void)sysctl_write("net/ipv4/conf/default/rp_filter", "0");
}

static int make_addresses(enum lab_side side, unsigned mtu, struct lab_reason *reason)
{
	int netlink = netlink_open();
	int watch = netlink_watch_routes();
	int result;

	if (netlink < 0 || watch < 0)
		result = reason_set(
			reason, netlink < 0 ? -netlink : -watch, "cannot open a netlink socket");
	else
		result = configure(netlink, watch, side, mtu, reason);
	if (netlink >= 0)
		close(netlink);
	if (watch >= 0)
		close(watch);
	return result;
}

int device_make(enum lab_side side, unsigned mtu, struct lab_reason *reason)
{
	int tun;
	int result;

	set_defaults();
	tun = open_tun(reason);
	if (tun < 0)
		return tun;

	result = make_addresses(side, mtu, reason);
	if (result < 0) {
		close(tun);
		return result;
	}
	return tun;
}
