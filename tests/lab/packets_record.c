/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "packets.h"

#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Packets wait here while the recorder does not run. */
enum { SNAPSHOT = 65550, BUFFER = 8 << 20 };

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "packets: %s: %s\n", what, why);
	return 1;
}

static int activate(pcap_t *pcap, uint16_t port)
{
	struct bpf_program program;
	char filter[32];

	snprintf(filter, sizeof(filter), "tcp port %u", port);
	if (pcap_set_snaplen(pcap, SNAPSHOT) != 0 || pcap_set_buffer_size(pcap, BUFFER) != 0 ||
		pcap_set_immediate_mode(pcap, 1) != 0 ||
		pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO) != 0 ||
		pcap_activate(pcap) < 0 ||
		pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return -1;

	int result = pcap_setfilter(pcap, &program);

	pcap_freecode(&program);
	return result;
}

/* Returns when a signal is there, with all that was captured before it. */
static int run(pcap_t *pcap, pcap_dumper_t *dumper, int stop)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	struct pollfd wait[2] = {
		{.fd = pcap_get_selectable_fd(pcap), .events = POLLIN},
		{.fd = stop, .events = POLLIN},
	};
	struct pcap_stat stat = {0};

	if (pcap_setnonblock(pcap, 1, error) < 0)
		return complain("recording", error);
	puts("ready");
	fflush(stdout);
	while (wait[1].revents == 0) {
		if (poll(wait, 2, -1) < 0 ||
			pcap_dispatch(pcap, -1, pcap_dump, (u_char *)dumper) < 0)
			return complain("recording", pcap_geterr(pcap));
	}
	if (pcap_dump_flush(dumper) < 0)
		return complain("recording", "the file cannot be written");
	/* A listing without these packets would be wrong. */
	if (pcap_stats(pcap, &stat) < 0 || stat.ps_drop > 0)
		return complain("recording", "packets were lost, the record is not complete");
	return 0;
}

static int record(pcap_t *pcap, const char *interface, uint16_t port, FILE *file)
{
	sigset_t signals;
	int status;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (activate(pcap, port) < 0)
		return complain(interface, pcap_geterr(pcap));

	int stop = signalfd(-1, &signals, SFD_CLOEXEC);
	pcap_dumper_t *dumper = pcap_dump_fopen(pcap, file);

	if (stop < 0 || dumper == NULL)
		status = complain("recording", pcap_geterr(pcap));
	else
		status = run(pcap, dumper, stop);
	if (dumper != NULL)
		pcap_dump_close(dumper);
	close(stop);
	return status;
}

int packets_record(const char *interface, uint16_t port, const char *path)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	FILE *file = fopen(path, "wbxe");
	pcap_t *pcap = pcap_create(interface, error);

	if (file == NULL || pcap == NULL)
		return complain(
			file == NULL ? path : interface, file == NULL ? "cannot be made" : error);

	int status = record(pcap, interface, port, file);

	pcap_close(pcap);
	return status;
}
