/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/ask.h"

#include <poll.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "support/suite.h"

#define PATIENCE_MS 30000

void ask_start(struct ask *ask, const char *host, const char *service, int family)
{
	ask->begun_us = clock_us();
	ask->resolve = resolve_start(host, service, family, ask->begun_us);
	assert_non_null(ask->resolve);
}

/* One turn of the loop. */
static void wait_once(struct ask *ask, int64_t deadline)
{
	struct pollfd fd = {.fd = resolve_fd(ask->resolve), .events = POLLIN};
	int64_t now_us = clock_us();
	int64_t next = deadline_earlier(resolve_next(ask->resolve, now_us), deadline);

	int ready = poll(&fd, 1, deadline_poll(next, now_us));
	assert_true(ready >= 0);
	resolve_advance(ask->resolve, clock_us());
}

bool ask_next(struct ask *ask, int64_t deadline, struct address *ret_address)
{
	while (!resolve_take(ask->resolve, clock_us(), ret_address)) {
		if (resolve_status(ask->resolve) != RESOLVE_ASKING ||
			deadline_passed(deadline, clock_us()))
			return false;
		wait_once(ask, deadline);
	}
	return true;
}

static void next_text(struct ask *ask, char text[ADDRESS_TEXT_SIZE])
{
	struct address address;

	snprintf(text, ADDRESS_TEXT_SIZE, "%s", "");
	if (ask_next(ask, deadline_in(clock_us(), PATIENCE_MS), &address))
		address_print(&address, text, ADDRESS_TEXT_SIZE);
}

void ask_expect(struct ask *ask, const char *address)
{
	char text[ADDRESS_TEXT_SIZE];

	next_text(ask, text);
	if (text[0] == '\0')
		fail_msg("%s did not come: %s", address, resolve_error(ask->resolve));
	assert_string_equal(text, address);
}

void ask_expect_end(struct ask *ask, enum resolve_status status, const char *error)
{
	char text[ADDRESS_TEXT_SIZE];

	next_text(ask, text);
	assert_string_equal(text, "");
	if (resolve_status(ask->resolve) != status ||
		strstr(resolve_error(ask->resolve), error) == NULL)
		fail_msg("status %d, \"%s\" instead of %d, \"%s\"",
			(int)resolve_status(ask->resolve), resolve_error(ask->resolve), (int)status,
			error);
	/* Nothing is left to wait for. */
	assert_int_equal(resolve_fd(ask->resolve), -1);
	assert_int_equal(resolve_next(ask->resolve, clock_us()), DEADLINE_NEVER);
	assert_true(resolve_settled(ask->resolve, clock_us()));
}

void ask_expect_nothing_yet(struct ask *ask)
{
	struct address address;

	assert_false(resolve_take(ask->resolve, clock_us(), &address));
	assert_int_equal(resolve_status(ask->resolve), RESOLVE_ASKING);
}

int64_t ask_elapsed_ms(const struct ask *ask)
{
	return (clock_us() - ask->begun_us) / 1000;
}

void ask_end(struct ask *ask)
{
	resolve_free(ask->resolve);
	ask->resolve = NULL;
}

void ask_whole(const char *host, int family, const char *addresses)
{
	char text[1024];
	char *rest = text;
	struct ask ask;

	snprintf(text, sizeof(text), "%s", addresses);
	ask_start(&ask, host, "443", family);
	while (resolve_status(ask.resolve) == RESOLVE_ASKING)
		wait_once(&ask, deadline_in(clock_us(), PATIENCE_MS));
	for (char *word; (word = strsep(&rest, " ")) != NULL;)
		ask_expect(&ask, word);
	ask_expect_end(&ask, RESOLVE_DONE, "");
	ask_end(&ask);
}

void ask_failure(
	const char *host, const char *service, enum resolve_status status, const char *error)
{
	struct ask ask;

	ask_start(&ask, host, service, AF_UNSPEC);
	ask_expect_end(&ask, status, error);
	ask_end(&ask);
}
