/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_CLIENT_H
#define TLSFO_BENCH_CLIENT_H

/* The clients compared: programs that fetch one page and are run as a user would run them. */

#include <stdbool.h>
#include <stddef.h>

#include "lab.h"
#include "scenario.h"

enum { CLIENT_WORDS = 24 };

/* What a client finds on its standard input, which stays open unless it says otherwise. */
enum client_input { INPUT_NOTHING, INPUT_REQUEST, INPUT_REQUEST_ENDS };

/* How a client visits in a scenario. */
struct client_way {
	const char *const *words; /* more words; NULL: the client cannot do that */
	enum client_input input;
	bool twice; /* it connects two times, and the second connection is the visit */
	/* A shell command that fails where the program that is installed cannot do it, or NULL. */
	const char *needs;
};

/*
 * A word of a command line may hold one of "{host}", "{port}", "{url}" and "{state}", a directory
 * for what the client keeps between visits; in it is a file "request". The word "{more}" stands for
 * the words of the scenario.
 */
struct client {
	const char *name;  /* in files */
	const char *title; /* in tables */
	const char *words[CLIENT_WORDS];
	struct client_way ways[SCENARIOS];
	const char *version; /* shell command that prints the version, or NULL */
};

/* Ended by one without a name. */
extern const struct client clients[];

const struct client *client_find(const char *name);

/* Can the installed program do that? True also where there is none. */
bool client_can(const struct client *client, enum scenario scenario);

struct client_target {
	const char *host;
	unsigned int port;
	const char *state;
};

/*
 * Starts a client on the lab's client side. *ret_input is the writing end of its standard input,
 * with the request in it if it wants one, or −1; the caller closes it. Returns 0 or −errno,
 * −ENOENT when the program is not installed.
 */
int client_start(struct lab *lab, const struct client *client, enum scenario scenario,
	const struct client_target *target, pid_t *ret_pid, int *ret_input);

#endif
