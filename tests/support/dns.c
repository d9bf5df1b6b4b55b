/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/etc.h"
#include "support/net.h"
#include "support/suite.h"

#define PORT	     53
#define PATIENCE_MS  30000
#define MESSAGE_SIZE 512
#define TEXT_SIZE    300
#define WAITING_MAX  64
#define ROWS_MAX     32
#define STREAMS_MAX  16

/* A reply that waits for its time. */
struct reply {
	int64_t due_ms;
	struct sockaddr_in to;
	size_t len;
	unsigned char message[MESSAGE_SIZE];
};

struct server {
	int udp;
	int tcp;
	int test; /* gets a line of TEXT_SIZE bytes for each question */
	const struct dns_row *rows;
	size_t row_count;
	bool lost[ROWS_MAX]; /* the first question for this row */
	struct reply waiting[WAITING_MAX];
	size_t waiting_count;
};

/* A message that is being written. */
struct writer {
	unsigned char *at;
	unsigned char *end;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "dns: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ------------------------------------------------------------------------------- messages -- */

static void put(struct writer *writer, const void *data, size_t len)
{
	if ((size_t)(writer->end - writer->at) < len)
		die("the reply does not fit");
	memcpy(writer->at, data, len);
	writer->at += len;
}

static void put16(struct writer *writer, unsigned int value)
{
	const unsigned char bytes[2] = {(unsigned char)(value >> 8), (unsigned char)value};

	put(writer, bytes, sizeof(bytes));
}

static void put_name(struct writer *writer, const char *name)
{
	while (*name != '\0') {
		size_t len = strcspn(name, ".");
		const unsigned char byte = (unsigned char)len;

		put(writer, &byte, 1);
		put(writer, name, len);
		name += len + (name[len] == '.');
	}
	put(writer, "", 1);
}

/* The head of a record up to its length, which follows. */
static void put_record(struct writer *writer, unsigned int name_at, unsigned int type)
{
	put16(writer, 0xc000 | name_at);
	put16(writer, type);
	put16(writer, 1);
	put(writer, "\0\0\0\0", 4);
}

/* Returns the number of records. */
static unsigned int put_addresses(
	struct writer *writer, unsigned int name_at, const struct dns_row *row)
{
	char text[TEXT_SIZE];
	char *rest = text;
	unsigned int count = 0;
	unsigned char address[16];
	int family = row->type == DNS_A ? AF_INET : AF_INET6;

	snprintf(text, sizeof(text), "%s", row->addresses != NULL ? row->addresses : "");
	for (char *word; (word = strsep(&rest, " ")) != NULL;) {
		if (word[0] == '\0')
			continue;
		if (inet_pton(family, word, address) != 1)
			die(word);
		put_record(writer, name_at, row->type);
		put16(writer, family == AF_INET ? 4 : 16);
		put(writer, address, family == AF_INET ? 4 : 16);
		count++;
	}
	return count;
}

/* Returns the number of records. */
static unsigned int put_answers(
	struct writer *writer, const unsigned char *message, const struct dns_row *row)
{
	/* The question's name is right after the header. */
	unsigned int name_at = 12;

	if (row->alias == NULL)
		return put_addresses(writer, name_at, row);
	put_record(writer, name_at, 5);
	put16(writer, (unsigned int)strlen(row->alias) + 2);
	name_at = (unsigned int)(writer->at - message);
	put_name(writer, row->alias);
	return 1 + put_addresses(writer, name_at, row);
}

/* Takes the question apart: the name as text, in small letters, and the type. Returns the length of
 * header and question. */
static size_t read_question(
	const unsigned char *message, size_t len, char name[TEXT_SIZE], unsigned int *ret_type)
{
	size_t at = 12;
	size_t written = 0;

	while (at < len && message[at] != 0) {
		size_t label = message[at++];

		if (at + label + 5 > len || written + label + 2 > TEXT_SIZE)
			die("a question that is none");
		for (size_t i = 0; i < label; i++)
			name[written++] =
				(char)(message[at + i] |
					(message[at + i] >= 'A' && message[at + i] <= 'Z' ? 0x20
											  : 0));
		name[written++] = '.';
		at += label;
	}
	name[written > 0 ? written - 1 : 0] = '\0';
	if (at + 5 > len)
		die("a question that is none");
	*ret_type = (unsigned int)(message[at + 1] << 8 | message[at + 2]);
	return at + 5;
}

/* The row of a question. NULL: there is none, and *ret_code says what to reply. */
static const struct dns_row *find_row(
	const struct server *server, const char *name, unsigned int type, unsigned int *ret_code)
{
	*ret_code = DNS_NXDOMAIN;
	for (size_t i = 0; i < server->row_count; i++) {
		if (strcmp(server->rows[i].name, name) != 0)
			continue;
		*ret_code = 0;
		if (server->rows[i].type == type)
			return &server->rows[i];
	}
	return NULL;
}

/* Makes the reply to a question in @reply. Returns its row, or NULL. */
static const struct dns_row *make_reply(struct server *server, const unsigned char *message,
	size_t len, bool tcp, struct reply *reply)
{
	struct writer writer = {reply->message, reply->message + MESSAGE_SIZE};
	char name[TEXT_SIZE] = "";
	char line[TEXT_SIZE + 8] = "";
	unsigned int type;
	unsigned int code;
	unsigned int count = 0;
	size_t question = read_question(message, len, name, &type);
	const struct dns_row *row = find_row(server, name, type, &code);
	bool cut =
		!tcp && row != NULL && (row->reply == DNS_TRUNCATED || row->reply == DNS_HANG_UP);

	snprintf(line, sizeof(line), "%s %s", type == DNS_A ? "A" : "AAAA", name);
	if (write(server->test, line, TEXT_SIZE) != TEXT_SIZE)
		die("write");
	put(&writer, message, question);
	if (row != NULL && row->reply < DNS_SILENCE)
		code = row->reply;
	if (row != NULL && code == 0 && !cut)
		count = put_answers(&writer, reply->message, row);
	reply->len = (size_t)(writer.at - reply->message);
	/* A reply, recursion asked for and available. */
	reply->message[2] = (unsigned char)(0x81 | (cut ? 0x02 : 0));
	reply->message[3] = (unsigned char)(0x80 | code);
	memset(reply->message + 4, 0, 8);
	reply->message[5] = 1;
	reply->message[7] = (unsigned char)count;
	return row;
}

/* -------------------------------------------------------------------------------- serving -- */

static bool is_lost(struct server *server, const struct dns_row *row)
{
	bool *lost = &server->lost[row - server->rows];
	bool first = !*lost;

	*lost = true;
	return row->reply == DNS_SILENCE || (row->reply == DNS_LOST && first);
}

static void take_udp(struct server *server)
{
	unsigned char message[MESSAGE_SIZE];
	struct reply *reply = &server->waiting[server->waiting_count];
	socklen_t len = sizeof(reply->to);

	if (server->waiting_count == WAITING_MAX)
		die("too many questions");
	ssize_t n = recvfrom(
		server->udp, message, sizeof(message), 0, (struct sockaddr *)&reply->to, &len);
	if (n < 0)
		die("recvfrom");
	const struct dns_row *row = make_reply(server, message, (size_t)n, false, reply);
	if (row != NULL && is_lost(server, row))
		return;
	reply->due_ms = now_ms() + (row != NULL ? row->delay_ms : 0);
	server->waiting_count++;
}

/* Answers one question. False: the connection is over. */
static bool take_stream(struct server *server, int fd)
{
	unsigned char message[MESSAGE_SIZE];
	struct reply reply;

	ssize_t n = recv(fd, message, 2, MSG_WAITALL);
	size_t len = n == 2 ? (size_t)(message[0] << 8 | message[1]) : 0;
	if (len == 0 || len > sizeof(message) ||
		recv(fd, message, len, MSG_WAITALL) != (ssize_t)len)
		return false;
	const struct dns_row *row = make_reply(server, message, len, true, &reply);
	const unsigned char head[2] = {(unsigned char)(reply.len >> 8), (unsigned char)reply.len};
	if (row != NULL && row->reply == DNS_HANG_UP)
		return false;
	return send(fd, head, 2, MSG_NOSIGNAL | MSG_MORE) == 2 &&
	       send(fd, reply.message, reply.len, MSG_NOSIGNAL) > 0;
}

static void take_streams(struct server *server, struct pollfd *fds)
{
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (fds[i].revents == 0 || take_stream(server, fds[i].fd))
			continue;
		close(fds[i].fd);
		fds[i].fd = -1;
	}
}

static void accept_stream(struct server *server, struct pollfd *fds)
{
	int fd = accept(server->tcp, NULL, NULL);
	size_t i = 0;

	while (i < STREAMS_MAX && fds[i].fd >= 0)
		i++;
	if (fd < 0 || i == STREAMS_MAX)
		die("accept");
	fds[i] = (struct pollfd){.fd = fd, .events = POLLIN};
}

/* Sends what is due. Returns the timeout for poll(2) until the next. */
static int send_due(struct server *server)
{
	int64_t now = now_ms();
	int64_t next = -1;

	for (size_t i = 0; i < server->waiting_count;) {
		struct reply *reply = &server->waiting[i];

		if (reply->due_ms > now) {
			if (next < 0 || reply->due_ms < next)
				next = reply->due_ms;
			i++;
			continue;
		}
		/* Who asked may be gone. */
		(void)!sendto(server->udp, reply->message, reply->len, 0,
			(struct sockaddr *)&reply->to, sizeof(reply->to));
		*reply = server->waiting[--server->waiting_count];
	}
	return next < 0 ? -1 : (int)(next - now);
}

static _Noreturn void serve(struct server *server)
{
	struct pollfd fds[2 + STREAMS_MAX];

	for (size_t i = 0; i < suite_length(fds); i++)
		fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	fds[0].fd = server->udp;
	fds[1].fd = server->tcp;
	for (;;) {
		if (poll(fds, suite_length(fds), send_due(server)) < 0)
			die("poll");
		take_streams(server, fds + 2);
		if (fds[0].revents != 0)
			take_udp(server);
		if (fds[1].revents != 0)
			accept_stream(server, fds + 2);
	}
}

/* ------------------------------------------------------------------------------- the test -- */

static int bound(int type)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(AF_INET, PORT, &address);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	const int on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	if (bind(fd, (struct sockaddr *)&address, len) != 0)
		fail_msg("cannot bind port %d: %s", PORT, strerror(errno));
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static void start(struct dns *dns, const struct dns_row *rows, size_t count)
{
	static struct server server;
	int ends[2];
	pid_t parent = getpid();

	assert_true(count <= ROWS_MAX);
	assert_int_equal(pipe(ends), 0);
	/* The server must not wait for room in it: as much as anybody may have. */
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) > 0);
	server = (struct server){.rows = rows, .row_count = count, .test = ends[1]};
	server.udp = bound(SOCK_DGRAM);
	server.tcp = bound(SOCK_STREAM);
	fflush(NULL);
	dns->pid = fork();
	assert_true(dns->pid >= 0);
	if (dns->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close(ends[0]);
		serve(&server);
	}
	close(server.udp);
	close(server.tcp);
	close(ends[1]);
	dns->questions = ends[0];
}

void dns_start(struct dns *dns, const struct dns_row *rows, size_t count)
{
	etc_write("resolv.conf", "nameserver 127.0.0.1\n");
	start(dns, rows, count);
}

void dns_start_briefly(struct dns *dns, const struct dns_row *rows, size_t count)
{
	etc_write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
	start(dns, rows, count);
}

void dns_stop(struct dns *dns)
{
	int status = 0;

	kill(dns->pid, SIGTERM);
	assert_int_equal(waitpid(dns->pid, &status, 0), dns->pid);
	close(dns->questions);
	/* It runs until it is ended: anything else is a failure of its own. */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

void dns_hear(struct dns *dns, char *buf, size_t size)
{
	struct pollfd pfd = {.fd = dns->questions, .events = POLLIN};
	char line[TEXT_SIZE];

	assert_int_equal(poll(&pfd, 1, PATIENCE_MS), 1);
	/* A pipe keeps writes of this size whole. */
	assert_int_equal(read(dns->questions, line, sizeof(line)), TEXT_SIZE);
	snprintf(buf, size, "%s", line);
}

bool dns_was_asked(struct dns *dns)
{
	struct pollfd pfd = {.fd = dns->questions, .events = POLLIN};

	return poll(&pfd, 1, 0) == 1;
}
