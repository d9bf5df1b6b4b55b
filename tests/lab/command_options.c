/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "command_options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: tlsfo-lab [OPTION]... -- SERVER [ARGUMENT]... -- CLIENT [ARGUMENT]...\n"
	"\n"
	"Runs a server and a client on two hosts of their own, joined by a wire with\n"
	"distance and faults, and ends with the client's status. The client reaches the\n"
	"server as server.test.\n"
	"\n"
	"the wire\n"
	"  --rtt MS            round-trip time (50)\n"
	"  --jitter MS         each packet up to this much later (0)\n"
	"  --loss P            probability that a packet is lost, 0 to 1 (0)\n"
	"  --reorder P         probability that a packet is held back, 0 to 1 (0)\n"
	"  --seed N            of the pseudo-random numbers behind those three (0)\n"
	"  --mtu N             of both hosts' devices, 1280 to 9000 (1500)\n"
	"  --path-mtu N        larger packets are dropped on the way, and ICMP says so\n"
	"  --box NAME[=ARG]    puts a middlebox in the wire; may be repeated, the first is\n"
	"                      next to the client\n"
	"  --list-boxes        lists them\n"
	"\n"
	"the hosts\n"
	"  --client-tfo N      net.ipv4.tcp_fastopen of the client, decimal or 0x (0x1)\n"
	"  --server-tfo N      of the server (0x403: every listener takes part)\n"
	"  --wait-port N       the client starts when the server listens on this TCP port\n"
	"                      (any)\n"
	"  --wait SECONDS      how long to wait for that (10)\n"
	"\n"
	"the trace\n"
	"  --ladder[=FILE]     draws the packets; - is standard output, no FILE standard error\n"
	"  --response N        marks as the response the server's first record of application\n"
	"                      data with N bytes or more\n"
	"  --pcap FILE         writes a capture, as taken on the client\n"
	"\n"
	"  --help\n"
	"\n"
	"Exit status: the client's, or 128 and the number of the signal that ended it;\n"
	"2 wrong usage; 77 the system permits no lab; 125 the lab or the server failed;\n"
	"126 and 127 the client cannot be run or is not there.\n";

enum {
	OPTION_RTT = 256,
	OPTION_JITTER,
	OPTION_LOSS,
	OPTION_REORDER,
	OPTION_SEED,
	OPTION_MTU,
	OPTION_PATH_MTU,
	OPTION_BOX,
	OPTION_LIST_BOXES,
	OPTION_CLIENT_TFO,
	OPTION_SERVER_TFO,
	OPTION_WAIT_PORT,
	OPTION_WAIT,
	OPTION_LADDER,
	OPTION_RESPONSE,
	OPTION_PCAP,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{"rtt", required_argument, NULL, OPTION_RTT},
	{"jitter", required_argument, NULL, OPTION_JITTER},
	{"loss", required_argument, NULL, OPTION_LOSS},
	{"reorder", required_argument, NULL, OPTION_REORDER},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"mtu", required_argument, NULL, OPTION_MTU},
	{"path-mtu", required_argument, NULL, OPTION_PATH_MTU},
	{"box", required_argument, NULL, OPTION_BOX},
	{"list-boxes", no_argument, NULL, OPTION_LIST_BOXES},
	{"client-tfo", required_argument, NULL, OPTION_CLIENT_TFO},
	{"server-tfo", required_argument, NULL, OPTION_SERVER_TFO},
	{"wait-port", required_argument, NULL, OPTION_WAIT_PORT},
	{"wait", required_argument, NULL, OPTION_WAIT},
	{"ladder", optional_argument, NULL, OPTION_LADDER},
	{"response", required_argument, NULL, OPTION_RESPONSE},
	{"pcap", required_argument, NULL, OPTION_PCAP},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

__attribute__((format(printf, 1, 2))) static enum command_parse complain(const char *format, ...)
{
	va_list arguments;

	fputs("tlsfo-lab: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs("\nTry tlsfo-lab --help.\n", stderr);
	return COMMAND_USAGE;
}

static bool read_real(const char *text, double most, double *ret_value)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !isfinite(value) || value < 0 || value > most)
		return false;
	*ret_value = value;
	return true;
}

static bool read_number(const char *text, unsigned long long least, unsigned long long most,
	unsigned long long *ret_value)
{
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || *end || value < least || value > most)
		return false;
	*ret_value = value;
	return true;
}

static bool read_wire_option(int option, const char *text, struct lab_options *lab)
{
	unsigned long long number = 0;
	bool good;

	switch (option) {
	case OPTION_RTT:
		return read_real(text, 60000, &lab->rtt_ms);
	case OPTION_JITTER:
		return read_real(text, 60000, &lab->jitter_ms);
	case OPTION_LOSS:
		return read_real(text, 1, &lab->loss);
	case OPTION_REORDER:
		return read_real(text, 1, &lab->reorder);
	case OPTION_SEED:
		good = read_number(text, 0, UINT64_MAX, &number);
		lab->seed = number;
		return good;
	case OPTION_MTU:
		good = read_number(text, 1280, 9000, &number);
		lab->mtu = (unsigned)number;
		return good;
	default:
		good = read_number(text, 68, 9000, &number);
		lab->path_mtu = (unsigned)number;
		return good;
	}
}

static bool read_host_option(int option, const char *text, struct command_options *options)
{
	unsigned long long number = 0;
	bool good;

	switch (option) {
	case OPTION_CLIENT_TFO:
		good = read_number(text, 0, INT32_MAX, &number);
		options->lab.client_fastopen = (int)number;
		return good;
	case OPTION_SERVER_TFO:
		good = read_number(text, 0, INT32_MAX, &number);
		options->lab.server_fastopen = (int)number;
		return good;
	case OPTION_WAIT_PORT:
		good = read_number(text, 1, UINT16_MAX, &number);
		options->wait_port = (uint16_t)number;
		return good;
	case OPTION_RESPONSE:
		good = read_number(text, 1, UINT32_MAX, &number);
		options->min_record = (size_t)number;
		return good;
	default:
		return read_real(text, 3600, &options->wait_seconds);
	}
}

static enum command_parse read_option(int option, const char *name, struct command_options *options)
{
	switch (option) {
	case OPTION_HELP:
		fputs(usage, stdout);
		return COMMAND_DONE;
	case OPTION_LIST_BOXES:
		lab_list_boxes(stdout);
		return COMMAND_DONE;
	case OPTION_BOX:
		if (options->box_count == LAB_BOXES_MAX)
			return complain("more than %d boxes", LAB_BOXES_MAX);
		options->boxes[options->box_count++] = optarg;
		return COMMAND_RUN;
	case OPTION_LADDER:
		options->ladder = true;
		options->ladder_file = optarg;
		return COMMAND_RUN;
	case OPTION_PCAP:
		options->pcap = optarg;
		return COMMAND_RUN;
	case '?':
		return complain("unknown option, or one without its argument: %s", name);
	default:
		break;
	}
	if (option <= OPTION_PATH_MTU ? read_wire_option(option, optarg, &options->lab)
				      : read_host_option(option, optarg, options))
		return COMMAND_RUN;
	return complain("%s cannot be %s", name, optarg);
}

/* "SERVER … -- CLIENT …", of which the separator becomes the end of the server's vector. */
static enum command_parse split(int count, char **words, struct command_options *options)
{
	int at;

	for (at = 0; at < count && strcmp(words[at], "--") != 0; at++)
		;
	if (at == 0)
		return complain("no server command");
	if (at + 1 >= count)
		return complain("no client command; a second -- comes before it");

	words[at] = NULL;
	options->server = (const char *const *)words;
	options->client = (const char *const *)&words[at + 1];
	return COMMAND_RUN;
}

enum command_parse command_options_read(int argc, char **argv, struct command_options *ret_options)
{
	struct command_options options = {.lab = LAB_OPTIONS_DEFAULT, .wait_seconds = 10};
	enum command_parse result;
	int option;

	opterr = 0;
	for (;;) {
		int at = optind;

		option = getopt_long(argc, argv, "+", long_options, NULL);
		if (option < 0)
			break;
		result = read_option(option, argv[at], &options);
		if (result != COMMAND_RUN)
			return result;
	}

	/* The commands may begin without a -- before them, as long as no option follows. */
	result = split(argc - optind, argv + optind, &options);
	if (result == COMMAND_RUN)
		*ret_options = options;
	return result;
}
