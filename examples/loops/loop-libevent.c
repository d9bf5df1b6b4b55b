/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A page by libevent's loop:
 *
 *	loop-libevent HOST PORT CAFILE
 */
#include <event2/event.h>

#include "page.h"

struct visit {
	struct page page;
	struct event *event;
	int ret;
};

static void step(evutil_socket_t fd, short what, void *arg)
{
	struct visit *visit = arg;
	int wait_ms;

	(void)fd;
	(void)what;
	visit->ret = page_step(&visit->page);
	if (visit->ret != GNUTLS_E_AGAIN)
		return;
	wait_ms = page_wait_ms(&visit->page);
	struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
	event_add(visit->event, wait_ms < 0 ? NULL : &wait);
}

int main(int argc, char **argv)
{
	struct visit visit;
	struct event_base *base = event_base_new();

	visit.ret = page_begin(&visit.page, argc, argv);
	if (base != NULL && visit.ret == 0) {
		/* An event without EV_PERSIST is for once; step() adds it again. The loop ends when none is left. */
		visit.event = event_new(base, page_fd(&visit.page), EV_READ, step, &visit);
		step(-1, 0, &visit);
		event_base_dispatch(base);
		event_free(visit.event);
	}
	page_end(&visit.page);
	if (base != NULL)
		event_base_free(base);
	return visit.ret < 0;
}
