/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/waits.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"

void waits_init(struct waits *waits)
{
	*waits = (struct waits){.epoll = -1, .wake_us = -1};
}

int waits_keep_steady(struct waits *waits)
{
	waits->epoll = epoll_create1(EPOLL_CLOEXEC);
	waits->steady = waits->epoll >= 0;
	return waits->steady ? 0 : -1;
}

void waits_restart(struct waits *waits)
{
	waits->next.count = 0;
	waits->wake_us = -1;
}

void waits_wake_at(struct waits *waits, int64_t us)
{
	if (us >= 0 && (waits->wake_us < 0 || us < waits->wake_us))
		waits->wake_us = us;
}

bool waits_add(struct waits *waits, int fd, short events)
{
	struct wait_list *next = &waits->next;
	struct pollfd *list = reallocarray(next->list, next->count + 1, sizeof(*list));

	if (list == NULL)
		return false;
	next->list = list;
	list[next->count++] = (struct pollfd){.fd = fd, .events = events};
	return true;
}

static int add_events(const struct waits *waits)
{
	for (size_t i = 0; i < waits->now.count; i++) {
		const struct pollfd *wanted = &waits->now.list[i];
		struct epoll_event event = {
			.events = ((wanted->events & POLLIN) != 0 ? EPOLLIN : 0U) |
				  ((wanted->events & POLLOUT) != 0 ? EPOLLOUT : 0U),
		};

		if (epoll_ctl(waits->epoll, EPOLL_CTL_ADD, wanted->fd, &event) != 0)
			return -1;
	}
	return 0;
}

int waits_publish(struct waits *waits)
{
	struct wait_list old = waits->now;
	int before = waits->epoll;
	int ret = 0;

	waits->now = waits->next;
	waits->next = (struct wait_list){.list = old.list};
	waits->polled = false;
	if (waits->steady) {
		/* What was closed has left the epoll descriptor, and removing it again fails. */
		for (size_t i = 0; i < old.count; i++)
			(void)epoll_ctl(waits->epoll, EPOLL_CTL_DEL, old.list[i].fd, NULL);
		return add_events(waits);
	}
	/* The epoll descriptor is new every time: a descriptor in the old one may be closed since, and to wait for several
	 * is rare. The old one is closed after the new one was made, so that their numbers differ: a program that
	 * watches by an epoll descriptor of its own must not take one for the other. */
	waits->epoll = -1;
	if (waits->now.count > 1 && !waits->unshared) {
		waits->epoll = epoll_create1(EPOLL_CLOEXEC);
		ret = waits->epoll >= 0 ? add_events(waits) : -1;
	}
	if (before >= 0)
		close(before);
	return ret;
}

void waits_deinit(struct waits *waits)
{
	waits_restart(waits);
	int error = waits->steady ? waits_publish(waits) : 0;
	(void)error;
	if (!waits->steady && waits->epoll >= 0)
		close(waits->epoll);
	free(waits->now.list);
	free(waits->next.list);
	*waits = (struct waits){.epoll = waits->steady ? waits->epoll : -1,
		.wake_us = -1,
		.unshared = waits->unshared,
		.steady = waits->steady};
}

int waits_fd(const struct waits *waits)
{
	return waits->now.count == 1 && !waits->steady ? waits->now.list[0].fd : waits->epoll;
}

short waits_events(const struct waits *waits)
{
	if (waits->now.count == 1 && !waits->steady)
		return waits->now.list[0].events;
	return waits->now.count > 0 || waits->steady ? POLLIN : 0;
}

int waits_poll(struct waits *waits, int timeout_ms, int alarm)
{
	struct wait_list *now = &waits->now;

	/* Nothing is awaited yet when a connection begins. */
	if (now->count > 0 || timeout_ms != 0) {
		struct pollfd *list = reallocarray(now->list, now->count + 1, sizeof(*list));

		if (list == NULL)
			return -1;
		now->list = list;
		list[now->count] = (struct pollfd){.fd = alarm, .events = POLLIN};
		if (poll(list, now->count + 1, timeout_ms) < 0)
			return errno == EINTR ? 0 : -1;
	}
	waits->polled = true;
	return 0;
}

int waits_look(struct waits *waits, int64_t deadline, int64_t *ret_now_us)
{
	int64_t now_us = clock_us();
	bool due = deadline_passed(deadline, now_us) ||
		   (waits->wake_us >= 0 && now_us >= waits->wake_us);

	*ret_now_us = now_us;
	return waits->polled && !due ? 0 : waits_poll(waits, 0, -1);
}

short waits_found(const struct waits *waits, int fd)
{
	for (size_t i = 0; i < waits->now.count; i++)
		if (waits->now.list[i].fd == fd)
			return waits->now.list[i].revents;
	return 0;
}
