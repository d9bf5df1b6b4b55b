/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names asked of c-ares: the hosts file and the name servers, as resolv.conf(5) and nsswitch.conf(5)
 * name them.
 *
 * A channel is one resolution's own, so that freeing it cancels everything. IPv4 and IPv6 are two
 * questions: one for both would be answered when both answers are there. The hosts file is asked
 * for both at once, because a name that is there with one family is not to be looked up elsewhere
 * with the other.
 */

#include "resolve/backend.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ares.h>

const char backend_name[] = "c-ares";

struct question {
	struct backend *backend;
	int family;
};

struct backend {
	struct resolve *resolve;
	ares_channel channel;
	int family;
	struct question questions[2];
	bool in_hosts;
};

/* --------------------------------------------------------------------------------- sockets -- */

/* c-ares sets no options on sockets that it did not make. */
static ares_socket_t open_socket(int family, int type, int protocol, void *data)
{
	(void)data;
	return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

static int close_socket(ares_socket_t fd, void *data)
{
	(void)data;
	return close(fd);
}

static int connect_socket(
	ares_socket_t fd, const struct sockaddr *sa, ares_socklen_t len, void *data)
{
	(void)data;
	return connect(fd, sa, len);
}

static ares_ssize_t receive(ares_socket_t fd, void *buf, size_t size, int flags,
	struct sockaddr *sa, ares_socklen_t *len, void *data)
{
	(void)data;
	return recvfrom(fd, buf, size, flags, sa, len);
}

/* writev(2), which c-ares would call, raises SIGPIPE when a name server closes its TCP connection. */
static ares_ssize_t send_all(ares_socket_t fd, const struct iovec *iov, int count, void *data)
{
	struct iovec copy[8];
	struct msghdr message = {.msg_iov = copy};

	(void)data;
	/* What does not fit is a short write. */
	for (; message.msg_iovlen < array_length(copy) && count > 0; count--)
		copy[message.msg_iovlen++] = *iov++;
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static const struct ares_socket_functions socket_functions = {
	.asocket = open_socket,
	.aclose = close_socket,
	.aconnect = connect_socket,
	.arecvfrom = receive,
	.asendv = send_all,
};

/* --------------------------------------------------------------------------------- answers -- */

static enum answer to_answer(int status)
{
	switch (status) {
	case ARES_SUCCESS:
		return ANSWER_ADDRESSES;
	case ARES_ENODATA:
		return ANSWER_NO_ADDRESS;
	case ARES_ENOTFOUND:
	case ARES_ENONAME:
		return ANSWER_NO_NAME;
	case ARES_EBADNAME:
		return ANSWER_BAD_NAME;
	case ARES_ECONNREFUSED:
		return ANSWER_UNREACHABLE;
	case ARES_ETIMEOUT:
		return ANSWER_TIMEOUT;
	case ARES_ENOMEM:
		return ANSWER_NO_MEMORY;
	default:
		return ANSWER_FAILED;
	}
}

static void add_all(struct resolve *resolve, const struct ares_addrinfo_node *node, int family)
{
	for (; node != NULL; node = node->ai_next)
		if (family == AF_UNSPEC || family == node->ai_family)
			resolve_add(resolve, node->ai_addr, node->ai_addrlen);
}

static void answered(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct question *question = arg;
	struct resolve *resolve = question->backend->resolve;

	(void)timeouts;
	/* Every question that is still open when the channel goes is told so. */
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return;
	if (info != NULL)
		add_all(resolve, info->nodes, question->family);
	ares_freeaddrinfo(info);
	resolve_end(resolve, question->family, to_answer(status));
}

static void answered_by_hosts(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct backend *backend = arg;

	(void)timeouts;
	if (status == ARES_SUCCESS && info != NULL) {
		backend->in_hosts = true;
		add_all(backend->resolve, info->nodes, backend->family);
	}
	ares_freeaddrinfo(info);
}

/* ---------------------------------------------------------------------------------- asking -- */

static void init_library(void)
{
	/* It cannot fail where there is no Winsock. */
	(void)ares_library_init(ARES_LIB_INIT_ALL);
}

static int open_channel(ares_channel *ret_channel, char *lookups)
{
	struct ares_options options = {.lookups = lookups};
	int status =
		ares_init_options(ret_channel, &options, lookups != NULL ? ARES_OPT_LOOKUPS : 0);

	if (status == ARES_SUCCESS)
		ares_set_socket_functions(*ret_channel, &socket_functions, NULL);
	return status;
}

/* Does nsswitch.conf put the hosts file before the name servers? */
static bool hosts_come_first(ares_channel channel)
{
	struct ares_options options = {0};
	int mask = 0;

	if (ares_save_options(channel, &options, &mask) != ARES_SUCCESS)
		return false;
	bool first = options.lookups != NULL && options.lookups[0] == 'f';
	ares_destroy_options(&options);
	return first;
}

static void ask(struct backend *backend, const char *name, int family,
	ares_addrinfo_callback callback, void *arg)
{
	const struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT,
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
	};

	ares_getaddrinfo(backend->channel, name, NULL, &hints, callback, arg);
}

/* Asks the hosts file, which is answered at once. Returns a status of c-ares. */
static int ask_hosts(struct backend *backend, const char *name)
{
	ares_channel channel = backend->channel;
	char lookups[] = "f";
	int status = open_channel(&backend->channel, lookups);

	if (status == ARES_SUCCESS) {
		ask(backend, name, AF_UNSPEC, answered_by_hosts, backend);
		ares_destroy(backend->channel);
	}
	backend->channel = channel;
	return status;
}

static void ask_family(struct backend *backend, const char *name, int family)
{
	struct question *question = &backend->questions[family == AF_INET];

	question->backend = backend;
	question->family = family;
	ask(backend, name, family, answered, question);
}

/* RFC 8305 §3: first for IPv6, and at once for IPv4. */
static void ask_all(struct backend *backend, const char *name)
{
	if (backend->family != AF_INET)
		ask_family(backend, name, AF_INET6);
	if (backend->family != AF_INET6)
		ask_family(backend, name, AF_INET);
}

bool backend_start(struct resolve *resolve, const char *name, int family,
	struct backend **ret_backend, enum answer *ret_answer)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct backend *backend = calloc(1, sizeof(*backend));

	*ret_answer = ANSWER_NO_MEMORY;
	if (backend == NULL)
		return false;
	pthread_once(&once, init_library);
	backend->resolve = resolve;
	backend->family = family;
	int status = open_channel(&backend->channel, NULL);
	if (status == ARES_SUCCESS && hosts_come_first(backend->channel))
		status = ask_hosts(backend, name);
	if (status != ARES_SUCCESS) {
		*ret_answer = to_answer(status);
		backend_free(backend);
		return false;
	}
	*ret_backend = backend;
	if (!backend->in_hosts) {
		ask_all(backend, name);
		return true;
	}
	resolve_end(resolve, AF_INET6, ANSWER_ADDRESSES);
	resolve_end(resolve, AF_INET, ANSWER_ADDRESSES);
	return true;
}

void backend_free(struct backend *backend)
{
	if (backend == NULL)
		return;
	if (backend->channel != NULL)
		ares_destroy(backend->channel);
	free(backend);
}

/* --------------------------------------------------------------------------------- waiting -- */

size_t backend_wait(const struct backend *backend, struct pollfd *fds, size_t room)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	int bits = ares_getsock(backend->channel, sockets, ARES_GETSOCK_MAXNUM);
	size_t count = 0;

	for (int i = 0; i < ARES_GETSOCK_MAXNUM && count < room; i++) {
		int events = 0;

		if (ARES_GETSOCK_READABLE(bits, i))
			events |= POLLIN;
		if (ARES_GETSOCK_WRITABLE(bits, i))
			events |= POLLOUT;
		if (events != 0)
			fds[count++] = (struct pollfd){.fd = sockets[i], .events = (short)events};
	}
	return count;
}

int64_t backend_patience(const struct backend *backend)
{
	struct timeval tv;

	if (ares_timeout(backend->channel, NULL, &tv) == NULL)
		return -1;
	/* Rounded up: called early it would have nothing to do. */
	return (int64_t)tv.tv_sec * 1000 + (tv.tv_usec + 999) / 1000;
}

void backend_advance(struct backend *backend, const struct pollfd *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		short events = fds[i].revents;

		if (events == 0)
			continue;
		/* An error is told by whatever is tried next. */
		bool failed = (events & (POLLERR | POLLHUP)) != 0;
		bool reads = (events & POLLIN) != 0 || (failed && (fds[i].events & POLLIN) != 0);
		bool writes = (events & POLLOUT) != 0 || (failed && (fds[i].events & POLLOUT) != 0);
		ares_process_fd(backend->channel, reads ? fds[i].fd : ARES_SOCKET_BAD,
			writes ? fds[i].fd : ARES_SOCKET_BAD);
	}
	ares_process_fd(backend->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}
