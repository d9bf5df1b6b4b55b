/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/names.h"

#include <errno.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/deadline.h"
#include "resolve/resolve.h"

static int fail_to_resolve(
	const struct resolve *resolve, const struct target *target, struct failure *failure)
{
	const char *error = resolve_error(resolve);
	int code = TLSFO_E_NAME_NOT_FOUND;

	if (resolve_status(resolve) == RESOLVE_NO_MEMORY)
		return failure_set(failure, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
	if (resolve_status(resolve) == RESOLVE_NO_SERVICE)
		return failure_set(failure, TLSFO_E_SERVICE_NOT_FOUND, 0, "%s", error);
	if (resolve_status(resolve) == RESOLVE_FAILED)
		code = TLSFO_E_NAME_LOOKUP_FAILED;
	/* The error names what was looked up, which may not be what was given. */
	if (strcmp(target->ascii, target->host) != 0)
		return failure_set(failure, code, 0, "%s: %s", target->host, error);
	return failure_set(failure, code, 0, "%s", error);
}

static int begin(struct names *names, struct target *target, const struct tlsfo_config *config,
	int64_t now_us, struct failure *failure)
{
	int local_family = address_family(&config->local);
	int family = local_family != 0 ? local_family : config->family;

	names->begun = true;
	if (config->family != AF_UNSPEC && family != config->family)
		return failure_set(failure, TLSFO_E_NAME_NOT_FOUND, 0,
			"%s: the local address is not of the family to be used", target->host);
	int ret = target_convert(target, failure);
	if (ret != 0)
		return ret;
	names->resolve = resolve_start(target->ascii, target->service, family, now_us);
	if (names->resolve != NULL)
		return 0;
	if (errno == ENOMEM)
		return failure_set(failure, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
	return failure_set(failure, TLSFO_E_SYSTEM, errno,
		"%s: the name could not be looked up: %s", target->host, strerror(errno));
}

int names_advance(struct names *names, struct target *target, const struct tlsfo_config *config,
	struct candidates *candidates, struct waits *waits, int64_t now_us, struct failure *failure)
{
	struct address address;
	int ret = names->begun ? 0 : begin(names, target, config, now_us, failure);

	if (ret != 0 || names->resolve == NULL)
		return ret;
	resolve_advance(names->resolve, now_us);
	while (candidates->count < RACE_ADDRESSES && resolve_take(names->resolve, now_us, &address))
		if (!candidates_add(candidates, &address))
			return failure_set(failure, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
	if (resolve_status(names->resolve) == RESOLVE_ASKING &&
		candidates->count < RACE_ADDRESSES) {
		waits_wake_at(waits, deadline_to_us(resolve_next(names->resolve, now_us)));
		if (waits_add(waits, resolve_fd(names->resolve), POLLIN))
			return 0;
		return failure_set(failure, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
	}
	if (candidates->count == 0)
		return fail_to_resolve(names->resolve, target, failure);
	names_stop(names);
	return 0;
}

bool names_settled(const struct names *names, int64_t now_us)
{
	return names->resolve == NULL || resolve_settled(names->resolve, now_us);
}

void names_stop(struct names *names)
{
	resolve_free(names->resolve);
	names->resolve = NULL;
}
