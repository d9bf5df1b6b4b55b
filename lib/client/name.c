/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/name.h"

#include <stdbool.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "base/host.h"

const char *name_normalize(const char *host, size_t *ret_len)
{
	size_t len;
	const char *bare = host_bare(host, &len);

	if (memchr(bare, ':', len) != NULL && memchr(bare, '%', len) != NULL)
		len = (size_t)((const char *)memchr(bare, '%', len) - bare);
	*ret_len = len;
	return bare;
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

int name_to_ascii(struct storage *memory, const char *host, char **ret_ascii)
{
	gnutls_datum_t mapped = {0};
	/* Without libidn2 GnuTLS refuses even what needs no mapping, such as "[::1]". */
	int ret =
		is_ascii(host) ? 0 : gnutls_idna_map(host, (unsigned int)strlen(host), &mapped, 0);

	if (ret != 0)
		return ret;
	char *ascii = mapped.data != NULL
			      ? storage_string(memory, (const char *)mapped.data, mapped.size)
			      : storage_string(memory, host, strlen(host));
	gnutls_free(mapped.data);
	if (ascii == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	*ret_ascii = ascii;
	return 0;
}
