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

#include <pthread.h>
#include <stdio.h>
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
	bool heard; /* a name server has sent something */
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
	struct backend *backend = data;
	ares_ssize_t n = recvfrom(fd, buf, size, flags, sa, len);

	if (n > 0)
		backend->heard = true;
	return n;
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
	enum answer answer = to_answer(status);
	/* Servers that fail or refuse are "not reached" too. */
	if (answer == ANSWER_UNREACHABLE && question->backend->heard)
		answer = ANSWER_FAILED;
	resolve_end(resolve, question->family, answer);
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

/* One letter for each place where names are looked up. */
#define LOOKUPS_SIZE 8

/* What the system's files say. */
struct settings {
	char lookups[LOOKUPS_SIZE]; /* 'f' the hosts file, 'b' the name servers, in their order */
	int patience_ms;	    /* until a name server is asked again */
};

/* The five seconds of old versions are the whole of what many a caller has, and one lost packet
 * costs them. This is what newer versions have. */
#define OLD_PATIENCE_MS 5000
#define NEW_PATIENCE_MS 2000

static int read_settings(struct settings *ret_settings)
{
	struct ares_options options = {0};
	struct settings settings = {.patience_ms = NEW_PATIENCE_MS};
	ares_channel channel;
	int mask = 0;
	int status = ares_init(&channel);

	if (status != ARES_SUCCESS)
		return status;
	status = ares_save_options(channel, &options, &mask);
	ares_destroy(channel);
	if (status != ARES_SUCCESS)
		return status;
	snprintf(settings.lookups, sizeof(settings.lookups), "%s",
		options.lookups != NULL ? options.lookups : "fb");
	if (options.timeout > 0 && options.timeout != OLD_PATIENCE_MS)
		settings.patience_ms = options.timeout;
	ares_destroy_options(&options);
	*ret_settings = settings;
	return ARES_SUCCESS;
}

/* A channel that looks names up where @lookups says. */
static int open_channel(struct backend *backend, const char *lookups, int patience_ms)
{
	/* It is not written to, but not const either. */
	char copy[LOOKUPS_SIZE];
	struct ares_options options = {.lookups = copy, .timeout = patience_ms};

	snprintf(copy, sizeof(copy), "%s", lookups);
	int status = ares_init_options(
		&backend->channel, &options, ARES_OPT_LOOKUPS | ARES_OPT_TIMEOUTMS);

	if (status == ARES_SUCCESS)
		ares_set_socket_functions(backend->channel, &socket_functions, backend);
	else
		backend->channel = NULL;
	return status;
}

static void close_channel(struct backend *backend)
{
	if (backend->channel != NULL)
		ares_destroy(backend->channel);
	backend->channel = NULL;
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
static int ask_hosts(struct backend *backend, const char *name, int patience_ms)
{
	int status = open_channel(backend, "f", patience_ms);

	if (status != ARES_SUCCESS)
		return status;
	ask(backend, name, AF_UNSPEC, answered_by_hosts, backend);
	close_channel(backend);
	return ARES_SUCCESS;
}

static void ask_family(struct backend *backend, const char *name, int family)
{
	struct question *question = &backend->questions[family == AF_INET];

	question->backend = backend;
	question->family = family;
	ask(backend, name, family, answered, question);
}

static void end_both(struct resolve *resolve, enum answer answer)
{
	resolve_end(resolve, AF_INET6, answer);
	resolve_end(resolve, AF_INET, answer);
}

/* Returns a status of c-ares; the answers may be there already. */
static int ask_all(struct backend *backend, const char *name)
{
	struct settings settings = {0};
	int status = read_settings(&settings);
	const char *lookups = settings.lookups;

	if (status == ARES_SUCCESS && lookups[0] == 'f') {
		status = ask_hosts(backend, name, settings.patience_ms);
		lookups++;
	}
	if (status == ARES_SUCCESS && (backend->in_hosts || lookups[0] == '\0')) {
		end_both(backend->resolve, backend->in_hosts ? ANSWER_ADDRESSES : ANSWER_NO_NAME);
		return ARES_SUCCESS;
	}
	if (status == ARES_SUCCESS)
		status = open_channel(backend, lookups, settings.patience_ms);
	if (status != ARES_SUCCESS)
		return status;
	/* RFC 8305 §3: first for IPv6, and at once for IPv4. */
	if (backend->family != AF_INET)
		ask_family(backend, name, AF_INET6);
	if (backend->family != AF_INET6)
		ask_family(backend, name, AF_INET);
	return ARES_SUCCESS;
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
	int status = ask_all(backend, name);
	if (status != ARES_SUCCESS) {
		*ret_answer = to_answer(status);
		backend_free(backend);
		return false;
	}
	*ret_backend = backend;
	return true;
}

void backend_free(struct backend *backend)
{
	if (backend == NULL)
		return;
	close_channel(backend);
	free(backend);
}

/* --------------------------------------------------------------------------------- waiting -- */

size_t backend_wait(const struct backend *backend, struct pollfd *fds, size_t room)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	/* One bit a socket to be read from, and above them one to be written to. The macros of ares.h
	 * for them shift into the sign. */
	unsigned int bits =
		(unsigned int)ares_getsock(backend->channel, sockets, ARES_GETSOCK_MAXNUM);
	size_t count = 0;

	for (unsigned int i = 0; i < ARES_GETSOCK_MAXNUM && count < room; i++) {
		int events = 0;

		if ((bits >> i & 1) != 0)
			events |= POLLIN;
		if ((bits >> (i + ARES_GETSOCK_MAXNUM) & 1) != 0)
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
