/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "connection.h"

#include "calls.h"
#include "memory.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <linux/tcp.h>

/* Connections on descriptors beyond are left alone. */
enum { DESCRIPTORS = 4096 };

/* A watch over what follows the SYN ends in less than six seconds. The number tells that the option is ours. */
#define WATCH_MS 4501U

/* A connection that is closed so many seconds after its SYN, and of which nothing else arrived, has failed; one that is
 * closed sooner was given up by the program. */
#define PATIENCE_S 2

enum state {
	NONE = 0, /* not ours */
	DEFERRED, /* connect(2) has returned, and no SYN has left */
	BEGUN,	  /* the SYN has left */
	SETTLED	  /* nothing more is to be found out */
};

struct connection {
	uint64_t cookie; /* tells the socket from a later one with the same number */
	time_t begun;
	struct report report;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} address;
	socklen_t length;
	_Atomic int state;
	atomic_bool answered;
	atomic_bool watched;
};

static struct connection connections[DESCRIPTORS];
static bool ports[65536];
static bool enabled;
static pid_t owner;
static atomic_int deferred_count;
static atomic_int most; /* the highest descriptor of a connection so far, plus 1 */

static struct connection *of(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS &&
			       atomic_load_explicit(&connections[fd].state, memory_order_acquire) !=
				       NONE
		       ? &connections[fd]
		       : NULL;
}

static bool change(struct connection *connection, int from, int to)
{
	if (!atomic_compare_exchange_strong(&connection->state, &from, to))
		return false;
	if (from == DEFERRED)
		atomic_fetch_sub(&deferred_count, 1);
	return true;
}

/* Descriptors are also closed where no library sees it: by fclose(3), close_range(2) and the like. */
static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0 ? cookie : 0;
}

static bool info_of(int fd, struct tcp_info *ret_info)
{
	socklen_t length = sizeof(*ret_info);

	memset(ret_info, 0, sizeof(*ret_info));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, ret_info, &length) == 0;
}

/* The numbers of the kernel's TCP states are part of its interface; only glibc's header names them. */
static bool is_connecting(const struct tcp_info *info)
{
	enum { SYN_SENT = 2, SYN_RECV = 3 };

	return info->tcpi_state == SYN_SENT || info->tcpi_state == SYN_RECV;
}

/* A bare SYN counts as a retransmission of no bytes. */
static bool syn_was_lost(const struct tcp_info *info)
{
	return info->tcpi_total_retrans > 0 &&
	       (info->tcpi_bytes_retrans == 0 || info->tcpi_fastopen_client_fail == 3);
}

/* ---------------------------------------------------------------------------- the surroundings -- */

static void read_ports(const char *list)
{
	while (list != NULL && *list != '\0') {
		char *end;
		unsigned long first = strtoul(list, &end, 10);
		unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

		for (unsigned long port = first; port <= last && port < 65536; port++)
			ports[port] = true;
		if (*end != ',')
			return;
		list = end + 1;
	}
}

void connections_init(void)
{
	struct stat program;

	/* Where root runs a setuid program the loader takes it for an ordinary one. */
	enabled =
		getauxval(AT_SECURE) == 0 && (stat("/proc/self/exe", &program) != 0 ||
						     (program.st_mode & (S_ISUID | S_ISGID)) == 0);
	owner = getpid();
	if (!enabled)
		return;
	read_ports(getenv("TLSFO_RUN_PORTS"));
	memory_use(getenv(MEMORY_VARIABLE));
	report_use(getenv(REPORT_VARIABLE));
}

void connections_end(void)
{
	for (int fd = atomic_load(&most) - 1; fd >= 0; fd--)
		connection_end(fd);
}

void connections_before_fork(void)
{
	/* Both processes could write first. */
	for (int fd = connections_deferred() - 1; fd >= 0; fd--)
		connection_send_syn(fd, "the program forked before its first write");
}

void connections_forked(void)
{
	owner = getpid();
	for (int fd = atomic_load(&most) - 1; fd >= 0; fd--)
		atomic_store(&connections[fd].state, NONE);
	atomic_store(&deferred_count, 0);
	memory_forked();
}

/* ---------------------------------------------------------------------------------- connect(2) -- */

static bool is_wanted(int fd, const struct sockaddr *address, socklen_t length)
{
	int protocol = 0;
	socklen_t size = sizeof(protocol);
	struct sockaddr_in6 to = {0};

	if (!enabled || fd < 0 || fd >= DESCRIPTORS || address == NULL ||
		length < (socklen_t)sizeof(struct sockaddr_in))
		return false;
	if (address->sa_family != AF_INET &&
		(address->sa_family != AF_INET6 || length < (socklen_t)sizeof(to)))
		return false;
	/* The port stands at the same place in both. */
	memcpy(&to, address, sizeof(struct sockaddr_in));
	return ports[ntohs(to.sin6_port)] &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 &&
	       protocol == IPPROTO_TCP;
}

/* Asks the kernel to defer, unless the memory is against it. */
static enum memory_advice ask_to_defer(int fd, struct connection *connection)
{
	const int on = 1;
	enum memory_advice advice = memory_ask(&connection->address.any);

	if (advice == MEMORY_AVOID) {
		connection->report.fast_open = "off";
		connection->report.reason =
			"fast open failed here, or the address did not answer, before";
	} else if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)) != 0) {
		connection->report.fast_open = "unavailable";
		connection->report.reason =
			errno == EOPNOTSUPP ? "disabled on this system (net.ipv4.tcp_fastopen)"
					    : "not supported by this system";
		return MEMORY_AVOID;
	}
	return advice;
}

/* The kernel has deferred, and there must be no data in the SYN: sends it, and goes on as connect(2) would have. */
static int connect_without_data(int fd, struct connection *connection)
{
	connection_send_syn(fd, "the address was not known to answer");
	int ret = NEXT(connect)(fd, &connection->address.any, connection->length);

	if (ret < 0 && errno == EALREADY)
		errno = EINPROGRESS;
	return ret;
}

static int finish_connect(int fd, struct connection *connection, enum memory_advice advice, int ret)
{
	struct tcp_info info = {0};

	if (ret < 0 && errno != EINPROGRESS && errno != EINTR) {
		connection->report.error = errno;
		connection_end(fd);
		return ret;
	}
	if (ret < 0 || !info_of(fd, &info) || !is_connecting(&info)) {
		if (ret == 0)
			connection_writes(fd);
		return ret;
	}
	/* The SYN of a connection that waits to be made would have left. */
	atomic_fetch_add(&deferred_count, 1);
	atomic_store(&connection->state, DEFERRED);
	if (advice == MEMORY_ASK)
		return connect_without_data(fd, connection);
	connection->report.fast_open = "off";
	connection->report.reason = "nothing was written";
	return 0;
}

int connection_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct connection *connection = of(fd);

	/* Programs call connect(2) again to hear what became of it. */
	if (connection != NULL && connection->cookie == cookie_of(fd) && address != NULL &&
		address->sa_family != AF_UNSPEC)
		return NEXT(connect)(fd, address, length);
	connection_end(fd);
	uint64_t cookie = is_wanted(fd, address, length) ? cookie_of(fd) : 0;

	if (cookie == 0 || address == NULL)
		return NEXT(connect)(fd, address, length);
	connection = &connections[fd];
	int highest = atomic_load(&most);

	while (highest <= fd && !atomic_compare_exchange_weak(&most, &highest, fd + 1))
		;
	memset(&connection->address, 0, sizeof(connection->address));
	connection->length = length < (socklen_t)sizeof(connection->address)
				     ? length
				     : (socklen_t)sizeof(connection->address);
	memcpy(&connection->address, address, connection->length);
	connection->cookie = cookie;
	connection->begun = time(NULL);
	atomic_store(&connection->answered, false);
	atomic_store(&connection->watched, false);
	connection->report =
		(struct report){.fast_open = "cookie-requested", .reason = "no cookie was known"};
	enum memory_advice advice = ask_to_defer(fd, connection);

	connection->report.asked = advice != MEMORY_AVOID;
	memory_tell(address, MEMORY_TRIED);
	atomic_store(&connection->state, BEGUN);
	return finish_connect(fd, connection, advice, NEXT(connect)(fd, address, length));
}

/* ------------------------------------------------------------------------------- the first write -- */

bool connection_deferred(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS &&
	       atomic_load_explicit(&connections[fd].state, memory_order_acquire) == DEFERRED;
}

int connections_deferred(void)
{
	return atomic_load(&deferred_count) > 0 ? atomic_load(&most) : 0;
}

void connection_send_syn(int fd, const char *why)
{
	struct connection *connection = of(fd);
	int saved = errno;

	if (connection == NULL || !change(connection, DEFERRED, BEGUN))
		return;
	connection->report.fast_open = "off";
	connection->report.reason = why;
	if (connection->cookie == cookie_of(fd))
		(void)NEXT(send)(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL);
	errno = saved;
}

/* RFC 8446 §5.1 and §4: a record of the handshake whose first message is a ClientHello. */
static bool is_client_hello(const struct msghdr *message)
{
	unsigned char head[6] = {0};
	size_t length = 0;

	for (size_t i = 0; i < message->msg_iovlen && length < sizeof(head); i++) {
		size_t part = message->msg_iov[i].iov_len;

		if (part > sizeof(head) - length)
			part = sizeof(head) - length;
		if (part > 0)
			memcpy(head + length, message->msg_iov[i].iov_base, part);
		length += part;
	}
	return length == sizeof(head) && head[0] == 22 && head[1] == 3 && head[5] == 1;
}

/* Sends what the SYN did not take. The kernel waits for the connection. */
static ssize_t send_rest(int fd, const struct msghdr *message, int flags, size_t taken)
{
	enum { PARTS = 16 };
	struct iovec rest[PARTS];
	struct msghdr left = *message;
	size_t skip = taken;

	if (message->msg_iovlen > PARTS)
		return (ssize_t)taken;
	left.msg_iov = rest;
	for (size_t i = 0; i < message->msg_iovlen; i++) {
		size_t part =
			message->msg_iov[i].iov_len < skip ? message->msg_iov[i].iov_len : skip;

		rest[i].iov_base = (char *)message->msg_iov[i].iov_base + part;
		rest[i].iov_len = message->msg_iov[i].iov_len - part;
		skip -= part;
	}
	ssize_t n = NEXT(sendmsg)(fd, &left, flags);

	return (ssize_t)taken + (n > 0 ? n : 0);
}

static ssize_t write_hello(
	int fd, struct connection *connection, const struct msghdr *message, int flags)
{
	const int on = 1;
	struct tcp_info info;
	size_t length = 0;

	for (size_t i = 0; i < message->msg_iovlen; i++)
		length += message->msg_iov[i].iov_len;
	/* The hello rode in the SYN; what follows must not wait until the server has acknowledged it (Nagle). */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	connection->report.fast_open = NULL;
	connection->report.reason = "not connected";
	/* The call never waits: after a signal the kernel would send the bytes again that the SYN has taken. */
	ssize_t n = NEXT(sendmsg)(fd, message, flags | MSG_DONTWAIT);
	int status = fcntl(fd, F_GETFL);
	bool waits = status >= 0 && (status & O_NONBLOCK) == 0 && (flags & MSG_DONTWAIT) == 0;

	if (n >= 0) {
		connection->report.hello = true;
		connection->report.syn_bytes = info_of(fd, &info) && is_connecting(&info) ? n : -1;
		return waits && (size_t)n < length ? send_rest(fd, message, flags, (size_t)n) : n;
	}
	if (errno == EINPROGRESS) {
		/* The cookie is gone, and the SYN asks for another. */
		connection->report.fast_open = "cookie-requested";
		connection->report.reason = "no cookie was known";
		errno = EAGAIN;
		return waits ? NEXT(sendmsg)(fd, message, flags) : -1;
	}
	connection->report.error = errno;
	return -1;
}

ssize_t connection_write_first(int fd, const struct msghdr *message, int flags)
{
	struct connection *connection = of(fd);

	if (!is_client_hello(message))
		connection_send_syn(fd, "the first write was no ClientHello");
	else if (connection != NULL && connection->cookie == cookie_of(fd) &&
		 change(connection, DEFERRED, BEGUN))
		return write_hello(fd, connection, message, flags);
	return NEXT(sendmsg)(fd, message, flags);
}

/* --------------------------------------------------------------------------- what became of it -- */

/* While nothing that followed the SYN was acknowledged, the kernel watches (TCP_USER_TIMEOUT). A value that the
 * program has set itself stays. */
static void watch(int fd, struct connection *connection, const struct tcp_info *info, bool on)
{
	unsigned int set = 0;
	unsigned int ms = on ? WATCH_MS : 0;
	socklen_t length = sizeof(set);
	/* The second retransmission and its acknowledgement have to fit, and the delay of timers. */
	unsigned int late_ms = 2 * info->tcpi_rtt / 1000 > 40 ? 2 * info->tcpi_rtt / 1000 : 40;

	if (on && 2 * (info->tcpi_rto >> (info->tcpi_backoff & 15)) / 1000 + late_ms > WATCH_MS)
		return;
	if (getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &set, &length) == 0 &&
		set == (on ? 0 : WATCH_MS) &&
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)) == 0)
		atomic_store(&connection->watched, on);
}

/* Fills the report with what the kernel says of the answer to the SYN. */
static void describe(struct report *report, const struct tcp_info *info)
{
	bool acknowledged = (info->tcpi_options & TCPI_OPT_SYN_DATA) != 0;

	report->connected = true;
	if (!report->hello)
		return;
	if (syn_was_lost(info)) {
		report->fast_open = "fell-back";
		report->reason = "no answer to the fast-open SYN";
	} else {
		report->fast_open = acknowledged ? "acknowledged" : "not-acknowledged";
		report->reason = acknowledged ? NULL : "the SYN-ACK did not cover the data";
	}
}

static void note_answer(struct connection *connection, const struct tcp_info *info)
{
	bool failed = connection->report.asked && syn_was_lost(info);

	if (atomic_exchange(&connection->answered, true))
		return;
	describe(&connection->report, info);
	memory_tell(&connection->address.any, MEMORY_ANSWERED | (failed ? MEMORY_FAILED : 0));
}

/* @heard: a byte of the peer's was read. Until then acknowledged data may be followed by nothing. */
static void look(int fd, struct connection *connection, bool heard)
{
	int saved = errno;
	struct tcp_info info;

	/* The first round-trip time is that of the SYN and its SYN-ACK: without it there was no answer. */
	if (connection->cookie == cookie_of(fd) && info_of(fd, &info) && info.tcpi_rtt > 0 &&
		!is_connecting(&info)) {
		/* A SYN with data counts as one delivery. */
		bool follow_up = info.tcpi_delivered > 1;

		if (heard || follow_up || !connection->report.hello)
			note_answer(connection, &info);
		if (connection->report.hello && !follow_up &&
			(info.tcpi_options & TCPI_OPT_SYN_DATA) != 0) {
			if (!heard && !atomic_load(&connection->watched))
				watch(fd, connection, &info, true);
		} else if (atomic_load(&connection->answered)) {
			if (atomic_load(&connection->watched))
				watch(fd, connection, &info, false);
			(void)change(connection, BEGUN, SETTLED);
		}
	}
	errno = saved;
}

void connection_writes(int fd)
{
	struct connection *connection = of(fd);

	if (connection != NULL && atomic_load(&connection->state) == BEGUN)
		look(fd, connection, false);
}

void connection_has_read(int fd, ssize_t result)
{
	struct connection *connection = of(fd);

	if (connection == NULL || atomic_load(&connection->state) != BEGUN)
		return;
	if (result > 0)
		look(fd, connection, true);
	else if (result < 0 && errno != EAGAIN && errno != EINTR)
		connection->report.error = errno;
}

bool connection_peer(int fd, struct sockaddr *ret_address, socklen_t *length)
{
	const struct connection *connection = of(fd);

	if (connection == NULL || connection->cookie != cookie_of(fd))
		return false;
	memcpy(ret_address, &connection->address,
		*length < connection->length ? *length : connection->length);
	*length = connection->length;
	return true;
}

/* Did fast open fail with a connection that ends before something that followed the SYN was acknowledged? */
static bool has_failed(const struct connection *connection, const struct tcp_info *info)
{
	int error = connection->report.error;

	if (!connection->report.hello || atomic_load(&connection->state) != BEGUN)
		return false;
	if (time(NULL) - connection->begun >= PATIENCE_S || error == ETIMEDOUT)
		return true;
	return !atomic_load(&connection->answered) && (error != 0 || info->tcpi_total_retrans > 0);
}

void connection_end(int fd)
{
	struct connection *connection = of(fd);
	int saved = errno;
	struct tcp_info info = {0};

	/* The child of vfork(2) closes its own descriptors, and has its parent's memory. */
	if (connection == NULL || getpid() != owner)
		return;
	bool same = connection->cookie == cookie_of(fd) && info_of(fd, &info);

	connection_writes(fd);
	bool failed = same && has_failed(connection, &info);
	int state = atomic_load(&connection->state);

	if (state == NONE || !change(connection, state, NONE))
		return;
	if (same && info.tcpi_rtt > 0 && !atomic_load(&connection->answered))
		describe(&connection->report, &info);
	if (failed)
		memory_tell(&connection->address.any, MEMORY_FAILED);
	report_write(&connection->report, &connection->address.any);
	errno = saved;
}
