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

#define MESSAGE_SIZE 4096
/* As NLA_HDRLEN, which is a signed number. */
#define HEADER_SIZE sizeof(struct nlattr)

struct request {
	struct nlmsghdr header;
	struct genlmsghdr generic;
	unsigned char attributes[64];
};

struct reply {
	/* Netlink messages are aligned to four bytes. */
	union {
		struct nlmsghdr header;
		unsigned char bytes[MESSAGE_SIZE];
	} data;
	size_t len;
};

static size_t aligned(size_t len)
{
	return (len + NLA_ALIGNTO - 1) & ~((size_t)NLA_ALIGNTO - 1);
}

static void request_init(struct request *request, uint16_t type, uint8_t command, uint8_t version)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST;
	request->generic.cmd = command;
	request->generic.version = version;
}

static void request_add(struct request *request, uint16_t type, const void *data, size_t len)
{
	struct nlattr attribute = {
		.nla_len = (uint16_t)(HEADER_SIZE + len),
		.nla_type = type,
	};
	size_t at = request->header.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);

	memcpy(request->attributes + at, &attribute, sizeof(attribute));
	memcpy(request->attributes + at + HEADER_SIZE, data, len);
	request->header.nlmsg_len += (uint32_t)aligned(HEADER_SIZE + len);
}

/* Returns 0 with the kernel's message, or -1 and errno, which may be the kernel's answer. */
static int ask(int fd, const struct request *request, struct reply *ret_reply)
{
	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -1;
	ssize_t n = recv(fd, ret_reply->data.bytes, sizeof(ret_reply->data.bytes), 0);
	if (n < (ssize_t)sizeof(struct nlmsghdr) || ret_reply->data.header.nlmsg_len > (size_t)n) {
		errno = n < 0 ? errno : EBADMSG;
		return -1;
	}
	ret_reply->len = ret_reply->data.header.nlmsg_len;
	if (ret_reply->data.header.nlmsg_type != NLMSG_ERROR)
		return 0;

	struct nlmsgerr error = {0};
	if (ret_reply->len >= NLMSG_LENGTH(sizeof(error)))
		memcpy(&error, ret_reply->data.bytes + NLMSG_HDRLEN, sizeof(error));
	errno = error.error < 0 ? -error.error : EBADMSG;
	return -1;
}

/* Finds an attribute. Returns its length, with a pointer to its content; or -1. */
static int reply_find(const struct reply *reply, uint16_t type, const unsigned char **ret_content)
{
	size_t at = NLMSG_LENGTH(GENL_HDRLEN);
	struct nlattr attribute;

	while (at + sizeof(attribute) <= reply->len) {
		memcpy(&attribute, reply->data.bytes + at, sizeof(attribute));
		if (attribute.nla_len < HEADER_SIZE || at + attribute.nla_len > reply->len)
			return -1;
		if ((attribute.nla_type & NLA_TYPE_MASK) == type) {
			*ret_content = reply->data.bytes + at + HEADER_SIZE;
			return (int)(attribute.nla_len - HEADER_SIZE);
		}
		at += aligned(attribute.nla_len);
	}
	return -1;
}

/* The number of the family "tcp_metrics", or 0. */
static uint16_t family_number(int fd)
{
	struct request request;
	struct reply reply;
	const unsigned char *content;
	uint16_t number = 0;

	request_init(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	request_add(&request, CTRL_ATTR_FAMILY_NAME, TCP_METRICS_GENL_NAME,
		sizeof(TCP_METRICS_GENL_NAME));
	if (ask(fd, &request, &reply) != 0)
		return 0;
	if (reply_find(&reply, CTRL_ATTR_FAMILY_ID, &content) == (int)sizeof(number))
		memcpy(&number, content, sizeof(number));
	return number;
}

static int ask_cookie(int fd, const struct address *local, const struct address *remote)
{
	struct request request;
	struct reply reply;
	const unsigned char *content;
	uint16_t family = family_number(fd);

	if (family == 0)
		return -1;
	request_init(&request, family, TCP_METRICS_CMD_GET, TCP_METRICS_GENL_VERSION);
	if (address_family(remote) == AF_INET) {
		request_add(&request, TCP_METRICS_ATTR_ADDR_IPV4, &remote->sa.in.sin_addr, 4);
		request_add(&request, TCP_METRICS_ATTR_SADDR_IPV4, &local->sa.in.sin_addr, 4);
	} else {
		request_add(&request, TCP_METRICS_ATTR_ADDR_IPV6, &remote->sa.in6.sin6_addr, 16);
		request_add(&request, TCP_METRICS_ATTR_SADDR_IPV6, &local->sa.in6.sin6_addr, 16);
	}
	if (ask(fd, &request, &reply) != 0)
		return errno == ESRCH ? 0 : -1;
	return reply_find(&reply, TCP_METRICS_ATTR_FOPEN_COOKIE, &content) > 0;
}

int tcp_cookie_known(const struct address *local, const struct address *remote)
{
	/* The kernel answers at once or not at all. This limit is for the second case. */
	const struct timeval limit = {.tv_usec = 100000};
	struct address from = *local;
	struct address to = *remote;

	/* Mapped addresses are kept as IPv4. */
	if (address_unmap(remote, &to) && !address_unmap(local, &from))
		return -1;
	if (address_family(&from) != address_family(&to))
		return -1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	int known = ask_cookie(fd, &from, &to);
	close(fd);
	return known;
}
