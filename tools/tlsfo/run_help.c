/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "help.h"
#include "run.h"

const char run_help[] =
	"Usage: tlsfo run [OPTION]... COMMAND [ARGUMENT]...\n"
	"Run COMMAND, and what it starts, with TCP Fast Open: where the system knows a cookie\n"
	"of an address that answered last time, the ClientHello leaves in the SYN. The program\n"
	"is not changed; a small library is loaded before those that it uses (LD_PRELOAD).\n"
	"Set-user-ID programs, programs without shared libraries and programs in Go run as\n"
	"they do without.\n"
	"\n"
	"  --ports LIST        only for these ports, where TLS begins with the first byte:\n"
	"                      numbers and ranges, separated by commas; default\n"
	"                      443,465,563,636,853,989-995,4460,5061,5671,6697,8883\n"
	"  --report-file FILE  append one JSON object a connection to FILE, each on a line of\n"
	"                      its own: what became of fast open\n"
	"\n" HELP_ITSELF "\n"
	"Exit status: that of COMMAND, or\n"
	"    1  a file or the library cannot be used\n"
	"    2  an argument is wrong\n"
	"  126  COMMAND cannot be run\n"
	"  127  there is no COMMAND\n";
