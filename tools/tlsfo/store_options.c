/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store_options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_STORE = VALUES_LONG_OPTION, OPTION_JSON, OPTION_HELP, OPTION_VERSION };

static const struct option long_options[] = {
	{"store", required_argument, NULL, OPTION_STORE},
	{"json", no_argument, NULL, OPTION_JSON},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

static enum store_wish take_port(struct store_options *options, const char *port)
{
	const struct servent *service = NULL;

	if (!values_port(port, options->error))
		return STORE_WRONG;
	options->port = (unsigned int)strtoul(port, NULL, 10);
	if (options->port != 0)
		return STORE_FORGET;
	service = getservbyname(port, "tcp");
	if (!service) {
		(void)values_wrong(
			options->error, "PORT '%s' is neither a number nor a service", port);
		return STORE_WRONG;
	}
	options->port = ntohs((uint16_t)service->s_port);
	return STORE_FORGET;
}

static enum store_wish take_forget(struct store_options *options, int count, char **operands)
{
	if (count < 1) {
		(void)values_wrong(options->error, "HOST is missing after 'forget'");
		return STORE_WRONG;
	}
	options->host = operands[0];
	if (options->host[0] == '\0') {
		(void)values_wrong(options->error, "HOST is empty");
		return STORE_WRONG;
	}
	return count > 1 ? take_port(options, operands[1]) : STORE_FORGET;
}

static enum store_wish take_operands(struct store_options *options, int count, char **operands)
{
	static const struct {
		const char *name;
		enum store_wish wish;
		int most; /* operands behind it */
	} actions[] = {
		{"list", STORE_LIST, 0},
		{"forget", STORE_FORGET, 2},
		{"clear", STORE_CLEAR, 0},
	};
	const char *name = count > 0 ? operands[0] : "";
	size_t i = 0;

	while (i < sizeof(actions) / sizeof(actions[0]) && strcmp(name, actions[i].name) != 0)
		i++;
	if (count < 1)
		(void)values_wrong(options->error, "list, forget or clear is missing");
	else if (i == sizeof(actions) / sizeof(actions[0]))
		(void)values_wrong(options->error, "'%s' is none of list, forget, clear", name);
	else if (count - 1 > actions[i].most)
		(void)values_wrong(options->error, "unexpected argument '%s' after %s",
			operands[actions[i].most + 1], name);
	else if (options->json && actions[i].wish != STORE_LIST)
		(void)values_wrong(options->error, "--json goes with list only");
	else if (actions[i].wish == STORE_FORGET)
		return take_forget(options, count - 1, operands + 1);
	else
		return actions[i].wish;
	return STORE_WRONG;
}

enum store_wish store_options_parse(struct store_options *options, int argc, char **argv)
{
	int option = 0;

	*options = (struct store_options){.store = NULL};
	opterr = 0;
	optind = 0; /* start anew, also when it was used before */
	while ((option = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		switch (option) {
		case OPTION_STORE:
			options->store = optarg;
			break;
		case OPTION_JSON:
			options->json = true;
			break;
		case OPTION_HELP:
		case 'h':
			return STORE_HELP;
		case OPTION_VERSION:
			return STORE_VERSION;
		default:
			(void)values_wrong_option(option, argv[optind - 1], options->error);
			return STORE_WRONG;
		}
	}
	if (options->store && options->store[0] == '\0') {
		(void)values_wrong(options->error, "--store: the name is empty");
		return STORE_WRONG;
	}
	return take_operands(options, argc - optind, argv + optind);
}
