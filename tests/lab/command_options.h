/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_COMMAND_OPTIONS_H
#define TLSFO_LAB_COMMAND_OPTIONS_H

#include "lab.h"

/*
 * What the user of tlsfo-lab asked for. Pointers lead into the argument vector, which is changed.
 */
struct command_options {
	struct lab_options lab;
	const char *boxes[LAB_BOXES_MAX];
	size_t box_count;
	const char *pcap; /* file, or NULL */
	bool ladder;
	const char *ladder_file; /* NULL: standard error; "-": standard output */
	size_t min_record;
	uint16_t wait_port; /* 0: any */
	double wait_seconds;
	const char *const *server; /* ends with NULL */
	const char *const *client;
};

enum command_parse { COMMAND_RUN, COMMAND_DONE, COMMAND_USAGE };

/*
 * Reads the arguments. COMMAND_RUN: *ret_options is filled. COMMAND_DONE: help or a list was asked
 * for and written to standard output. COMMAND_USAGE: they make no sense, standard error says why.
 */
enum command_parse command_options_read(int argc, char **argv, struct command_options *ret_options);

#endif
