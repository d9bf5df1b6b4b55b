/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connection waits for one descriptor as it is, and for several by epoll(7), each with all its
 * events.
 */

#include "net/waits.h"

#include <unistd.h>

#include "support/suite.h"

enum { PIPES = 3 };

struct scene {
	int pipes[PIPES][2];
	struct waits waits;
};

static void begin(struct scene *scene)
{
	*scene = (struct scene){0};
	for (size_t i = 0; i < PIPES; i++)
		assert_int_equal(pipe(scene->pipes[i]), 0);
	waits_init(&scene->waits);
}

static void end(struct scene *scene)
{
	waits_deinit(&scene->waits);
	for (size_t i = 0; i < PIPES; i++) {
		close(scene->pipes[i][0]);
		close(scene->pipes[i][1]);
	}
}

static short found_after_poll(struct scene *scene, int fd)
{
	assert_int_equal(waits_publish(&scene->waits), 0);
	assert_int_equal(waits_poll(&scene->waits, 0, -1), 0);
	return waits_found(&scene->waits, fd);
}

static void one_is_itself(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	assert_true(waits_add(&scene.waits, scene.pipes[0][1], POLLOUT));
	assert_int_equal(found_after_poll(&scene, scene.pipes[0][1]), POLLOUT);
	assert_int_equal(waits_fd(&scene.waits), scene.pipes[0][1]);
	assert_int_equal(waits_events(&scene.waits), POLLOUT);
	end(&scene);
}

/* A program that is told another number knows that it is another descriptor. */
static void numbers_change_with_what_is_meant(void **state)
{
	struct scene scene;
	int before = -1;

	(void)state;
	begin(&scene);
	for (int i = 0; i < 4; i++) {
		assert_true(waits_add(&scene.waits, scene.pipes[0][0], POLLIN));
		assert_true(waits_add(&scene.waits, scene.pipes[1][0], POLLIN));
		assert_int_equal(waits_publish(&scene.waits), 0);
		assert_true(waits_fd(&scene.waits) >= 0);
		assert_int_not_equal(waits_fd(&scene.waits), before);
		before = waits_fd(&scene.waits);
	}
	end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_itself),
		cmocka_unit_test(numbers_change_with_what_is_meant),
	};

	return suite_run_offline("waits", tests, suite_length(tests));
}
