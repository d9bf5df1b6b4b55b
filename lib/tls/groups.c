/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/groups.h"

#include <stdbool.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

#define PRIORITY_MAX 4096

/* RFC 8446 §4.2.7. Names, because an older GnuTLS does not have the constants of all of them. */
static const struct {
	uint16_t number;
	const char *name;
} known[] = {
	{23, "SECP256R1"},
	{24, "SECP384R1"},
	{25, "SECP521R1"},
	{29, "X25519"},
	{30, "X448"},
	{256, "FFDHE2048"},
	{257, "FFDHE3072"},
	{258, "FFDHE4096"},
	{259, "FFDHE6144"},
	{260, "FFDHE8192"},
	{4587, "SECP256R1-MLKEM768"},
	{4588, "X25519-MLKEM768"},
};

gnutls_group_t group_by_number(uint16_t number)
{
	for (size_t i = 0; i < array_length(known); i++)
		if (known[i].number == number)
			return gnutls_group_get_id(known[i].name);
	return GNUTLS_GROUP_INVALID;
}

uint16_t group_number(gnutls_group_t group)
{
	const char *name = gnutls_group_get_name(group);

	for (size_t i = 0; name != NULL && i < array_length(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].number;
	return 0;
}

/* Adds ":-GROUP-ALL:+GROUP-first:+GROUP-rest". False: the group is not among the session's, or first
 * already. */
static bool add_groups(
	struct text *text, const unsigned int *groups, size_t count, unsigned int first)
{
	bool found = false;

	for (size_t i = 0; i < count; i++)
		found = found || groups[i] == first;
	if (!found || groups[0] == first)
		return false;
	text_add(text, "-GROUP-ALL:+GROUP-%s", gnutls_group_get_name((gnutls_group_t)first));
	for (size_t i = 0; i < count; i++)
		if (groups[i] != first)
			text_add(text, ":+GROUP-%s",
				gnutls_group_get_name((gnutls_group_t)groups[i]));
	return true;
}

int group_prefer(gnutls_session_t session, const char *priority, uint16_t number)
{
	char wanted[PRIORITY_MAX];
	gnutls_group_t first = group_by_number(number);
	gnutls_priority_t parsed;
	const unsigned int *groups;
	struct text text;

	if (first == GNUTLS_GROUP_INVALID)
		return 0;
	int ret = gnutls_priority_init(&parsed, priority, NULL);
	if (ret != 0)
		return ret;
	text_init(&text, wanted, sizeof(wanted));
	if (priority != NULL)
		text_add(&text, "%s:", priority);
	int count = gnutls_priority_group_list(parsed, &groups);
	bool added = count > 0 && add_groups(&text, groups, (size_t)count, first);
	gnutls_priority_deinit(parsed);
	if (!added || text.len >= sizeof(wanted))
		return 0;
	/* GnuTLS's default may be more than "NORMAL": the administrator of a system may set it. */
	return priority != NULL ? gnutls_priority_set_direct(session, wanted, NULL)
				: gnutls_set_default_priority_append(session, wanted, NULL, 0);
}
