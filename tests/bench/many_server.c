/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that holds many connections and says nothing after the handshake:
 *
 *	bench-many-server CERTIFICATE KEY PORT [TAKE-US [ANSWER-MS]]
 *
 * To be slow in two ways: it takes so long to accept a connection, and lets so much time pass until it
 * reads the first flight of each. It gives no tickets.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

enum { EVENTS = 256, BACKLOG = 32768, BURST = 64 };

struct client {
	gnutls_session_t session;
	int fd;
	bool open;
	int64_t due_us; /* when it may be read */
	struct client *next;
};

static gnutls_certificate_credentials_t credentials;
static gnutls_priority_t priority;
static useconds_t take_us;
static int64_t answer_us;
static int listener;
static int epoll;

/* Those that wait to be read, in the order of their times. */
static struct client *waiting;
static struct client **waiting_end = &waiting;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int make_listener(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	const int on = 1;
	const int queue = BACKLOG;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, BACKLOG) < 0)
		return -1;
	return fd;
}

static void release(struct client *client)
{
	gnutls_deinit(client->session);
	close(client->fd);
	free(client);
}

static void serve(struct client *client)
{
	char buf[256];
	ssize_t ret = client->open ? gnutls_record_recv(client->session, buf, sizeof(buf))
				   : gnutls_handshake(client->session);

	if (!client->open && ret == 0)
		client->open = true;
	else if (ret == 0 || (ret < 0 && gnutls_error_is_fatal((int)ret)))
		release(client);
}

static void watch(struct client *client)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};

	epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event);
}

static struct client *make_client(int fd)
{
	struct client *client = calloc(1, sizeof(*client));
	const int on = 1;

	if (!client || gnutls_init(&client->session,
			       GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0) {
		free(client);
		close(fd);
		return NULL;
	}
	client->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	gnutls_priority_set(client->session, priority);
	gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(client->session, fd);
	return client;
}

static void take(int fd)
{
	struct client *client = make_client(fd);

	if (!client)
		return;
	if (answer_us == 0) {
		watch(client);
		return;
	}
	client->due_us = now_us() + answer_us;
	*waiting_end = client;
	waiting_end = &client->next;
}

static void take_all(void)
{
	int i;

	for (i = 0; i < BURST; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		if (take_us > 0)
			usleep(take_us);
		take(fd);
	}
}

/* Those whose time has come. Returns the milliseconds to the next, -1: there is none. */
static int wake(void)
{
	while (waiting && waiting->due_us <= now_us()) {
		struct client *client = waiting;

		waiting = client->next;
		if (!waiting)
			waiting_end = &waiting;
		watch(client);
	}
	return waiting ? (int)((waiting->due_us - now_us()) / 1000) + 1 : -1;
}

static void run(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct epoll_event events[EVENTS];

	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, wake());
		int i;

		for (i = 0; i < count; i++) {
			if (events[i].data.ptr)
				serve(events[i].data.ptr);
			else
				take_all();
		}
	}
}

int main(int argc, char **argv)
{
	struct rlimit limit;

	if (argc < 4)
		return 2;
	take_us = argc > 4 ? (useconds_t)strtoul(argv[4], NULL, 10) : 0;
	answer_us = argc > 5 ? strtol(argv[5], NULL, 10) * 1000 : 0;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	gnutls_certificate_allocate_credentials(&credentials);
	if (gnutls_certificate_set_x509_key_file(
		    credentials, argv[1], argv[2], GNUTLS_X509_FMT_PEM) < 0)
		return 1;
	gnutls_priority_init(&priority, "NORMAL", NULL);
	listener = make_listener((uint16_t)strtoul(argv[3], NULL, 10));
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (listener < 0 || epoll < 0) {
		perror("bench-many-server");
		return 1;
	}
	run();
}
