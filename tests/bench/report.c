/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Makes benchmark.md, benchmark.csv and, with gnuplot, benchmark.svg of the figures of the
 * benchmarks:
 *
 *	bench-report [--output DIRECTORY] [FILE...]
 *
 * Without files it takes those that the benchmarks left in their directory of the build, where the
 * section that bench-paths wrote is taken from in any case. Exit status 1 when a requirement was missed
 * (bench-paths has a status of its own), 2 when something is wrong.
 */

#include "report.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "options.h"
#include "output.h"
#include "versions.h"

static const char top[] =
	"# Benchmark\n\n"
	"Times from the client's first SYN to the first byte of the response, taken on the wire "
	"for all\n"
	"clients in the same way. Made by `sh tools/bench`; every single measurement is in\n"
	"[benchmark.csv](benchmark.csv), and a figure that could not be taken is a dash.\n\n"
	"![Round trips and milliseconds](benchmark.svg)\n\n"
	"## Required of tlsfo\n\n"
	"Round trips at 50 ms against nginx. The median counts; where it is far above the least, "
	"the machine\n"
	"was busy with other things. All early data must have left in the SYN. Below, without a "
	"limit, what\n"
	"GnuTLS does by itself.\n\n";

static const char paths_missing[] = "## Required behind hostile paths\n\n"
				    "–: not measured (`bench-paths`).\n\n";

static const char trips[] =
	"## Round trips to the first byte of the response\n\n"
	"Medians. *First contact*: the client's system has no fast-open cookie of the server. "
	"*Cookie\n"
	"known*: it got one on the visit before. *Cookie + ticket*: the session of an earlier "
	"visit was\n"
	"resumed. *Early data*: the request went as TLS 1.3 early data, and the server took it. "
	"All of this\n"
	"is asked of the packets; a visit that was anything else has no time. A dash: the client, "
	"or the\n"
	"version of it that is installed, cannot do it. A plain connect has no use for a cookie; "
	"its later\n"
	"visits are measured like the others'. gnutls-cli keeps no session for another process: "
	"its visit\n"
	"with a ticket is its second connection, counted from that connection's SYN.\n\n"
	"The first byte takes three round trips with TLS 1.3, two when the ClientHello rides in "
	"the SYN,\n"
	"and one when early data rides there with it; early data that follows the SYN takes two. A "
	"ticket\n"
	"alone saves no round trip in TLS 1.3. TLS 1.2 needs one more, unless the session is "
	"resumed or the\n"
	"client sends its request without waiting for the server's Finished (false start, RFC "
	"7918), as\n"
	"tlsfo's library and wget2 do. GnuTLS leaves Nagle's algorithm on, which costs a round "
	"trip or a\n"
	"delayed acknowledgement (40 ms) where a flight is written in pieces: in a client that "
	"does not set\n"
	"TCP_NODELAY, and in TLS 1.3 also in gnutls-serv, which holds its Certificate back until "
	"its\n"
	"ServerHello is acknowledged, whoever the client is.\n\n";

static const char boxes[] =
	"## Behind a middlebox\n\n"
	"Milliseconds to the first byte of the response, medians. A first visit on the clear path "
	"has\n"
	"fetched a cookie, then the box was put into the wire (server-key-change: before the first "
	"visit).\n"
	"50 ms, nginx, TLS 1.3, a name with an IPv6 and an IPv4 address, in this order; a client "
	"that goes\n"
	"on to IPv4 has no cookie there. A dash: no response within 6 s, or the client gave up.\n"
	"`tlsfo-lab --list-boxes` says what each box does.\n\n";

static const char method[] = "## How it was measured\n\n"
			     "Client and server run in two network namespaces, joined by two TUN "
			     "devices and a wire in user\n"
			     "space that holds every packet for half the round-trip time and "
			     "records it (`tests/lab`). The wire\n"
			     "is exact to a few tenths of a millisecond; what exceeds whole round "
			     "trips is computing time, of\n"
			     "programs that may have to wait for a processor (they run at nice -10 "
			     "where that is permitted).\n"
			     "Every visit is a client started anew. The response begins with the "
			     "first record of at least 4096\n"
			     "bytes that the server sends after the client's request has reached "
			     "it; the servers answer every\n"
			     "request with a page of 8000 bytes. Every client gets new hosts for "
			     "every run, so that nothing is\n"
			     "left of an earlier one, a server that has answered once, and the "
			     "clients take turns. Before each\n"
			     "visit with a ticket there is one that fetches it and is not "
			     "measured. nginx has `listen ... ssl\n"
			     "fastopen=16` and `ssl_early_data on`, gnutls-serv takes part by "
			     "sysctl `net.ipv4.tcp_fastopen` =\n"
			     "0x403 and is not asked for early data. Servers show a small ECDSA "
			     "certificate, clients verify it\n"
			     "against one CA.\n\n";

static FILE *create(const char *directory, const char *name)
{
	FILE *file = output_create(directory, name);

	if (!file)
		exit(2);
	return file;
}

static void read_figures(struct figures *figures, int count, char **paths)
{
	static const char *const names[] = {"round-trips.csv", "middleboxes.csv"};
	char path[OUTPUT_PATH_SIZE];
	bool good = true;
	int i;

	for (i = 0; i < count; i++)
		good = figures_read(figures, paths[i]) && good;
	for (i = 0; count == 0 && i < 2; i++) {
		output_path(path, BENCH_DIR, names[i]);
		if (access(path, R_OK) == 0)
			good = figures_read(figures, path) && good;
	}
	if (!good || figures->count == 0) {
		fputs("bench-report: no figures; run the benchmarks first\n", stderr);
		exit(2);
	}
}

static void write_csv(const char *directory, const struct figures *figures)
{
	FILE *file = create(directory, "benchmark.csv");
	size_t i;

	figure_write_names(file);
	for (i = 0; i < figures->count; i++)
		figure_write(file, &figures->list[i]);
	fclose(file);
}

static void draw(const char *directory, const struct figures *figures)
{
	char command[OUTPUT_PATH_SIZE + 16];
	char script[OUTPUT_PATH_SIZE];
	char svg[OUTPUT_PATH_SIZE];
	FILE *file = create(directory, "benchmark.gnuplot");
	bool drawn;

	output_path(svg, directory, "benchmark.svg");
	output_path(script, directory, "benchmark.gnuplot");
	drawn = report_plot(file, figures, svg);
	fclose(file);
	snprintf(command, sizeof(command), "gnuplot '%s'", script);
	if (!drawn || system(command) != 0)
		fputs("bench-report: no picture, because there are no times, or gnuplot is missing "
		      "or failed\n",
			stderr);
	remove(script);
}

/* The section that bench-paths wrote, as it is. */
static void add_paths(FILE *file)
{
	char path[OUTPUT_PATH_SIZE];
	char buf[OUTPUT_PATH_SIZE];
	FILE *section;
	size_t length;

	output_path(path, BENCH_DIR, "paths.md");
	section = fopen(path, "re");
	if (!section) {
		fputs(paths_missing, file);
		return;
	}
	while ((length = fread(buf, 1, sizeof(buf), section)) > 0)
		fwrite(buf, 1, length, file);
	fclose(section);
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"output", required_argument, NULL, 'o'}, {NULL, 0, NULL, 0}};
	const char *directory = BENCH_DIR;
	struct figures figures = {0};
	bool met;
	int option;
	FILE *file;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (option != 'o')
			return 2;
		directory = optarg;
	}
	options_extend_path();
	read_figures(&figures, argc - optind, argv + optind);
	write_csv(directory, &figures);
	draw(directory, &figures);

	file = create(directory, "benchmark.md");
	fputs(top, file);
	met = report_required(file, &figures);
	add_paths(file);
	fputs(trips, file);
	report_round_trips(file, &figures);
	fputs(boxes, file);
	report_middleboxes(file, &figures);
	fputs(method, file);
	fputs("Versions:\n\n", file);
	versions_write(file);
	figures_free(&figures);
	return fclose(file) == EOF ? 2 : !met;
}
