/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "netlink.h"

#include "poll_until.h"

#include <assert.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Every member of a message starts at a multiple of four; so does the union. */
union message {
	struct nlmsghdr header;
	uint8_t bytes[512];
};

static void message_start(union message *message, uint16_t type, uint16_t flags)
{
	memset(message, 0, sizeof(*message));
	message->header.nlmsg_len = NLMSG_HDRLEN;
	message->header.nlmsg_type = type;
	message->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	message->header.nlmsg_seq = 1;
}

static void append(union message *message, const void *data, size_t length)
{
	size_t padded = NLMSG_ALIGN(length);

	assert(message->header.nlmsg_len + padded <= sizeof(*message));
	memcpy(message->bytes + message->header.nlmsg_len, data, length);
	message->header.nlmsg_len += (uint32_t)padded;
}

static void append_attribute(union message *message, uint16_t type, const void *data, size_t length)
{
	struct rtattr attribute = {.rta_type = type, .rta_len = (uint16_t)RTA_LENGTH(length)};

	append(message, &attribute, sizeof(attribute));
	append(message, data, length);
}

/* Opens an attribute that holds attributes; returns where it starts, for close_nest(). */
static size_t open_nest(union message *message, uint16_t type)
{
	size_t at = message->header.nlmsg_len;

	append_attribute(message, type, "", 0);
	return at;
}

static void close_nest(union message *message, size_t at)
{
	struct rtattr attribute;

	memcpy(&attribute, message->bytes + at, sizeof(attribute));
	attribute.rta_len = (uint16_t)(message->header.nlmsg_len - at);
	memcpy(message->bytes + at, &attribute, sizeof(attribute));
}

/* The answer to NLM_F_ACK is an error message, of which 0 means done. */
static int exchange(int fd, const union message *message)
{
	union message answer;
	struct nlmsgerr error;
	ssize_t length;

	if (send(fd, message, message->header.nlmsg_len, MSG_NOSIGNAL) < 0)
		return -errno;

	do {
		length = recv(fd, &answer, sizeof(answer), 0);
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	if ((size_t)length < NLMSG_LENGTH(sizeof(error)) || answer.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;

	memcpy(&error, answer.bytes + NLMSG_HDRLEN, sizeof(error));
	return error.error;
}

int netlink_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

int netlink_watch_routes(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK, .nl_groups = 1U << (RTNLGRP_IPV6_ROUTE - 1)};
	int fd = netlink_open();
	int result;

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;

	result = -errno;
	close(fd);
	return result;
}

/* Attributes follow each other, each padded to a multiple of four. */
static bool has_destination(const uint8_t *at, size_t left, const uint8_t address[static 16])
{
	struct rtattr attribute;

	while (left >= sizeof(attribute)) {
		memcpy(&attribute, at, sizeof(attribute));
		if (attribute.rta_len < sizeof(attribute) || attribute.rta_len > left)
			return false;
		if (attribute.rta_type == RTA_DST && attribute.rta_len == RTA_LENGTH(16))
			return memcmp(at + sizeof(attribute), address, 16) == 0;
		if (NLMSG_ALIGN(attribute.rta_len) >= left)
			return false;
		left -= NLMSG_ALIGN(attribute.rta_len);
		at += NLMSG_ALIGN(attribute.rta_len);
	}
	return false;
}

/* A notification comes as one message. */
static bool is_local_route(
	const union message *message, size_t length, const uint8_t address[static 16])
{
	struct rtmsg route;

	if (length < NLMSG_LENGTH(sizeof(route)) || message->header.nlmsg_type != RTM_NEWROUTE ||
		message->header.nlmsg_len > length)
		return false;

	memcpy(&route, message->bytes + NLMSG_HDRLEN, sizeof(route));
	return route.rtm_type == RTN_LOCAL &&
	       has_destination(message->bytes + NLMSG_LENGTH(sizeof(route)),
		       message->header.nlmsg_len - NLMSG_LENGTH(sizeof(route)), address);
}

int netlink_wait_local(int watch, const uint8_t address[static 16], int64_t deadline)
{
	struct pollfd fd = {.fd = watch, .events = POLLIN};
	union message message;

	while (poll_until(&fd, 1, deadline) > 0) {
		ssize_t length = recv(watch, &message, sizeof(message), MSG_DONTWAIT);

		if (length > 0 && is_local_route(&message, (size_t)length, address))
			return 0;
	}
	return -ETIMEDOUT;
}

int netlink_set_up(int fd, unsigned device)
{
	struct ifinfomsg link = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)device,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	union message message;

	message_start(&message, RTM_NEWLINK, 0);
	append(&message, &link, sizeof(link));
	return exchange(fd, &message);
}

int netlink_configure(int fd, unsigned device, unsigned mtu)
{
	struct ifinfomsg link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)device};
	uint8_t mode = IN6_ADDR_GEN_MODE_NONE;
	uint32_t bytes = mtu;
	union message message;
	size_t families;
	size_t ipv6;

	message_start(&message, RTM_NEWLINK, 0);
	append(&message, &link, sizeof(link));
	append_attribute(&message, IFLA_MTU, &bytes, sizeof(bytes));
	families = open_nest(&message, IFLA_AF_SPEC);
	ipv6 = open_nest(&message, AF_INET6);
	append_attribute(&message, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof(mode));
	close_nest(&message, ipv6);
	close_nest(&message, families);
	return exchange(fd, &message);
}

int netlink_add_address(
	int fd, unsigned device, int family, const void *address, size_t length, unsigned prefix)
{
	struct ifaddrmsg header = {
		.ifa_family = (uint8_t)family,
		.ifa_prefixlen = (uint8_t)prefix,
		.ifa_flags = IFA_F_NODAD,
		.ifa_index = device,
	};
	union message message;

	message_start(&message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	append(&message, &header, sizeof(header));
	append_attribute(&message, IFA_LOCAL, address, length);
	append_attribute(&message, IFA_ADDRESS, address, length);
	return exchange(fd, &message);
}
