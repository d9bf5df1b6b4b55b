/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FAULTS_SCENE_H
#define FAULTS_SCENE_H

/* What a program does with tlsfo while its calls fail. */

#include <stdbool.h>
#include <stdint.h>

#define SCENE_DEADLINE_MS 4000

struct scene {
	uint16_t port;	 /* of support/early.h */
	char dir[64];	 /* empty, for a store */
	int deadline_ms; /* of each thing that a connection does */
};

struct scenario {
	const char *name;
	/* What nothing fails for, or NULL. */
	void (*prepare)(const struct scene *scene);
	/* 0: everything was well and was looked at. Otherwise a code: something was not, and was told. */
	int (*play)(const struct scene *scene);
	bool elsewhere; /* in another program, whose own want of memory is not GnuTLS's affair */
};

/* Ends with one without a name. */
extern const struct scenario scenarios[];

/* scene_command.c: "tlsfo connect" and "tlsfo store list". The code is the exit status. */
int play_command(const struct scene *scene);
int play_command_list(const struct scene *scene);

/* A promise was broken: the test fails with these words. */
void scene_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
