/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMAND_SCENE_H
#define COMMAND_SCENE_H

/* A server that gives tickets, and a directory to keep them in. */

#include "command/early_server.h"
#include "command/run.h"

struct scene {
	struct early_options options;
	struct peer peer;
	struct port_text port;
	char store[64]; /* an empty directory at first */
};

/* Two tickets for every visitor, which allow 16384 bytes of early data. */
extern const struct early_turn scene_turn;

/* Begins with a server that does @count @turns. */
void scene_begin(struct scene *scene, const struct early_turn *turns, size_t count);
/* The same with a server that knows an application protocol. */
void scene_begin_alpn(struct scene *scene, const char *alpn);
void scene_end(struct scene *scene);

/* Connects to it, with the directory as store and one option more, sends @input and gets it back.
 * Returns the report, to be released with json_decref(). */
json_t *scene_visit(
	struct scene *scene, const char *input, const char *option, struct early_heard *ret_heard);

/* "tlsfo store list --json" of the directory: an array, to be released with json_decref(). */
json_t *scene_list(const struct scene *scene);
size_t scene_tickets(const struct scene *scene);

#endif
