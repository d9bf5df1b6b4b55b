/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/host.h"

/* Names are the same in large and small letters (RFC 4343); whatever the locale. */
static char *in_small_letters(const char *name, size_t len)
{
	char *copy = strndup(name, len);

	for (char *at = copy; at != NULL && *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return copy;
}

int identity_init(struct identity *identity, const struct tlsfo_config *config, const char *host,
	const char *name, uint16_t port)
{
	_Static_assert(PEER_DIGEST_SIZE == TRUST_DIGEST_SIZE, "both are SHA-256");

	size_t len;
	const char *bare = host_bare(host, &len);

	identity->host = in_small_letters(bare, len);
	identity->name = in_small_letters(name, strlen(name));
	if (identity->host == NULL || identity->name == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	for (size_t i = 0; i < config->alpn_count; i++)
		identity->alpn[i] = (const char *)config->alpn[i].data;
	identity->peer = (struct peer){
		.host = identity->host,
		.port = port,
		.servername = identity->name,
		.verified = config->insecure ? NULL : identity->name,
		.alpn = identity->alpn,
		.alpn_count = config->alpn_count,
		.priority = config->priority_text,
		.tls_library = gnutls_check_version(NULL),
	};
	memcpy(identity->peer.identity, config->trust.identity, PEER_DIGEST_SIZE);
	memcpy(identity->peer.trust, config->trust.digest, PEER_DIGEST_SIZE);
	memcpy(identity->peer.policy, config->policy, PEER_DIGEST_SIZE);
	return 0;
}

void identity_deinit(struct identity *identity)
{
	free(identity->host);
	free(identity->name);
	identity->host = NULL;
	identity->name = NULL;
}
