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

/* Stands where the words of the scenario go. */
#define MORE "{more}"

/* The words of a scenario. */
#define WORDS(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

static const char *const none[] = {NULL};

/* An option, and whether the curl that is installed knows it. */
#define CURL_KNOWS(option) "curl --help all | grep -q -e " option

#define TICKETS	   "--tickets", "{state}"
#define EARLY_DATA "--early-data"

const struct client clients[] = {
	{
		.name = "tlsfo-library",
		.title = "tlsfo, library",
		.words = {BENCH_DIR "/bench-client-tlsfo", MORE, CA, "{host}", "{port}"},
		.ways = {{none}, {none}, {WORDS("--store", "{state}/library")},
			{WORDS("--store", "{state}/library", EARLY_DATA)}},
	},
	{
		.name = "tlsfo-transport",
		.title = "tlsfo, one line in a GnuTLS program",
		.words = {BENCH_DIR "/bench-client-gnutls", MORE, "tlsfo", CA, "{host}", "{port}"},
		.ways = {{none}, {none}, {WORDS(TICKETS)}, {WORDS(TICKETS, EARLY_DATA)}},
	},
	{
		.name = "tlsfo-nonblocking",
		.title = "tlsfo, non-blocking GnuTLS program",
		.words = {BENCH_DIR "/bench-client-gnutls", "--non-blocking", MORE, "tlsfo", CA,
			"{host}", "{port}"},
		.ways = {{none}, {none}, {WORDS(TICKETS)}, {WORDS(TICKETS, EARLY_DATA)}},
	},
	{
		.name = "tlsfo-command",
		.title = "tlsfo connect",
		.words = {TLSFO_COMMAND, "connect", MORE, "--cafile", CA, "--report", "none",
			"--report-file", "{state}/report.json", "{host}", "{port}"},
		.ways = {{WORDS("--no-store"), INPUT_REQUEST}, {WORDS("--no-store"), INPUT_REQUEST},
			{WORDS("--store", "{state}/command"), INPUT_REQUEST},
			{WORDS("--store", "{state}/command", EARLY_DATA), INPUT_REQUEST_ENDS}},
	},
	{
		.name = "gnutls-plain",
		.title = "GnuTLS, plain connect",
		.words = {BENCH_DIR "/bench-client-gnutls", MORE, "plain", CA, "{host}", "{port}"},
		.ways = {{none}, {none}, {WORDS(TICKETS)}, {WORDS(TICKETS, EARLY_DATA)}},
	},
	{
		.name = "gnutls-fastopen",
		.title = "GnuTLS, gnutls_transport_set_fastopen",
		.words = {BENCH_DIR "/bench-client-gnutls", MORE, "fastopen", CA, "{host}",
			"{port}"},
		.ways = {{none}, {none}, {WORDS(TICKETS)}, {WORDS(TICKETS, EARLY_DATA)}},
	},
	{
		.name = "gnutls-cli",
		.title = "gnutls-cli --fastopen",
		.words = {"gnutls-cli", "--fastopen", "--x509cafile", CA, "--port", "{port}", MORE,
			"{host}"},
		/* It keeps its session for no other process. */
		.ways = {{none, INPUT_REQUEST}, {none, INPUT_REQUEST},
			{WORDS("--resume", "--waitresumption"), INPUT_REQUEST, .twice = true},
			{WORDS("--resume", "--waitresumption", "--earlydata={state}/request"),
				.twice = true}},
		.version = "gnutls-cli --version",
	},
	{
		.name = "curl",
		.title = "curl --tcp-fastopen",
		.words = {"curl", "-q", "--silent", "--tcp-fastopen", MORE, "--cacert", CA,
			"{url}"},
		.ways = {{none}, {none},
			{WORDS("--ssl-sessions", "{state}/curl"),
				.needs = CURL_KNOWS("--ssl-sessions")},
			{WORDS("--ssl-sessions", "{state}/curl", "--tls-earlydata"),
				.needs = CURL_KNOWS("--ssl-sessions") " && " CURL_KNOWS(
					"--tls-earlydata")}},
		.version = "curl --version",
	},
	{
		.name = "wget2",
		.title = "wget2 --tcp-fastopen",
		.words = {"wget2", "--no-config", "--no-hsts", "--quiet", "--tries=1",
			"--tcp-fastopen", MORE, "--ca-certificate=" CA,
			"--output-document=/dev/null", "{url}"},
		/* It has no early data. */
		.ways = {{none}, {none},
			{WORDS("--tls-resume", "--tls-session-file={state}/wget2")}},
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

static void add_words(
	struct command *command, const struct place places[PLACES], const char *const *words)
{
	for (; *words; words++)
		add_word(command, places, *words);
}

static int make_command(struct command *command, const struct client *client,
	enum scenario scenario, const struct client_target *target)
{
	struct place places[PLACES];
	const char *const *word;

	set_places(places, target);
	for (word = client->words; *word; word++) {
		if (strcmp(*word, MORE) == 0)
			add_words(command, places, client->ways[scenario].words);
		else
			add_word(command, places, *word);
	}
	return command->full ? -E2BIG : 0;
}

/*
 * ------------------------------------------------------------------------------- starting it --
 */

bool client_can(const struct client *client, enum scenario scenario)
{
	const struct client_way *way = &client->ways[scenario];

	return way->words && (!way->needs || system(way->needs) == 0);
}

static size_t write_request(char *request, const char *host)
{
	int length = snprintf(request, VALUE_SIZE,
		"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);

	return length < VALUE_SIZE ? (size_t)length : VALUE_SIZE - 1;
}

/* The request as a file, for those who read it from there. */
static int keep_request(const struct client_target *target)
{
	char request[VALUE_SIZE];
	char path[2 * VALUE_SIZE];
	size_t length = write_request(request, target->host);
	FILE *file;
	bool written;

	snprintf(path, sizeof(path), "%s/request", target->state);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	written = fwrite(request, 1, length, file) == length;
	return fclose(file) == EOF || !written ? -EIO : 0;
}

/*
 * A pipe with the request in it; its writing end stays open, for an end of input ends some clients,
 * except where the client waits for that end.
 */
static int make_input(enum client_input input, const char *host, int ret_ends[2])
{
	char request[VALUE_SIZE];
	size_t length = write_request(request, host);

	if (pipe2(ret_ends, O_CLOEXEC) < 0)
		return -errno;
	if (input != INPUT_NOTHING && write(ret_ends[1], request, length) != (ssize_t)length) {
		close(ret_ends[0]);
		close(ret_ends[1]);
		return -EIO;
	}
	if (input == INPUT_REQUEST_ENDS) {
		close(ret_ends[1]);
		ret_ends[1] = -1;
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
		result = keep_request(target);
	if (result == 0)
		result = make_input(client->ways[scenario].input, target->host, ends);
	if (result < 0)
		return result;

	result = lab_spawn(lab, LAB_CLIENT, command.argv, ends[0], -1, errors, ret_pid);
	close(ends[0]);
	if (result < 0 && ends[1] >= 0)
		close(ends[1]);
	else if (result == 0)
		*ret_input = ends[1];
	return result;
}
