/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store_place.h"

#include "failure.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#include <tlsfo/tlsfo.h>

/* Would what is made in @directory be made in another user's? The nearest directory that is there tells;
 * root's may be everybody's, as /tmp is. */
static bool is_foreign(const char *directory)
{
	char path[PATH_MAX] = "";
	struct stat status = {0};

	(void)snprintf(path, sizeof(path), "%s", directory);
	while (stat(path, &status) < 0) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return false;
		*slash = '\0';
	}
	return status.st_uid != geteuid() && status.st_uid != 0;
}

enum store_place store_place(char *ret_path, size_t size)
{
	static const struct {
		const char *variable;
		const char *below;
	} places[] = {
		{"XDG_STATE_HOME", "tlsfo"},
		{"HOME", ".local/state/tlsfo"},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *directory = getenv(places[i].variable);
		bool foreign = false;
		int length = 0;

		/* The specification wants relative paths to be ignored. */
		if (!directory || directory[0] != '/')
			continue;
		foreign = is_foreign(directory);
		length = snprintf(ret_path, size, "%s%s%s", directory, foreign ? "" : "/",
			foreign ? "" : places[i].below);
		if (length <= 0 || (size_t)length >= size)
			return STORE_PLACE_NONE;
		return foreign ? STORE_PLACE_FOREIGN : STORE_PLACE_FOUND;
	}
	return STORE_PLACE_NONE;
}

/* Returns 0, or a code and why in words. */
static int open_store(
	const char *path, struct tlsfo_store **ret_store, char *ret_why, size_t why_size)
{
	struct tlsfo_store *store = NULL;
	int ret = tlsfo_store_open(path, NULL, 0, &store);
	const char *text = tlsfo_store_error(store);

	if (ret == 0) {
		*ret_store = store;
		return 0;
	}
	if (text[0])
		(void)snprintf(ret_why, why_size, "%s", text);
	else
		(void)snprintf(ret_why, why_size, "%s: %s", path, tlsfo_strerror(ret));
	tlsfo_store_free(store);
	return ret;
}

enum command_status store_open_named(const char *path, struct tlsfo_store **ret_store)
{
	char why[PATH_MAX + 256] = "";
	int ret = open_store(path, ret_store, why, sizeof(why));

	if (ret == 0)
		return STATUS_DONE;
	complain("the store cannot be opened: %s", why);
	return ret == GNUTLS_E_MEMORY_ERROR ? STATUS_LOCAL : STATUS_USAGE;
}

enum command_status store_for_connections(
	const struct connect_options *options, struct tlsfo_store **ret_store)
{
	char path[PATH_MAX] = "";
	char why[PATH_MAX + 256] = "";
	enum store_place place = STORE_PLACE_NONE;

	*ret_store = NULL;
	if (options->store)
		return store_open_named(options->store, ret_store);
	if (!options->no_store && !options->is_private)
		place = store_place(path, sizeof(path));
	if (place == STORE_PLACE_FOREIGN)
		complain("warning: no tickets are kept: %s belongs to another user; use --store or "
			 "--no-store",
			path);
	else if (place == STORE_PLACE_FOUND && open_store(path, ret_store, why, sizeof(why)) < 0)
		complain("warning: no tickets are kept: %s", why);
	return STATUS_DONE;
}
