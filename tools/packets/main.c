/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "packets.h"

static const char usage[] =
	"usage: packets record INTERFACE PORT FILE   record until SIGTERM, in pcap format\n"
	"       packets list PORT FILE...            list the packets; PORT is the server's\n"
	"       packets syns PORT FILE...            list the client's SYNs alone\n"
	"       packets syn PORT FILE                tell what the first SYN to PORT carried\n";

static uint16_t port_of(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	return *text == '\0' || *end != '\0' || value > UINT16_MAX ? 0 : (uint16_t)value;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (argc == 5 && strcmp(verb, "record") == 0 && port_of(argv[3]) != 0)
		return record(argv[2], port_of(argv[3]), argv[4]);
	if (argc >= 4 && strcmp(verb, "list") == 0 && port_of(argv[2]) != 0)
		return list(port_of(argv[2]), false, argv + 3);
	if (argc >= 4 && strcmp(verb, "syns") == 0 && port_of(argv[2]) != 0)
		return list(port_of(argv[2]), true, argv + 3);
	if (argc == 4 && strcmp(verb, "syn") == 0 && port_of(argv[2]) != 0)
		return syn(port_of(argv[2]), argv[3]);
	fputs(usage, stderr);
	return 2;
}
