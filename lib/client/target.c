/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/host.h"
#include "base/text.h"
#include "client/name.h"

bool target_init(struct target *target, const char *host, const char *service, const char *name)
{
	*target = (struct target){
		.host = strdup(host),
		.service = strdup(service),
		.name = name != NULL ? strdup(name) : NULL,
	};
	return target->host != NULL && target->service != NULL &&
	       (name == NULL || target->name != NULL);
}

void target_deinit(struct target *target)
{
	free(target->host);
	free(target->ascii);
	free(target->name);
	free(target->service);
	free(target->peer_host);
	free(target->peer_name);
	*target = (struct target){0};
}

int target_convert(struct target *target, struct failure *failure)
{
	char buf[FAILURE_TEXT_SIZE];
	struct text why;

	text_init(&why, buf, sizeof(buf));
	int ret = name_to_ascii(target->host, &target->ascii, &why);
	if (ret == 0 && target->name == NULL) {
		size_t len;
		const char *bare = name_normalize(target->ascii, &len);

		target->name = strndup(bare, len);
		ret = target->name != NULL ? 0 : GNUTLS_E_MEMORY_ERROR;
	}
	if (ret == GNUTLS_E_MEMORY_ERROR)
		return failure_set(failure, ret, 0, "no memory");
	if (ret != 0)
		return failure_set(failure, ret, 0, "\"%s\" is not a name: %s", target->host, buf);
	return 0;
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

bool target_identify(struct target *target, const struct tlsfo_config *config, uint16_t port)
{
	_Static_assert(PEER_DIGEST_SIZE == TRUST_DIGEST_SIZE, "both are SHA-256");

	size_t len;
	const char *bare = host_bare(target->host, &len);

	target->peer_host = in_small_letters(bare, len);
	target->peer_name = in_small_letters(target->name, strlen(target->name));
	if (target->peer_host == NULL || target->peer_name == NULL)
		return false;
	for (size_t i = 0; i < config->alpn_count; i++)
		target->alpn[i] = (const char *)config->alpn[i].data;
	target->peer = (struct peer){
		.host = target->peer_host,
		.port = port,
		.servername = target->peer_name,
		.verified = config->insecure ? NULL : target->peer_name,
		.alpn = target->alpn,
		.alpn_count = config->alpn_count,
		.priority = config->priority_text,
		.tls_library = gnutls_check_version(NULL),
	};
	memcpy(target->peer.identity, config->trust.identity, PEER_DIGEST_SIZE);
	memcpy(target->peer.trust, config->trust.digest, PEER_DIGEST_SIZE);
	memcpy(target->peer.policy, config->policy, PEER_DIGEST_SIZE);
	return true;
}
