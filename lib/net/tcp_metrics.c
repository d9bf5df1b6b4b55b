/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The kernel's fast-open cookies, read over generic netlink (tcp_metrics; ip-tcp_metrics(8)). Two
 * requests on one socket: the number of the family, then one entry. Reading needs no privilege.
 */

#include "net/tcp_facts.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/tcp_metrics.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "net/stream.h"

/* As NLA_HDRLEN, which is a signed number. */
#define HEADER_SIZE sizeof(struct nlattr)

/* A request, and then the kernel's answer to it. */
struct message {
	struct nlmsghdr header;
	struct genlmsghdr generic;
	unsigned char attributes[4096];
};

static size_t aligned(size_t len)
{
	return (len + NLA_ALIGNTO - 1) & ~((size_t)NLA_ALIGNTO - 1);
}

static void message_init(struct message *message, uint16_t type, uint8_t command, uint8_t version)
{
	*message = (struct message){
		.header.nlmsg_len = offsetof(struct message, attributes),
		.header.nlmsg_type = type,
		.header.nlmsg_flags = NLM_F_REQUEST,
		.generic.cmd = command,
		.generic.version = version,
	};
}

static void message_add(struct message *message, uint16_t type, const void *data, size_t len)
{
	const struct nlattr attribute = {
		.nla_len = (uint16_t)(HEADER_SIZE + len),
		.nla_type = type,
	};
	unsigned char *end = (unsigned char *)message + message->header.nlmsg_len;

	memcpy(end, &attribute, sizeof(attribute));
	memcpy(end + HEADER_SIZE, data, len);
	message->header.nlmsg_len += (uint32_t)aligned(HEADER_SIZE + len);
}

/* Puts the kernel's answer in the place of the request. Returns 0, or -1 and errno, which the kernel may have
 * answered. */
static int ask(int fd, struct message *message)
{
	const struct nlmsghdr *header = &message->header;
	struct nlmsgerr error = {0};

	if (send(fd, message, header->nlmsg_len, 0) < 0)
		return -1;
	ssize_t n = recv(fd, message, sizeof(*message), 0);
	if (n < 0)
		return -1;
	bool whole = (size_t)n >= sizeof(*header) && header->nlmsg_len <= (size_t)n;
	if (whole && header->nlmsg_type != NLMSG_ERROR)
		return 0;
	if (whole && header->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
		memcpy(&error, (const char *)message + NLMSG_HDRLEN, sizeof(error));
	errno = error.error < 0 ? -error.error : EBADMSG;
	return -1;
}

/* Finds an attribute. Returns its length, with a pointer to its content; or -1. */
static int message_find(
	const struct message *message, uint16_t type, const unsigned char **ret_content)
{
	const unsigned char *bytes = (const unsigned char *)message;
	size_t at = offsetof(struct message, attributes);
	struct nlattr attribute;

	while (at + sizeof(attribute) <= message->header.nlmsg_len) {
		memcpy(&attribute, bytes + at, sizeof(attribute));
		if (attribute.nla_len < HEADER_SIZE ||
			at + attribute.nla_len > message->header.nlmsg_len)
			return -1;
		if ((attribute.nla_type & NLA_TYPE_MASK) == type) {
			*ret_content = bytes + at + HEADER_SIZE;
			return (int)(attribute.nla_len - HEADER_SIZE);
		}
		at += aligned(attribute.nla_len);
	}
	return -1;
}

static int ask_cookie(int fd, const struct address *local, const struct address *remote)
{
	struct message message;
	const unsigned char *content;
	uint16_t family;

	message_init(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	message_add(&message, CTRL_ATTR_FAMILY_NAME, TCP_METRICS_GENL_NAME,
		sizeof(TCP_METRICS_GENL_NAME));
	if (ask(fd, &message) != 0 ||
		message_find(&message, CTRL_ATTR_FAMILY_ID, &content) != (int)sizeof(family))
		return -1;
	memcpy(&family, content, sizeof(family));
	message_init(&message, family, TCP_METRICS_CMD_GET, TCP_METRICS_GENL_VERSION);
	if (address_family(remote) == AF_INET) {
		message_add(&message, TCP_METRICS_ATTR_ADDR_IPV4, &remote->sa.in.sin_addr, 4);
		message_add(&message, TCP_METRICS_ATTR_SADDR_IPV4, &local->sa.in.sin_addr, 4);
	} else {
		message_add(&message, TCP_METRICS_ATTR_ADDR_IPV6, &remote->sa.in6.sin6_addr, 16);
		message_add(&message, TCP_METRICS_ATTR_SADDR_IPV6, &local->sa.in6.sin6_addr, 16);
	}
	if (ask(fd, &message) != 0)
		return errno == ESRCH ? 0 : -1;
	return message_find(&message, TCP_METRICS_ATTR_FOPEN_COOKIE, &content) > 0;
}

int tcp_cookie_known(int fd, const struct address *remote)
{
	/* The kernel answers at once or not at all. This limit is for the second case. */
	const struct timeval limit = {.tv_usec = 100000};
	struct address to = *remote;
	struct address from;

	if (!stream_local_address(fd, &from))
		return -1;
	/* Mapped addresses are kept as IPv4. */
	if (address_unmap(remote, &to) && !address_unmap(&from, &from))
		return -1;
	if (address_family(&from) != address_family(&to))
		return -1;
	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (netlink < 0)
		return -1;
	setsockopt(netlink, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	int known = ask_cookie(netlink, &from, &to);
	close(netlink);
	return known;
}
