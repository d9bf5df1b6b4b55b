/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Uses a connection in one way, named by the first argument, to the address and port that the others name. It ends with 0
 * when all was as it is without "tlsfo run". The way "serve" is a server that greets first.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUIRE(fact)                                                                              \
	do {                                                                                       \
		if (!(fact)) {                                                                     \
			(void)fprintf(stderr, "%d: not %s\n", __LINE__, #fact);                    \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

/* Not whole, and enough for a server that does not look at it. */
static const unsigned char hello[] = {22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3};

static struct sockaddr_in address;

static int open_socket(bool waits)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (waits ? 0 : SOCK_NONBLOCK), 0);

	REQUIRE(fd >= 0);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	REQUIRE(!waits && errno == EINPROGRESS);
	return fd;
}

static void read_greeting(int fd)
{
	char text[64];

	REQUIRE(read(fd, text, sizeof(text)) > 0);
}

static void read_at_once(void)
{
	read_greeting(open_socket(true));
}

static void poll_for_reading(void)
{
	struct pollfd pfd = {.fd = open_socket(false), .events = POLLIN};

	REQUIRE(poll(&pfd, 1, 10000) == 1 && pfd.revents == POLLIN);
	read_greeting(pfd.fd);
}

static void select_for_reading(void)
{
	int fd = open_socket(false);
	struct timeval limit = {.tv_sec = 10};
	fd_set reads;

	FD_ZERO(&reads);
	FD_SET(fd, &reads);
	REQUIRE(select(fd + 1, &reads, NULL, NULL, &limit) == 1);
	read_greeting(fd);
}

/* As event loops do: for both, by edges, and what is writable is of no use to who has nothing to say. */
static void epoll_for_both(void)
{
	int fd = open_socket(false);
	int epfd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET};

	REQUIRE(epfd >= 0 && epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) == 0);
	do
		REQUIRE(epoll_wait(epfd, &event, 1, 10000) == 1);
	while ((event.events & EPOLLIN) == 0);
	read_greeting(fd);
}

static void read_a_copy(void)
{
	int fd = dup(open_socket(true));

	read_greeting(fd);
}

static void read_a_stream(void)
{
	FILE *stream = fdopen(open_socket(true), "r");

	REQUIRE(stream != NULL && fgetc(stream) != EOF);
}

static void read_in_a_child(void)
{
	int fd = open_socket(true);
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		read_greeting(fd);
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
}

static void write_no_hello(void)
{
	int fd = open_socket(true);

	REQUIRE(write(fd, "EHLO visitor\r\n", 14) == 14);
	read_greeting(fd);
}

/* The server speaks first, and TLS begins later. */
static void start_tls(void)
{
	int fd = open_socket(true);

	read_greeting(fd);
	REQUIRE(write(fd, "STARTTLS\r\n", 10) == 10);
	REQUIRE(write(fd, hello, sizeof(hello)) == (ssize_t)sizeof(hello));
}

static void write_hello(void)
{
	int fd = open_socket(false);
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	struct sockaddr_in peer = {.sin_port = 0};
	socklen_t length = sizeof(peer);
	int error = -1;
	int nodelay = 0;
	struct iovec parts[2] = {{.iov_base = (void *)(uintptr_t)hello, .iov_len = 4},
		{.iov_base = (void *)(uintptr_t)(hello + 4), .iov_len = sizeof(hello) - 4}};

	REQUIRE(poll(&pfd, 1, 10000) == 1 && pfd.revents == POLLOUT);
	REQUIRE(getpeername(fd, (struct sockaddr *)&peer, &length) == 0);
	REQUIRE(length == sizeof(peer) && memcmp(&peer, &address, sizeof(peer)) == 0);
	length = sizeof(error);
	REQUIRE(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0);
	REQUIRE(writev(fd, parts, 2) == (ssize_t)sizeof(hello));
	length = sizeof(nodelay);
	REQUIRE(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &length) == 0 && nodelay != 0);
	pfd.events = POLLIN;
	REQUIRE(poll(&pfd, 1, 10000) == 1);
	(void)close(fd);
}

/* Longer than a SYN has room for, on a socket that waits. */
static void write_long_hello(void)
{
	static unsigned char record[3000] = {
		22, 3, 1, (sizeof(record) - 5) >> 8, (sizeof(record) - 5) & 0xff, 1};
	int fd = open_socket(true);

	REQUIRE(send(fd, record, sizeof(record), MSG_NOSIGNAL) == (ssize_t)sizeof(record));
	read_greeting(fd);
}

static void serve(void)
{
	const int on = 1;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[256];

	REQUIRE(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	REQUIRE(bind(listener, (const struct sockaddr *)&address, sizeof(address)) == 0);
	REQUIRE(listen(listener, 16) == 0);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		REQUIRE(fd >= 0 && write(fd, "220 lab\r\n", 9) == 9);
		while (read(fd, text, sizeof(text)) > 0)
			;
		(void)close(fd);
	}
}

static const struct {
	const char *name;
	void (*visit)(void);
} ways[] = {
	{"read_at_once", read_at_once},
	{"poll_for_reading", poll_for_reading},
	{"select_for_reading", select_for_reading},
	{"epoll_for_both", epoll_for_both},
	{"read_a_copy", read_a_copy},
	{"read_a_stream", read_a_stream},
	{"read_in_a_child", read_in_a_child},
	{"write_no_hello", write_no_hello},
	{"start_tls", start_tls},
	{"write_hello", write_hello},
	{"write_long_hello", write_long_hello},
	{"serve", serve},
};

int main(int argc, char **argv)
{
	REQUIRE(argc == 4 && inet_pton(AF_INET, argv[2], &address.sin_addr) == 1);
	address.sin_family = AF_INET;
	address.sin_port = htons((in_port_t)strtoul(argv[3], NULL, 10));
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(argv[1], ways[i].name) == 0) {
			ways[i].visit();
			return 0;
		}
	}
	return 2;
}
