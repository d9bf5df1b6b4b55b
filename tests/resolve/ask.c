/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/ask.h"

#include <poll.h>

#include "base/clock.h"
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
	struct pollfd fd = {.fd = ask->resolve->wake, .events = POLLIN};
	int64_t now_us = clock_us();
	int64_t next = deadline_of_us(resolve_next(ask->resolve, now_us));

	next = deadline_earlier(next, deadline);

	int ready = poll(&fd, 1, deadline_poll(next, now_us));
	assert_true(ready >= 0);
	resolve_advance(ask->resolve, clock_us());
}

bool ask_next(struct ask *ask, int64_t deadline, struct address *ret_address)
{
	while (!answers_take(&ask->resolve->answers, clock_us(), ret_address)) {
		if (ask->resolve->wake < 0 || deadline_passed(deadline, clock_us()))
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
		fail_msg("%s did not come: %s", address, failure_text(&ask->resolve->failure));
	assert_string_equal(text, address);
}

void ask_expect_end(struct ask *ask, int code, const char *error)
{
	char text[ADDRESS_TEXT_SIZE];

	next_text(ask, text);
	assert_string_equal(text, "");
	const struct failure *failure = &ask->resolve->failure;
	if (failure->code != code || strstr(failure_text(failure), error) == NULL)
		fail_msg("code %d, \"%s\" instead of %d, \"%s\"", failure->code,
			failure_text(failure), code, error);
	/* Nothing is left to wait for. */
	assert_int_equal(ask->resolve->wake, -1);
	assert_int_equal(resolve_next(ask->resolve, clock_us()), -1);
}

void ask_expect_nothing_yet(struct ask *ask)
{
	struct address address;

	assert_false(answers_take(&ask->resolve->answers, clock_us(), &address));
	assert_true(ask->resolve->wake >= 0);
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
	while (ask.resolve->wake >= 0)
		wait_once(&ask, deadline_in(clock_us(), PATIENCE_MS));
	for (char *word; (word = strsep(&rest, " ")) != NULL;)
		ask_expect(&ask, word);
	ask_expect_end(&ask, 0, "");
	ask_end(&ask);
}

void ask_failure(const char *host, const char *service, int code, const char *error)
{
	struct ask ask;

	ask_start(&ask, host, service, AF_UNSPEC);
	ask_expect_end(&ask, code, error);
	ask_end(&ask);
}
