/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The lists of addresses and of attempts: how an attempt is made, and what they all came to. */

#include "open/opening.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "base/text.h"
#include "net/stream.h"

bool candidates_add(struct candidates *candidates, const struct address *address)
{
	struct candidate *list =
		reallocarray(candidates->list, candidates->count + 1, sizeof(*list));

	if (list == NULL)
		return false;
	candidates->list = list;
	list[candidates->count++] = (struct candidate){.address = *address};
	return true;
}

static int prepare(const struct opening_means *means, int fd, int family)
{
	int error = means->hook != NULL ? means->hook(fd, family, means->hook_data) : 0;

	if (error != 0) {
		errno = error;
		return -1;
	}
	/* Without TCP_NODELAY the small records of a handshake wait for each other's acknowledgement. */
	if (stream_set_nodelay(fd) != 0)
		return -1;
	return address_family(means->local) != 0 ? stream_bind(fd, means->local) : 0;
}

struct attempt *opening_attempt(struct opening *opening, size_t candidate, bool plain)
{
	const struct address *to = &opening->candidates.list[candidate].address;
	struct attempt *attempts =
		reallocarray(opening->attempts, opening->attempt_count + 1, sizeof(*attempts));

	if (attempts == NULL) {
		failure_set(opening->means.failure, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
		return NULL;
	}
	opening->attempts = attempts;
	struct attempt *attempt = &attempts[opening->attempt_count++];
	int fd = stream_socket(address_family(to), true);
	attempt_init(attempt, fd, to, plain);
	attempt->candidate = (unsigned char)candidate;
	if (fd >= 0 && prepare(&opening->means, fd, address_family(to)) == 0)
		return attempt;
	attempt_failed(attempt, errno);
	attempt_close(attempt);
	return attempt;
}

int opening_failed(struct opening *opening, int code)
{
	const struct address *local = opening->means.local;
	char list[FAILURE_TEXT_SIZE] = "";
	char peer[ADDRESS_TEXT_SIZE];
	struct text text;
	int error = 0;

	text_init(&text, list, sizeof(list));
	text_add(&text, "%s",
		code == GNUTLS_E_TIMEDOUT ? "not connected before the deadline: " : "");
	for (size_t i = 0; i < opening->attempt_count; i++) {
		const struct attempt *attempt = &opening->attempts[i];

		/* An attempt has no error when it lost against another one, which then failed itself. */
		if (attempt->error == 0)
			continue;
		address_print(&attempt->address, peer, sizeof(peer));
		text_add(&text, "%s%s port %u", error != 0 ? "; " : "", peer,
			address_port(&attempt->address));
		error = error != 0 ? error : attempt->error;
		if (address_family(local) != 0) {
			address_print(local, peer, sizeof(peer));
			text_add(&text, " from %s", peer);
		}
		text_add(&text, ": %s", strerror(attempt->error));
	}
	return failure_set(opening->means.failure, code, error, "%s", list);
}

struct attempt *opening_described(const struct opening *opening)
{
	struct attempt *found = NULL;

	for (size_t i = opening->first; i < opening->attempt_count; i++) {
		struct attempt *attempt = &opening->attempts[i];
		int better = found == NULL ? 1 : (attempt->fd >= 0) - (found->fd >= 0);

		if (attempt->fd < 0 && !attempt->facts_kept)
			continue;
		if (better > 0 || (better == 0 && (attempt->asked || !found->asked)))
			found = attempt;
	}
	return found;
}
