/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "many_run.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lab/lab.h"

enum {
	PORT = 4433,
	RTT_MS = 20,
	LISTEN_MS = 10000,
	END_MS = 600000,
	QUEUE = 1000000,
	TRACE = 1 << 20
};

static int prepare(struct lab *lab)
{
	static const struct {
		enum lab_side side;
		const char *name;
		const char *value;
	} settings[] = {
		{LAB_SERVER, "net/core/somaxconn", "65535"},
		{LAB_SERVER, "net/ipv4/tcp_max_syn_backlog", "65535"},
		{LAB_CLIENT, "net/ipv4/ip_local_port_range", "1024 65000"},
	};
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		int result =
			lab_set_sysctl(lab, settings[i].side, settings[i].name, settings[i].value);

		if (result < 0)
			return result;
	}
	return 0;
}

static int start_server(struct lab *lab, const struct many_plan *plan)
{
	char port[16];
	char take[16];
	char answer[16];
	const char *const argv[] = {BENCH_DIR "/bench-many-server", CERTS_DIR "/server.pem",
		CERTS_DIR "/server-key.pem", port, take, answer, NULL};
	pid_t pid;
	int result;

	snprintf(port, sizeof(port), "%d", PORT);
	snprintf(take, sizeof(take), "%u", plan->take_us);
	snprintf(answer, sizeof(answer), "%u", plan->answer_ms);
	result = lab_spawn(lab, LAB_SERVER, argv, -1, -1, STDERR_FILENO, &pid);
	if (result < 0)
		return result;
	return lab_wait_listen(lab, LAB_SERVER, PORT, lab_deadline(LISTEN_MS));
}

static int start_client(struct lab *lab, const struct many_plan *plan, int output, pid_t *ret_pid)
{
	char port[16];
	char count[16];
	char file[4096];
	const char *const argv[] = {"strace", "-f", "-c", "-o", plan->calls,
		BENCH_DIR "/bench-many-client", plan->way, count,
		plan->each	 ? "each"
		: plan->stranger ? "strangers"
				 : "all",
		CERTS_DIR "/ca.pem", LAB_SERVER_IPV4, port, NULL};

	const char *const counted[] = {"valgrind", "--quiet", "--tool=callgrind", file, argv[5],
		argv[6], argv[7], argv[8], argv[9], argv[10], argv[11], NULL};

	snprintf(port, sizeof(port), "%d", PORT);
	snprintf(count, sizeof(count), "%u", plan->count);
	snprintf(file, sizeof(file), "--callgrind-out-file=%s",
		plan->instructions ? plan->instructions : "");
	if (plan->instructions)
		return lab_spawn(lab, LAB_CLIENT, counted, -1, output, STDERR_FILENO, ret_pid);
	return lab_spawn(
		lab, LAB_CLIENT, plan->calls ? argv : argv + 5, -1, output, STDERR_FILENO, ret_pid);
}

static bool read_result(struct lab *lab, const struct many_plan *plan, struct many_result *result)
{
	int ends[2];
	pid_t pid;
	FILE *file;
	bool good;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	good = start_client(lab, plan, ends[1], &pid) == 0;
	close(ends[1]);
	file = fdopen(ends[0], "r");
	if (good) {
		good = file && many_result_read(file, result);
		(void)lab_wait(lab, pid, lab_deadline(END_MS), NULL);
	}
	if (file)
		fclose(file);
	return good;
}

void many_run(const struct many_plan *plan, struct many_row *ret_row)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;
	struct lab *lab;
	int result;

	options.rtt_ms = RTT_MS;
	options.queue_packets = QUEUE;
	options.trace_bytes = TRACE;
	options.server_fastopen = plan->cookie ? 0x3 : 0;
	*ret_row = (struct many_row){.plan = *plan};
	lab = lab_new_or_exit(&options);
	result = prepare(lab);
	if (result == 0)
		result = start_server(lab, plan);
	if (result < 0)
		fprintf(stderr, "bench-many: %s\n", strerror(-result));
	ret_row->taken = result == 0 && read_result(lab, plan, &ret_row->result);
	ret_row->syns = lab_trace_syns(lab) - 1;
	ret_row->connections = lab_trace_connections(lab) - 1;
	lab_free(lab);
}
