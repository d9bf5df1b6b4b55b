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

void waits_deinit(struct waits *waits)
{
	if (waits->epoll >= 0)
		close(waits->epoll);
	free(waits->now.list);
	free(waits->next.list);
	*waits = (struct waits){.epoll = -1, .wake_us = -1, .unshared = waits->unshared};
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

/* The epoll descriptor is new every time: a descriptor in the old one may be closed since, and to wait for several is
 * rare. */
static int make_epoll(struct waits *waits)
{
	waits->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (waits->epoll < 0)
		return -1;
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

	waits->now = waits->next;
	waits->next = (struct wait_list){.list = old.list};
	waits->polled = false;
	/* The old descriptor is closed after the new one was made, so that their numbers differ: a program that
	 * watches by an epoll descriptor of its own must not take one for the other. */
	int before = waits->epoll;
	waits->epoll = -1;
	int ret = waits->now.count > 1 && !waits->unshared ? make_epoll(waits) : 0;
	if (before >= 0)
		close(before);
	return ret;
}

int waits_fd(const struct waits *waits)
{
	return waits->now.count == 1 ? waits->now.list[0].fd : waits->epoll;
}

short waits_events(const struct waits *waits)
{
	if (waits->now.count == 0)
		return 0;
	return waits->now.count == 1 ? waits->now.list[0].events : POLLIN;
}

int waits_poll(struct waits *waits, int timeout_ms)
{
	/* Nothing is awaited yet when a connection begins. */
	bool pointless = waits->now.count == 0 && timeout_ms == 0;

	if (!pointless && poll(waits->now.list, waits->now.count, timeout_ms) < 0)
		return errno == EINTR ? 0 : -1;
	waits->polled = true;
	return 0;
}

int waits_look(struct waits *waits, int64_t deadline, int64_t *ret_now_us)
{
	int64_t now_us = clock_us();
	bool due = deadline_passed(deadline, now_us) ||
		   (waits->wake_us >= 0 && now_us >= waits->wake_us);

	*ret_now_us = now_us;
	return waits->polled && !due ? 0 : waits_poll(waits, 0);
}

short waits_found(const struct waits *waits, int fd)
{
	for (size_t i = 0; i < waits->now.count; i++)
		if (waits->now.list[i].fd == fd)
			return waits->now.list[i].revents;
	return 0;
}
