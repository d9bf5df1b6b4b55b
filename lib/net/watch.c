/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/watch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* Acknowledgements may come this much later: timers are no finer than some milliseconds. */
#define LATE_MS 40

static int user_timeout(int fd)
{
	unsigned int ms = 0;
	socklen_t len = sizeof(ms);

	return getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, &len) == 0 ? (int)ms : -1;
}

static int time_for(const struct tcp_facts *facts, enum watch_most most)
{
	int rtt_ms = (int)(facts->rtt_us / 1000) + 1;
	int rto_ms = (int)(facts->rto_us / 1000);
	int second_ms = 2 * rto_ms + (2 * rtt_ms > LATE_MS ? 2 * rtt_ms : LATE_MS);

	if (most == WATCH_OWN_SOCKET)
		return second_ms <= (int)most ? (int)most : 0;
	return 6 * rto_ms + rtt_ms <= (int)most ? (int)most : second_ms;
}

void watch_look(struct watch *watch, int fd, const struct tcp_facts *facts)
{
	/* Where the kernel does not answer, there is nothing to be watched. */
	struct tcp_facts asked = {0};

	if (!watch->open)
		return;
	if (facts == NULL) {
		(void)tcp_facts_read(fd, &asked);
		facts = &asked;
	}
	watch->open = facts->syn_data_acknowledged && !facts->follow_up_acknowledged;
	int wanted = watch->open ? time_for(facts, watch->most) : 0;
	unsigned int ms = (unsigned int)wanted;

	/* A value that the program has set itself stays. */
	if (wanted == watch->set || (watch->shared && user_timeout(fd) != watch->set))
		return;
	if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)) == 0)
		watch->set = wanted;
}

bool watch_look_at_own(int fd, bool watched)
{
	struct watch watch = {.open = true,
		.shared = true,
		.most = WATCH_OWN_SOCKET,
		.set = watched ? WATCH_OWN_SOCKET : 0};

	watch_look(&watch, fd, NULL);
	return watch.open && watch.set != 0;
}

bool watch_found_swallowed(const struct tcp_facts *facts, int error)
{
	return (error == 0 || error == ETIMEDOUT) && facts->phase == TCP_PHASE_CLOSED &&
	       facts->syn_data_acknowledged && !facts->follow_up_acknowledged &&
	       facts->timeouts > 0;
}
