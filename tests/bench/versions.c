/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "versions.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <gnutls/gnutls.h>
#include <tlsfo/tlsfo.h>

#include "client.h"
#include "server.h"

enum { LINE_SIZE = 256 };

/* Cuts a line at the words that follow name and version. */
static void cut(char *line, const char *words)
{
	char *at = strstr(line, words);

	if (at)
		*at = '\0';
}

/* What the command prints first, with the name that stands there. */
static void write_program(FILE *file, const char *name, const char *command)
{
	static const char label[] = "version: ";
	char shell[LINE_SIZE];
	char line[LINE_SIZE] = "";
	const char *text = line;
	FILE *pipe;

	snprintf(shell, sizeof(shell), "%s 2>&1", command);
	pipe = popen(shell, "re");
	if (!pipe)
		return;
	while (fgets(line, sizeof(line), pipe) && line[0] == '\n')
		continue;
	if (pclose(pipe) != 0) {
		fprintf(file, "- %s: not installed when this was written\n", name);
		return;
	}
	line[strcspn(line, "\n")] = '\0';
	cut(line, " (");
	cut(line, " - ");
	if (strstr(line, label))
		text = strstr(line, label) + sizeof(label) - 1;
	fprintf(file, "- %s\n", text);
}

void versions_write(FILE *file)
{
	const struct client *client;
	const struct server *server;
	struct utsname system;

	if (uname(&system) == 0)
		fprintf(file, "- kernel %s %s, %s\n", system.sysname, system.release,
			system.machine);
	fprintf(file, "- tlsfo %s\n", tlsfo_version());
	fprintf(file, "- GnuTLS %s\n", gnutls_check_version(NULL));
	for (server = servers; server->name; server++) {
		if (server->version)
			write_program(file, server->name, server->version);
	}
	for (client = clients; client->name; client++) {
		if (client->version)
			write_program(file, client->name, client->version);
	}
}
