/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CA CERTS_DIR "/ca.pem"

enum { TEXT_SIZE = 4096, VALUE_SIZE = 512 };

static const char *const none[] = {NULL};
static const char *const wget2_resume[] = {
	"--tls-resume", "--tls-session-file={state}/wget2", NULL};

const struct client clients[] = {
	{
		.name = "tlsfo-library",
		.title = "tlsfo, library",
		.words = {BENCH_DIR "/bench-client-tlsfo", CA, "{host}", "{port}"},
		.with = {none, none},
	},
	{
		.name = "tlsfo-transport",
		.title = "tlsfo, one line in a GnuTLS program",
		.words = {BENCH_DIR "/bench-client-gnutls", "tlsfo", CA, "{host}", "{port}"},
		.with = {none, none},
	},
	{
		.name = "tlsfo-command",
		.title = "tlsfo connect",
		.words = {TLSFO_COMMAND, "connect", "--cafile", CA, "--no-store", "--report",
			"none", "--report-file", "{state}/report.json", "{host}", "{port}"},
		.wants_request = true,
		.with = {none, none},
	},
	{
		.name = "gnutls-plain",
		.title = "GnuTLS, plain connect",
		.words = {BENCH_DIR "/bench-client-gnutls", "plain", CA, "{host}", "{port}"},
		.with = {none, none},
	},
	{
		.name = "gnutls-fastopen",
		.title = "GnuTLS, gnutls_transport_set_fastopen",
		.words = {BENCH_DIR "/bench-client-gnutls", "fastopen", CA, "{host}", "{port}"},
		.with = {none, none},
	},
	{
		.name = "gnutls-cli",
		.title = "gnutls-cli --fastopen",
		.words = {"gnutls-cli", "--fastopen", "--x509cafile", CA, "--port", "{port}",
			"{host}"},
		.wants_request = true,
		.with = {none, none},
		.version = "gnutls-cli --version",
	},
	{
		.name = "curl",
		.title = "curl --tcp-fastopen",
		.words = {"curl", "-q", "--silent", "--tcp-fastopen", "--cacert", CA, "{url}"},
		.with = {none, none},
		.version = "curl --version",
	},
	{
		.name = "wget2",
		.title = "wget2 --tcp-fastopen",
		.words = {"wget2", "--no-config", "--no-hsts", "--quiet", "--tries=1",
			"--tcp-fastopen", "--ca-certificate=" CA, "--output-document=/dev/null",
			"{url}"},
		.with = {none, none, wget2_resume},
		.version = "wget2 --version",
	},
	{0},
};

const struct client *client_find(const char *name)
{
	const struct client *client;

	for (client = clients; client->name; client++) {
		if (strcmp(client->name, name) == 0)
			return client;
	}
	return NULL;
}

/*
 * ------------------------------------------------------------------------- its command line --
 */

struct place {
	const char *name;
	char value[VALUE_SIZE];
};

enum { PLACE_HOST, PLACE_PORT, PLACE_URL, PLACE_STATE, PLACES };

static void set_places(struct place places[PLACES], const struct client_target *target)
{
	places[PLACE_HOST].name = "{host}";
	places[PLACE_PORT].name = "{port}";
	places[PLACE_URL].name = "{url}";
	places[PLACE_STATE].name = "{state}";
	snprintf(places[PLACE_HOST].value, VALUE_SIZE, "%s", target->host);
	snprintf(places[PLACE_PORT].value, VALUE_SIZE, "%u", target->port);
	snprintf(places[PLACE_URL].value, VALUE_SIZE, "https://%s:%u/", target->host, target->port);
	snprintf(places[PLACE_STATE].value, VALUE_SIZE, "%s", target->state);
}

struct command {
	const char *argv[2 * CLIENT_WORDS];
	size_t count;
	char text[TEXT_SIZE];
	size_t used;
	bool full;
};

/* A word holds at most one place. */
static void add_word(struct command *command, const struct place places[PLACES], const char *word)
{
	const char *value = "";
	const char *at = word + strlen(word);
	const char *after = at;
	size_t room = TEXT_SIZE - command->used;
	size_t i;
	int length;

	for (i = 0; i < PLACES; i++) {
		const char *found = strstr(word, places[i].name);

		if (found) {
			at = found;
			after = found + strlen(places[i].name);
			value = places[i].value;
		}
	}
	length = snprintf(command->text + command->used, room, "%.*s%s%s", (int)(at - word), word,
		value, after);
	if (length < 0 || (size_t)length >= room || command->count + 1 >= 2 * CLIENT_WORDS) {
		command->full = true;
		return;
	}
	command->argv[command->count++] = command->text + command->used;
	command->used += (size_t)length + 1;
}

static int make_command(struct command *command, const struct client *client,
	enum scenario scenario, const struct client_target *target)
{
	struct place places[PLACES];
	const char *const *word;

	set_places(places, target);
	add_word(command, places, client->words[0]);
	for (word = client->with[scenario]; *word; word++)
		add_word(command, places, *word);
	for (word = client->words + 1; *word; word++)
		add_word(command, places, *word);
	return command->full ? -E2BIG : 0;
}

/*
 * ------------------------------------------------------------------------------- starting it --
 */

/*
 * A pipe with the request in it; its writing end stays open, for an end of input ends some
 * clients.
 */
static int make_input(const struct client *client, const char *host, int ret_ends[2])
{
	char request[VALUE_SIZE];
	int length = snprintf(request, sizeof(request),
		"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);

	if (pipe2(ret_ends, O_CLOEXEC) < 0)
		return -errno;
	if (client->wants_request && write(ret_ends[1], request, (size_t)length) != length) {
		close(ret_ends[0]);
		close(ret_ends[1]);
		return -EIO;
	}
	return 0;
}

int client_start(struct lab *lab, const struct client *client, enum scenario scenario,
	const struct client_target *target, pid_t *ret_pid, int *ret_input)
{
	struct command command = {.count = 0};
	int ends[2];
	int errors = getenv("TLSFO_BENCH_VERBOSE") ? STDERR_FILENO : -1;
	int result = make_command(&command, client, scenario, target);

	if (result == 0)
		result = make_input(client, target->host, ends);
	if (result < 0)
		return result;

	result = lab_spawn(lab, LAB_CLIENT, command.argv, ends[0], -1, errors, ret_pid);
	close(ends[0]);
	if (result < 0)
		close(ends[1]);
	else
		*ret_input = ends[1];
	return result;
}
