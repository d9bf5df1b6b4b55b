/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/config.h"

#include <stdlib.h>

#include <gnutls/crypto.h>

#include <tlsfo/error.h>

#include "base/text.h"
#include "client/file.h"

static int init_parts(struct tlsfo_config *config)
{
	if (!forked_init(&config->process))
		return GNUTLS_E_MEMORY_ERROR;
	int ret = trust_init(&config->trust);
	if (ret != 0)
		forked_deinit(&config->process);
	return ret;
}

/*
 * What the administrator demands of every GnuTLS session. GnuTLS tells parts of it only, the least
 * verification profile not at all, so it is known by the content of its file; where GnuTLS has none, by zeros.
 * FIPS mode is a policy of its own.
 */
static void read_policy(unsigned char ret_digest[static PEER_DIGEST_SIZE])
{
	struct file file = {0};

	if (file_read(gnutls_get_system_config_file(), &file))
		gnutls_hash_fast(GNUTLS_DIG_SHA256, file.data, file.len, ret_digest);
	file_wipe(&file);
	ret_digest[0] ^= (unsigned char)gnutls_fips140_mode_enabled();
}

int tlsfo_config_new(struct tlsfo_config **ret_config)
{
	struct tlsfo_config *config;

	if (ret_config == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	config = calloc(1, sizeof(*config));
	if (config == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	int ret = tlsfo_store_new(&config->store);
	if (ret == 0)
		ret = init_parts(config);
	if (ret != 0) {
		tlsfo_store_free(config->store);
		free(config);
		return ret;
	}
	read_policy(config->policy);
	atomic_init(&config->references, 1);
	atomic_init(&config->used, false);
	*ret_config = config;
	return 0;
}

struct tlsfo_config *config_use(struct tlsfo_config *config)
{
	atomic_store(&config->used, true);
	atomic_fetch_add(&config->references, 1);
	return config;
}

void tlsfo_config_free(struct tlsfo_config *config)
{
	if (config == NULL || atomic_fetch_sub(&config->references, 1) > 1)
		return;
	trust_deinit(&config->trust);
	forked_deinit(&config->process);
	if (config->priority != NULL)
		gnutls_priority_deinit(config->priority);
	tlsfo_store_free(config->store);
	free(config->priority_text);
	free(config->servername);
	free(config);
}

const char *tlsfo_config_error(const struct tlsfo_config *config)
{
	return config != NULL ? config->error : "";
}

int tlsfo_config_load(struct tlsfo_config *config)
{
	if (config == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	/* Trust is loaded once. A certificate added after this would be ignored, so further changes are refused. */
	bool shared = atomic_exchange(&config->used, true);
	int ret = trust_load(&config->trust);

	/* Other threads may read the error text of a configuration that is in use. */
	if (ret == TLSFO_E_INVALID_FILE && !shared) {
		struct text why;

		text_init(&why, config->error, sizeof(config->error));
		trust_explain(&config->trust, &why);
		text_make_printable(config->error);
		text_strip_stop(config->error);
	}
	return ret;
}
