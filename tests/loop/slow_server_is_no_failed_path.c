/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that takes its time looks like a path that goes silent after the SYN, and a plain attempt
 * starts beside. When that is not answered sooner the path is not to blame: nothing is remembered.
 */

#include <signal.h>
#include <poll.h>
#include <unistd.h>

#include <sys/wait.h>

#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"

/* Longer than the grace time of a quarter of a second by more than half of it. */
#define PAUSE_MS 600

/* Stops the server for as long, from now on; what the kernel does for it goes on. */
static pid_t pause_server(const struct peer *peer)
{
	assert_int_equal(kill(peer->pid, SIGSTOP), 0);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	poll(NULL, 0, PAUSE_MS);
	_exit(kill(peer->pid, SIGCONT) == 0 ? 0 : 1);
}

static int count_paths(const struct tlsfo_store_entry *entry, void *userdata)
{
	*(int *)userdata += entry->kind == TLSFO_STORE_PATH || entry->kind == TLSFO_STORE_NETWORK;
	return 0;
}

static void fact(void **state)
{
	static const struct early_turn turn = {.ticket = EARLY_NO_TICKET};
	const struct early_options options = {.family = AF_INET, .turns = &turn, .count = 1};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_store *store = NULL;
	struct peer peer;
	int status = -1, paths = 0;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	kernel_fetch_cookie(AF_INET);
	early_start(&peer, &options);
	pid_t pid = pause_server(&peer);
	struct tlsfo_report report = client_request(config, AF_INET, peer.port, "hello\n", 6);

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* It looked as if it were so. */
	assert_int_equal(report.reason, TLSFO_REASON_SILENT);
	assert_int_equal(tlsfo_store_list(store, count_paths, &paths), 0);
	assert_int_equal(paths, 0);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fact),
	};

	return suite_run("slow server is no failed path", tests, suite_length(tests));
}
