/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A page by libuv's loop:
 *
 *	loop-libuv HOST PORT CAFILE
 */
#include <uv.h>

#include "page.h"

struct visit {
	struct page page;
	uv_poll_t poll;
	uv_timer_t timer;
	int ret;
};

static void on_time(uv_timer_t *timer);

static void step(struct visit *visit)
{
	int wait_ms;

	visit->ret = page_step(&visit->page);
	uv_timer_stop(&visit->timer);
	if (visit->ret != GNUTLS_E_AGAIN) {
		/* The loop ends when no handle is left. */
		uv_close((uv_handle_t *)&visit->poll, NULL);
		uv_close((uv_handle_t *)&visit->timer, NULL);
		return;
	}
	wait_ms = page_wait_ms(&visit->page);
	if (wait_ms >= 0)
		uv_timer_start(&visit->timer, on_time, (uint64_t)wait_ms, 0);
}

static void on_time(uv_timer_t *timer)
{
	step(timer->data);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	step(poll->data);
}

int main(int argc, char **argv)
{
	struct visit visit;
	uv_loop_t *loop = uv_default_loop();

	visit.ret = page_begin(&visit.page, argc, argv);
	if (visit.ret == 0) {
		visit.poll.data = &visit;
		visit.timer.data = &visit;
		uv_timer_init(loop, &visit.timer);
		uv_poll_init(loop, &visit.poll, page_fd(&visit.page));
		uv_poll_start(&visit.poll, UV_READABLE, on_event);
		step(&visit);
		uv_run(loop, UV_RUN_DEFAULT);
	}
	page_end(&visit.page);
	uv_loop_close(loop);
	return visit.ret < 0;
}
