/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "drive.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "never_wait.h"

enum { RESTLESS_MS = 3, DRIVES_MAX = 256 };

void drive_start(struct drive *drive, struct path *path, int64_t deadline)
{
	struct tlsfo_store *store = NULL;
	char service[8];

	*drive = (struct drive){.ret = GNUTLS_E_AGAIN, .fd = -1};
	if (path->connects) {
		visit_prepare(&drive->visit, &path->way, path->port);
		visit_offer(&drive->visit, path->host, deadline);
		/* For a path memory it waits for the server's first byte. */
		assert_int_equal(tlsfo_store_new(&store), 0);
		assert_int_equal(
			tlsfo_opening_set_store(drive->visit.opening, store, path->host), 0);
		tlsfo_store_free(store);
		assert_int_equal(tlsfo_opening_fd(drive->visit.opening), -1);
		return;
	}
	snprintf(service, sizeof(service), "%u", path->port);
	assert_int_equal(client_begin(path_config(path), path->host, service, NULL, 0, 0, deadline,
				 &drive->conn),
		0);
	assert_non_null(drive->conn);
	assert_int_equal(tlsfo_conn_fd(drive->conn), -1);
}

/* Half of the openings go before their sessions, half behind. */
static void end(struct drive *drive)
{
	tlsfo_conn_free(drive->conn);
	drive->conn = NULL;
	if (drive->visit.session == NULL)
		return;
	if (drive->most % 2 == 0) {
		int awaited = tlsfo_opening_fd(drive->visit.opening);

		tlsfo_opening_free(drive->visit.opening);
		drive->visit.opening = NULL;
		/* Its sockets do not wait for the session's end. */
		if (awaited >= 0)
			assert_int_equal(fcntl(awaited, F_GETFD), -1);
	}
	visit_close(&drive->visit);
	drive->visit = (struct visit){.fd = -1};
}

static bool is_under_way(const struct drive *drive)
{
	return (drive->conn != NULL || drive->visit.session != NULL) &&
	       drive->ret == GNUTLS_E_AGAIN;
}

static int64_t deadline_of(const struct drive *drive)
{
	return drive->conn != NULL ? tlsfo_conn_deadline(drive->conn)
				   : tlsfo_opening_deadline(drive->visit.opening);
}

static void advance(struct drive *drive)
{
	const struct tlsfo_opening *opening = drive->visit.opening;

	drive->ret = drive->conn != NULL
			     ? never_wait_advance(drive->conn)
			     : never_wait_advance_opening(drive->visit.opening, &drive->visit.fd);
	drive->steps++;
	if (drive->most != 0 && drive->steps >= drive->most)
		end(drive);
	bool waits = is_under_way(drive);
	drive->fd = -1;
	drive->events = 0;
	if (!waits)
		return;
	drive->fd = drive->conn != NULL ? tlsfo_conn_fd(drive->conn) : tlsfo_opening_fd(opening);
	drive->events = drive->conn != NULL ? tlsfo_conn_events(drive->conn)
					    : tlsfo_opening_events(opening);
	/* There is something to wait for, always. */
	assert_true(drive->fd >= 0 || deadline_of(drive) >= 0);
}

/* Milliseconds until the first deadline of all. */
static int time_left(const struct drive *drives, size_t count, enum drive_by by)
{
	int64_t least = by == DRIVE_RESTLESS ? RESTLESS_MS : -1;

	for (size_t i = 0; i < count; i++) {
		if (!is_under_way(&drives[i]))
			continue;
		int64_t deadline = deadline_of(&drives[i]);
		int64_t left = deadline - tlsfo_now();
		if (deadline < 0)
			continue;
		left = left < 0 ? 0 : left;
		least = least < 0 || left < least ? left : least;
	}
	return (int)least;
}

static bool is_due(const struct drive *drive)
{
	return deadline_of(drive) >= 0 && tlsfo_now() >= deadline_of(drive);
}

static bool any_under_way(const struct drive *drives, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_under_way(&drives[i]))
			return true;
	return false;
}

static void turn_by_poll(struct drive *drives, size_t count, enum drive_by by)
{
	struct pollfd fds[DRIVES_MAX];

	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){.fd = drives[i].fd, .events = drives[i].events};
	assert_true(poll(fds, count, time_left(drives, count, by)) >= 0);
	for (size_t i = 0; i < count; i++) {
		if (!is_under_way(&drives[i]))
			continue;
		assert_int_equal(fds[i].revents & POLLNVAL, 0);
		if (fds[i].revents != 0 || is_due(&drives[i]) || by == DRIVE_RESTLESS)
			advance(&drives[i]);
	}
}

/* The descriptor of before may be closed, and its number may be in use again. */
static void watch_by_epoll(int epoll, struct drive *drive, int old)
{
	struct epoll_event event = {.data.ptr = drive};

	if (old >= 0)
		(void)epoll_ctl(epoll, EPOLL_CTL_DEL, old, &event);
	if (drive->fd < 0)
		return;
	event.events = ((drive->events & POLLIN) != 0 ? EPOLLIN : 0U) |
		       ((drive->events & POLLOUT) != 0 ? EPOLLOUT : 0U);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, drive->fd, &event), 0);
}

static void advance_by_epoll(int epoll, struct drive *drive)
{
	int old = drive->fd;

	advance(drive);
	watch_by_epoll(epoll, drive, old);
}

static void turn_by_epoll(int epoll, struct drive *drives, size_t count)
{
	struct epoll_event events[DRIVES_MAX];
	int found = epoll_wait(epoll, events, DRIVES_MAX, time_left(drives, count, DRIVE_EPOLL));

	assert_true(found >= 0);
	for (int i = 0; i < found; i++)
		if (is_under_way(events[i].data.ptr))
			advance_by_epoll(epoll, events[i].data.ptr);
	for (size_t i = 0; i < count; i++)
		if (is_under_way(&drives[i]) && is_due(&drives[i]))
			advance_by_epoll(epoll, &drives[i]);
}

void drive_all(struct drive *drives, size_t count, enum drive_by by)
{
	int epoll = by == DRIVE_EPOLL ? epoll_create1(EPOLL_CLOEXEC) : -1;

	assert_true(count <= DRIVES_MAX);
	for (size_t i = 0; i < count; i++) {
		if (by == DRIVE_EPOLL)
			advance_by_epoll(epoll, &drives[i]);
		else
			advance(&drives[i]);
	}
	while (any_under_way(drives, count)) {
		if (by == DRIVE_EPOLL)
			turn_by_epoll(epoll, drives, count);
		else
			turn_by_poll(drives, count, by);
	}
	if (epoll >= 0)
		close(epoll);
	assert_true(never_wait_seen() > 0);
}

void drive_expect_open(const struct drive *drives, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (drives[i].ret != 0)
			fail_msg("connection %zu: %s: %s%s", i, tlsfo_strerror(drives[i].ret),
				tlsfo_conn_error(drives[i].conn),
				tlsfo_opening_error(drives[i].visit.opening));
}

void drive_free(struct drive *drives, size_t count)
{
	for (size_t i = 0; i < count; i++)
		end(&drives[i]);
}
