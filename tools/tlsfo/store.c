/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "run.h"
#include "store_list.h"
#include "store_options.h"
#include "store_place.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tlsfo/tlsfo.h>

/* So begins the name of what the library makes in a directory, whatever its version. */
#define MADE_BY_TLSFO "tlsfo-"

/* Whether this is a directory that could be a store, and is none yet: opening would make it one. What is wrong
 * with any other is told by opening it. */
static bool is_no_store_yet(const char *path, const struct stat *status)
{
	const struct dirent *entry = NULL;
	bool found = false;

	if (!S_ISDIR(status->st_mode) || status->st_uid != geteuid() ||
		(status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return false;
	DIR *directory = opendir(path);

	if (!directory)
		return false;
	/* At the end readdir(3) leaves errno alone; a failure is told by opening. */
	while (!found && (errno = 0, entry = readdir(directory)) != NULL)
		found = strncmp(entry->d_name, MADE_BY_TLSFO, strlen(MADE_BY_TLSFO)) == 0;
	found = found || errno != 0;
	(void)closedir(directory);
	return !found;
}

/* Where the default store would be; NULL when there is none, which is complained of. */
static const char *default_place(char *path, size_t size)
{
	switch (store_place(path, size)) {
	case STORE_PLACE_FOUND:
		return path;
	case STORE_PLACE_FOREIGN:
		complain("store: %s belongs to another user, use --store", path);
		return NULL;
	case STORE_PLACE_NONE:
	default:
		complain("store: neither XDG_STATE_HOME nor HOME names a place, use --store");
		return NULL;
	}
}

/* Opens the store, or sets NULL when there is none: looking makes none. */
static enum command_status open_existing(const char *path, struct tlsfo_store **ret_store)
{
	struct stat status = {0};
	char bare[PATH_MAX] = "";
	size_t len = strlen(path);

	*ret_store = NULL;
	if (len >= sizeof(bare))
		return store_open_named(path, ret_store);
	memcpy(bare, path, len);
	/* With a slash or a slash and a dot at its end a symbolic link would be followed, which opening refuses. */
	while (len > 1 && (bare[len - 1] == '/' || (bare[len - 1] == '.' && bare[len - 2] == '/')))
		bare[--len] = '\0';
	if (lstat(bare, &status) < 0) {
		if (errno == ENOENT)
			return STATUS_DONE;
	} else if (is_no_store_yet(path, &status)) {
		return STATUS_DONE;
	}
	return store_open_named(path, ret_store);
}

static enum command_status tell_removed(int count, const char *path)
{
	char line[64] = "";

	if (count < 0) {
		complain("store: %s: not everything could be removed: %s", path,
			count == TLSFO_E_SYSTEM ? strerror(errno) : tlsfo_strerror(count));
		return STATUS_LOCAL;
	}
	(void)snprintf(line, sizeof(line), "%d entr%s removed\n", count, count == 1 ? "y" : "ies");
	return say(line);
}

/* Removes everything, and what programs under "tlsfo run" remember. */
static enum command_status clear(struct tlsfo_store *store, const char *path)
{
	char memory[PATH_MAX + sizeof("/" RUN_MEMORY_NAME)] = "";

	(void)snprintf(memory, sizeof(memory), "%s/" RUN_MEMORY_NAME, path);
	if (unlink(memory) < 0 && errno != ENOENT) {
		complain("store: %s: %s", memory, strerror(errno));
		return STATUS_LOCAL;
	}
	return tell_removed(tlsfo_store_clear(store), path);
}

static enum command_status store_with(const struct store_options *options, enum store_wish wish)
{
	char place[PATH_MAX] = "";
	const char *path = options->store ? options->store : default_place(place, sizeof(place));
	struct tlsfo_store *store = NULL;
	enum command_status status = path ? open_existing(path, &store) : STATUS_USAGE;

	if (status == STATUS_DONE && wish == STORE_LIST)
		status = store_list(store, path, options->json);
	else if (status == STATUS_DONE && !store)
		status = tell_removed(0, path);
	else if (status == STATUS_DONE && wish == STORE_FORGET)
		status =
			tell_removed(tlsfo_store_forget(store, options->host, options->port), path);
	else if (status == STATUS_DONE)
		status = clear(store, path);
	tlsfo_store_free(store);
	return status;
}

enum command_status store_run(int argc, char **argv)
{
	struct store_options options;
	enum store_wish wish = store_options_parse(&options, argc, argv);

	switch (wish) {
	case STORE_HELP:
		return say(store_help);
	case STORE_VERSION:
		return say_version();
	case STORE_LIST:
	case STORE_FORGET:
	case STORE_CLEAR:
		return store_with(&options, wish);
	case STORE_WRONG:
		break;
	}
	complain("store: %s", options.error);
	(void)fputs("Try 'tlsfo store --help'.\n", stderr);
	return STATUS_USAGE;
}
