/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Opens many connections at once on one thread, with epoll, in one of the ways of many_way.h:
 *
 *	bench-many-client WAY COUNT all|each|strangers CA-FILE ADDRESS PORT
 *
 * "all" starts every connection before it goes on with the first; "each" opens one after the other
 * with poll(2), so that system calls can be counted. One connection is opened before anything is
 * measured: it brings the cookie, and what GnuTLS loads once. "strangers" are "all", but that one is another process's,
 * so that nothing but the cookie is known. Prints a line (many_result.h) when all
 * are open. Exit status 0, also when connections failed.
 */

#include "many_result.h"
#include "many_way.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, SWEEP_MS = 10, COUNT_MOST = 100000 };

/* A connection and what epoll was last told of it. */
struct slot {
	struct many_conn conn;
	int64_t deadline;
	int fd;
	short events;
	bool open;
	bool over;
};

struct crowd {
	const struct many_way *way;
	const struct many_target *target;
	struct slot *slots;
	size_t count;
	size_t left; /* neither open nor failed */
	int epoll;
	int64_t earliest; /* no deadline is before it, in milliseconds */
	bool told;	  /* of the first failure */
	struct many_result result;
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t heap_used(void)
{
	struct mallinfo2 info = mallinfo2();

	return (int64_t)(info.uordblks + info.hblkhd);
}

static int64_t time_us(struct timeval time)
{
	return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

static void note_usage(struct many_result *result, int sign)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	result->user_us += sign * time_us(usage.ru_utime);
	result->cpu_us += sign * (time_us(usage.ru_utime) + time_us(usage.ru_stime));
	result->wall_us += sign * now_us();
	getrusage(RUSAGE_SELF, &usage);
	result->resident_peak = (int64_t)usage.ru_maxrss * 1024;
}

static int64_t count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int64_t count = 0;

	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	return count;
}

static void watch(struct crowd *crowd, struct slot *slot)
{
	int fd = crowd->way->descriptor(&slot->conn);
	short events = crowd->way->events(&slot->conn);
	struct epoll_event event = {
		.events = ((events & POLLIN) ? EPOLLIN : 0U) | ((events & POLLOUT) ? EPOLLOUT : 0U),
		.data.ptr = slot,
	};

	slot->deadline = crowd->way->deadline(&slot->conn);
	if (slot->deadline >= 0 && slot->deadline < crowd->earliest)
		crowd->earliest = slot->deadline;
	if (fd == slot->fd && events == slot->events)
		return;
	if (fd != slot->fd && slot->fd >= 0)
		(void)epoll_ctl(crowd->epoll, EPOLL_CTL_DEL, slot->fd, NULL);
	/* Another descriptor may have the number of the one before. */
	if (fd >= 0 && (fd != slot->fd || epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, fd, &event) < 0))
		(void)epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, fd, &event);
	slot->fd = fd;
	slot->events = events;
}

static void settle(struct crowd *crowd, struct slot *slot, int ret)
{
	if (ret == GNUTLS_E_AGAIN) {
		watch(crowd, slot);
		return;
	}
	slot->over = true;
	slot->open = ret == 0;
	crowd->left--;
	crowd->result.opened += ret == 0;
	crowd->result.failed += ret != 0;
	if (slot->fd >= 0)
		(void)epoll_ctl(crowd->epoll, EPOLL_CTL_DEL, slot->fd, NULL);
	if (ret != 0 && !crowd->told)
		fprintf(stderr, "bench-many-client: %s: %s (errno %s)\n", crowd->way->name,
			gnutls_strerror(ret), strerror(errno));
	crowd->told = crowd->told || ret != 0;
}

static void start_all(struct crowd *crowd)
{
	size_t i;

	for (i = 0; i < crowd->count; i++) {
		struct slot *slot = &crowd->slots[i];

		settle(crowd, slot, crowd->way->start(crowd->target, &slot->conn));
	}
}

/* Those whose time has come though nothing happened. */
static void sweep(struct crowd *crowd)
{
	int64_t now = now_us() / 1000;
	size_t i;

	if (now < crowd->earliest)
		return;
	crowd->earliest = INT64_MAX;
	for (i = 0; i < crowd->count; i++) {
		struct slot *slot = &crowd->slots[i];

		if (slot->over || slot->deadline < 0)
			continue;
		if (slot->deadline <= now)
			settle(crowd, slot, crowd->way->advance(&slot->conn));
		else if (slot->deadline < crowd->earliest)
			crowd->earliest = slot->deadline;
	}
}

static void open_all(struct crowd *crowd)
{
	struct epoll_event events[EVENTS];
	int64_t swept = now_us();

	while (crowd->left > 0) {
		int count = epoll_wait(crowd->epoll, events, EVENTS, SWEEP_MS);
		int i;

		for (i = 0; i < count; i++) {
			struct slot *slot = events[i].data.ptr;

			if (!slot->over)
				settle(crowd, slot, crowd->way->advance(&slot->conn));
		}
		if (now_us() - swept < SWEEP_MS * 1000)
			continue;
		sweep(crowd);
		swept = now_us();
	}
}

static int open_one(const struct crowd *crowd, struct many_conn *conn)
{
	const struct many_way *way = crowd->way;
	int ret = way->start(crowd->target, conn);

	while (ret == GNUTLS_E_AGAIN) {
		struct pollfd wanted = {.fd = way->descriptor(conn), .events = way->events(conn)};
		int64_t deadline = way->deadline(conn);
		int64_t left = deadline - now_us() / 1000;

		poll(&wanted, 1, deadline < 0 ? -1 : left > 0 ? (int)left : 0);
		ret = way->advance(conn);
	}
	return ret;
}

static void open_each(struct crowd *crowd)
{
	size_t i;

	for (i = 0; i < crowd->count; i++)
		settle(crowd, &crowd->slots[i], open_one(crowd, &crowd->slots[i].conn));
}

/* The report asks the system questions of its own, which are not counted among those of a connection. */
static void close_all(struct crowd *crowd, bool each)
{
	size_t i;

	for (i = 0; i < crowd->count; i++) {
		struct slot *slot = &crowd->slots[i];

		if (!each)
			crowd->result.attempts += crowd->way->attempts(&slot->conn);
		crowd->way->close(&slot->conn);
	}
}

static void measure(struct crowd *crowd, bool each)
{
	struct many_result *result = &crowd->result;
	int64_t heap = heap_used();
	int64_t descriptors = count_descriptors();

	note_usage(result, -1);
	if (each) {
		open_each(crowd);
	} else {
		start_all(crowd);
		result->heap_started = heap_used() - heap;
		if (crowd->count > 1)
			result->fds_started = count_descriptors() - descriptors;
		open_all(crowd);
	}
	note_usage(result, 1);
	result->heap_open = heap_used() - heap;
	result->fds_open = count_descriptors() - descriptors;
}

static bool warm_up(const struct crowd *crowd)
{
	struct many_conn conn = {.fd = -1};
	int ret = open_one(crowd, &conn);

	crowd->way->close(&conn);
	if (ret != 0)
		fprintf(stderr, "bench-many-client: %s: %s\n", crowd->way->name,
			gnutls_strerror(ret));
	return ret == 0;
}

static bool warm_up_elsewhere(const struct crowd *crowd)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(warm_up(crowd) ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static const struct many_way *find_way(const char *name)
{
	static const struct many_way *const ways[] = {&many_way_client, &many_way_transport,
		&many_way_transport_blocking, &many_way_plain, &many_way_plain_blocking,
		&many_way_fastopen, &many_way_fastopen_blocking};
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i]->name, name) == 0)
			return ways[i];
	}
	return NULL;
}

static bool find_target(char **argv, struct many_target *target)
{
	struct sockaddr_in *address = (struct sockaddr_in *)&target->address;

	*target = (struct many_target){.ca_file = argv[0], .host = argv[1], .port = argv[2]};
	target->length = sizeof(*address);
	address->sin_family = AF_INET;
	address->sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	return inet_pton(AF_INET, argv[1], &address->sin_addr) == 1;
}

static int64_t raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return (int64_t)limit.rlim_max;
}

int main(int argc, char **argv)
{
	struct many_target target;
	struct crowd crowd = {.target = &target, .earliest = INT64_MAX};
	size_t i;

	if (argc != 7 || !find_target(argv + 4, &target))
		return 2;
	crowd.way = find_way(argv[1]);
	crowd.count = strtoul(argv[2], NULL, 10);
	crowd.left = crowd.count;
	crowd.result.fds_most = raise_limit();
	if (!crowd.way || crowd.count > COUNT_MOST || crowd.way->begin(&target) < 0)
		return 2;
	crowd.slots = calloc(crowd.count + 1, sizeof(*crowd.slots));
	crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!crowd.slots || crowd.epoll < 0 ||
		!(strcmp(argv[3], "strangers") == 0 ? warm_up_elsewhere : warm_up)(&crowd))
		return 1;
	for (i = 0; i < crowd.count; i++)
		crowd.slots[i] = (struct slot){.conn = {.fd = -1}, .fd = -1, .deadline = -1};
	measure(&crowd, strcmp(argv[3], "each") == 0);
	close_all(&crowd, strcmp(argv[3], "each") == 0);
	many_result_write(stdout, &crowd.result, ' ');
	crowd.way->end();
	free(crowd.slots);
	return fflush(stdout) == EOF;
}
