/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/peer.h"

#include <string.h>

#include <nettle/hmac.h>

#include "base/wipe.h"

/* Tells this use of the store's key from the sealing of files. */
static const char label[] = "tlsfo peer 1";

static void add_number(struct hmac_sha256_ctx *mac, uint64_t number)
{
	uint8_t digits[8];

	for (size_t i = sizeof(digits); i > 0; i--) {
		digits[i - 1] = (uint8_t)number;
		number >>= 8;
	}
	hmac_sha256_update(mac, sizeof(digits), digits);
}

/* No string and an empty one are two things. */
static void add_string(struct hmac_sha256_ctx *mac, const char *string)
{
	size_t len = string != NULL ? strlen(string) : 0;

	add_number(mac, string != NULL);
	add_number(mac, len);
	hmac_sha256_update(mac, len, (const uint8_t *)string);
}

void peer_key_make(
	const unsigned char key[static 32], const struct peer *peer, struct peer_key *ret_key)
{
	struct hmac_sha256_ctx mac;

	hmac_sha256_set_key(&mac, 32, key);
	hmac_sha256_update(&mac, sizeof(label), (const uint8_t *)label);
	add_string(&mac, peer->host);
	add_number(&mac, peer->port);
	add_string(&mac, peer->servername);
	add_string(&mac, peer->verified);
	add_number(&mac, peer->alpn_count);
	for (size_t i = 0; i < peer->alpn_count; i++)
		add_string(&mac, peer->alpn[i]);
	add_string(&mac, peer->priority);
	hmac_sha256_update(&mac, sizeof(peer->trust), peer->trust);
	hmac_sha256_update(&mac, sizeof(peer->identity), peer->identity);
	hmac_sha256_update(&mac, sizeof(peer->policy), peer->policy);
	add_string(&mac, peer->tls_library);
	hmac_sha256_digest(&mac, sizeof(ret_key->bytes), ret_key->bytes);
	wipe(&mac, sizeof(mac));
}
