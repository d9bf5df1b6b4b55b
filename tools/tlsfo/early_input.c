/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "early_input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Reads in a row that find nothing. No clock bounds them: --timeout begins when the input was read. */
#define FRUITLESS_MOST 1000

int early_input_read(int fd, struct early_input *ret_input)
{
	unsigned int fruitless = 0;

	ret_input->len = 0;
	ret_input->ended = false;
	while (ret_input->len < EARLY_INPUT_MAX && !ret_input->ended) {
		ssize_t count = read(
			fd, ret_input->data + ret_input->len, EARLY_INPUT_MAX - ret_input->len);

		if (count >= 0) {
			ret_input->len += (size_t)count;
			ret_input->ended = count == 0;
			fruitless = 0;
		} else if ((errno != EAGAIN && errno != EINTR) || fruitless++ == FRUITLESS_MOST) {
			return errno;
		} else if (errno == EAGAIN) {
			/* Another process that shares the open file may have made it non-blocking. */
			(void)poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1);
		}
	}
	return 0;
}
