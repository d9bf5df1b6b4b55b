/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/text.h"
#include "client/name.h"

bool target_init(struct target *target, const struct tlsfo_config *config, const char *host,
	const char *service)
{
	*target = (struct target){.config = config,
		.host = strdup(host),
		.service = service != NULL ? strdup(service) : NULL};
	return target->host != NULL && (service == NULL || target->service != NULL);
}

void target_deinit(struct target *target)
{
	target_stop(target);
	free(target->host);
	free(target->service);
	free(target->servername);
	free(target->ascii);
	free(target->name);
	free(target->peer_host);
	free(target->peer_name);
	*target = (struct target){0};
}

static int begin(struct target *target, const struct opening *opening, int64_t now_us)
{
	struct failure *failure = opening->means.failure;
	const struct tlsfo_config *config = target->config;
	int local_family = address_family(&config->local);
	int family = local_family != 0 ? local_family : config->family;
	char buf[FAILURE_TEXT_SIZE];
	struct text why;

	address_print(&config->local, buf, sizeof(buf));
	if (config->family != AF_UNSPEC && family != config->family) {
		failure_set(failure, TLSFO_E_NAME_NOT_FOUND, 0,
			"%s: the local address %s is not %s, the family that was set", target->host,
			buf, config->family == AF_INET ? "IPv4" : "IPv6");
		return TLSFO_E_NAME_NOT_FOUND;
	}
	text_init(&why, buf, sizeof(buf));
	target->ascii = name_to_ascii(target->host, &why);
	if (target->ascii == NULL && why.len == 0)
		failure_memory(failure);
	else if (target->ascii == NULL)
		failure_set(failure, TLSFO_E_NAME_NOT_FOUND, 0, "\"%s\" is not a name: %s",
			target->host, buf);
	if (target->ascii == NULL)
		return why.len == 0 ? FAILURE_MEMORY : TLSFO_E_NAME_NOT_FOUND;
	target->name =
		name_to_verify(target->servername != NULL ? target->servername : target->ascii);
	if (target->name == NULL)
		return failure_memory(failure);
	if (opening->candidates.count > 0)
		return 0;
	if (target->service == NULL)
		return failure_set(failure, TLSFO_E_INVALID_ARGUMENT, 0,
			"%s: neither a service nor an address was given", target->host);
	/* Behind a connected socket, a proxy's perhaps, only the service's port is to be known, which tickets are
	 * kept under. */
	target->resolve = resolve_start(opening->means.socket >= 0 ? "127.0.0.1" : target->ascii,
		target->service, opening->means.socket >= 0 ? AF_INET : family, now_us);
	if (target->resolve != NULL)
		return 0;
	if (errno == ENOMEM)
		return failure_memory(failure);
	return failure_set(failure, TLSFO_E_SYSTEM, errno,
		"%s: the name could not be looked up: %s", target->host, strerror(errno));
}

int target_look_up(struct target *target, struct opening *opening, int64_t now_us)
{
	struct candidates *candidates = &opening->candidates;
	struct failure *failure = opening->means.failure;
	struct waits *waits = opening->means.waits;
	struct address address;
	int ret = target->ascii == NULL ? begin(target, opening, now_us) : 0;
	struct resolve *resolve = target->resolve;

	if (ret != 0 || resolve == NULL)
		return ret;
	resolve_advance(resolve, now_us);
	while (candidates->count < RACE_ADDRESSES &&
		answers_take(&resolve->answers, now_us, &address))
		if (!candidates_add(candidates, &address))
			return failure_memory(failure);
	if (resolve->wake >= 0 && candidates->count < RACE_ADDRESSES) {
		waits_wake_at(waits, resolve_next(resolve, now_us));
		return waits_add(waits, resolve->wake, POLLIN) ? 0 : failure_memory(failure);
	}
	if (candidates->count > 0) {
		target_stop(target);
		return 0;
	}
	/* The text names what was looked up, which may not be what was given. */
	bool same = strcmp(target->ascii, target->host) == 0;
	if (resolve->failure.code == FAILURE_MEMORY)
		return failure_memory(failure);
	const struct address *from = &target->config->local;
	char local[ADDRESS_TEXT_SIZE];
	char bound[ADDRESS_TEXT_SIZE + 64] = "";
	address_print(from, local, sizeof(local));
	if (address_family(from) != 0 && resolve->failure.code == TLSFO_E_NAME_NOT_FOUND)
		snprintf(bound, sizeof(bound), "; the local address %s allows %s alone", local,
			address_family(from) == AF_INET ? "IPv4" : "IPv6");
	return failure_set(failure, resolve->failure.code, 0, "%s%s%s%s", same ? "" : target->host,
		same ? "" : ": ", failure_text(&resolve->failure), bound);
}

void target_stop(struct target *target)
{
	resolve_free(target->resolve);
	target->resolve = NULL;
}

/* Names are the same in large and small letters (RFC 4343); whatever the locale. */
static char *in_small_letters(const char *name, size_t len)
{
	char *copy = strndup(name, len);

	for (char *at = copy; at != NULL && *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return copy;
}

bool target_identify(struct target *target, uint16_t port)
{
	_Static_assert(PEER_DIGEST_SIZE == TRUST_DIGEST_SIZE, "both are SHA-256");

	const struct tlsfo_config *config = target->config;
	size_t len;
	const char *bare = host_bare(target->host, &len);

	target->peer_host = in_small_letters(bare, len);
	target->peer_name = in_small_letters(target->name, strlen(target->name));
	if (target->peer_host == NULL || target->peer_name == NULL)
		return false;
	target->peer = (struct peer){
		.host = target->peer_host,
		.port = port,
		.servername = target->peer_name,
		.verified = trust_verifies(&config->trust) ? target->peer_name : NULL,
		.alpn = config->alpn_names,
		.alpn_count = config->alpn_count,
		.priority = config->priority_text,
		.tls_library = gnutls_check_version(NULL),
	};
	memcpy(target->peer.identity, config->trust.identity, PEER_DIGEST_SIZE);
	memcpy(target->peer.trust, config->trust.digest, PEER_DIGEST_SIZE);
	memcpy(target->peer.policy, config->policy, PEER_DIGEST_SIZE);
	return true;
}
