/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "early_input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int early_input_read(int fd, struct early_input *ret_input)
{
	ret_input->len = 0;
	ret_input->ended = false;
	while (ret_input->len < EARLY_INPUT_MAX && !ret_input->ended) {
		ssize_t count = read(
			fd, ret_input->data + ret_input->len, EARLY_INPUT_MAX - ret_input->len);

		/* Whoever shares the description may have made it non-blocking. */
		if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			(void)poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1);
		else if (count < 0 && errno != EINTR)
			return errno;
		if (count > 0)
			ret_input->len += (size_t)count;
		ret_input->ended = count == 0;
	}
	return 0;
}
