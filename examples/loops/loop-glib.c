/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A page by GLib's main loop:
 *
 *	loop-glib HOST PORT CAFILE
 */
#include <glib-unix.h>

#include "page.h"

struct visit {
	struct page page;
	GMainLoop *loop;
	guint timer;
	int ret;
};

static gboolean on_time(gpointer arg);

static void step(struct visit *visit)
{
	int wait_ms;

	visit->ret = page_step(&visit->page);
	if (visit->timer != 0)
		g_source_remove(visit->timer);
	visit->timer = 0;
	wait_ms = page_wait_ms(&visit->page);
	if (visit->ret != GNUTLS_E_AGAIN)
		g_main_loop_quit(visit->loop);
	else if (wait_ms >= 0)
		visit->timer = g_timeout_add((guint)wait_ms, on_time, visit);
}

static gboolean on_time(gpointer arg)
{
	struct visit *visit = arg;

	visit->timer = 0;
	step(visit);
	return G_SOURCE_REMOVE;
}

static gboolean on_event(gint fd, GIOCondition condition, gpointer arg)
{
	(void)fd;
	(void)condition;
	step(arg);
	return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv)
{
	struct visit visit = {.loop = g_main_loop_new(NULL, FALSE)};
	guint watch;

	visit.ret = page_begin(&visit.page, argc, argv);
	if (visit.ret == 0) {
		watch = g_unix_fd_add(page_fd(&visit.page), G_IO_IN, on_event, &visit);
		visit.timer = g_timeout_add(0, on_time, &visit);
		g_main_loop_run(visit.loop);
		g_source_remove(watch);
	}
	page_end(&visit.page);
	g_main_loop_unref(visit.loop);
	return visit.ret < 0;
}
