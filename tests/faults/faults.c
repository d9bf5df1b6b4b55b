/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whatever call fails, whenever it does: nothing crashes, nothing hangs, nothing is left open or allocated,
 * what was lost is told, and the store can be read.
 *
 *	faults SCENARIO					every call of every function fails once
 *	faults SCENARIO FUNCTION NUMBER ERRNO [gnutls]	that call alone, in this process, for a debugger
 *
 * With TLSFO_TEST_LONG in the environment every call fails with every errno that it may give; without, each
 * call with one of these, and of many calls some.
 */

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include <tlsfo/tlsfo.h>

#include "faults/inject.h"
#include "faults/scene.h"
#include "support/early.h"
#include "support/suite.h"
#include "support/tree.h"

/* Nothing takes so long but what takes for ever. */
#define HANG_MS		  60000
#define HANG_FOREVER_MS	  15000
#define FOREVER_MS	  300
#define SERVER_VISITS	  2000
#define BROKEN_SIZE	  512
#define CRASHED_IN_GNUTLS 42

static const struct early_turn turns[] = {{0}};

/* Shared with the child that plays. */
static struct outcome {
	char broken[BROKEN_SIZE]; /* the first promise */
	int ret;
} * outcome;

static struct {
	const struct scenario *scenario;
	struct scene scene;
	struct peer peer;
	unsigned int visits; /* of the server */
	bool is_long;
	unsigned int runs, hits, told, wrong, crashed_in_gnutls;
} table;

void scene_broken(const char *format, ...)
{
	va_list args;

	if (outcome->broken[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(outcome->broken, sizeof(outcome->broken), format, args);
	va_end(args);
}

/* -------------------------------------------------------------------------------- one run -- */

static int pass(const struct tlsfo_store_entry *entry, void *userdata)
{
	(void)entry;
	(void)userdata;
	return 0;
}

static void check_store(void)
{
	struct tlsfo_store *store = NULL;
	int ret = tlsfo_store_open(table.scene.dir, NULL, 0, &store);

	if (ret == 0)
		ret = tlsfo_store_list(store, pass, NULL);
	if (ret != 0)
		scene_broken("the store cannot be read any more: %s", tlsfo_strerror(ret));
	tlsfo_store_free(store);
}

static void play(void)
{
	struct inject *inject = inject_control();
	bool allocates = inject_functions[inject->function].memory;
	size_t descriptors = suite_open_descriptors();
	char left[256];

	/* What GnuTLS keeps of its random numbers, for each process. */
	gnutls_rnd(GNUTLS_RND_NONCE, left, sizeof(left));
	if (table.scenario->prepare != NULL)
		table.scenario->prepare(&table.scene);
	inject_watch_memory();
	inject->armed = getpid();
	outcome->ret = table.scenario->play(&table.scene);
	inject->armed = 0;
	suite_await_threads(1);
	/* GnuTLS itself forgets some when it gets no more. */
	if (inject_left_memory(allocates && inject->caller == INJECT_GNUTLS, left, sizeof(left)) >
		0)
		scene_broken("left in memory:%s", left);
	if (suite_open_descriptors() != descriptors)
		scene_broken("%zu descriptors are open, before %zu", suite_open_descriptors(),
			descriptors);
	check_store();
}

static void await(pid_t pid, int alive)
{
	struct pollfd pfd = {.fd = alive, .events = POLLIN};
	int status = 0;

	if (poll(&pfd, 1, inject_control()->forever ? HANG_FOREVER_MS : HANG_MS) == 0) {
		scene_broken("hangs");
		kill(pid, SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		scene_broken("ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == CRASHED_IN_GNUTLS)
		table.crashed_in_gnutls++;
	else if (WEXITSTATUS(status) != 0)
		scene_broken("exit status %d", WEXITSTATUS(status));
}

static void serve_anew(void)
{
	if (table.visits > 0)
		peer_stop(&table.peer);
	early_start(&table.peer, &(struct early_options){AF_INET, NULL, turns, 1});
	table.scene.port = table.peer.port;
	table.visits = 1;
}

/* What the server saw is not asked for. */
static void forget_seen(void)
{
	struct pollfd pfd = {.fd = table.peer.test, .events = POLLIN};
	char some[4096];

	while (poll(&pfd, 1, 0) == 1 && read(pfd.fd, some, sizeof(some)) > 0)
		continue;
}

/*
 * GnuTLS itself does not outlive every want of memory: GMP's way to say so ends the process, and
 * gnutls_x509_dn_init() of 3.7.9 hands what it has not got to libtasn1. Nobody else calls these two.
 */
static void crash(int signal_number)
{
	void *frames[16];
	int count = backtrace(frames, suite_length(frames));
	Dl_info info;

	for (int i = 0; i < count && inject_control()->caller == INJECT_GNUTLS; i++)
		if (dladdr(frames[i], &info) != 0 &&
			(strstr(info.dli_fname, "/libgmp.so") != NULL ||
				strstr(info.dli_fname, "/libtasn1.so") != NULL))
			_exit(CRASHED_IN_GNUTLS);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* In a process of its own, which ends when it crashes: cmocka would go on in it. */
static void run(void)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
	int alive[2];

	if (table.visits++ % SERVER_VISITS == 0)
		serve_anew();
	memset(outcome, 0, sizeof(*outcome));
	strcpy(table.scene.dir, "/tmp/tlsfo-faults-XXXXXX");
	assert_non_null(mkdtemp(table.scene.dir));
	assert_int_equal(pipe(alive), 0);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(alive[0]);
		for (size_t i = 0; i < suite_length(crashes); i++)
			signal(crashes[i], crash);
		play();
		_exit(0);
	}
	close(alive[1]);
	await(pid, alive[0]);
	close(alive[0]);
	forget_seen();
	assert_int_equal(tree_remove(table.scene.dir), 0);
	table.runs++;
	table.told += outcome->ret != 0;
}

/* ------------------------------------------------------------------------------- all runs -- */

static void ask(int function, enum inject_caller caller, uint32_t number, int error, bool forever)
{
	struct inject *inject = inject_control();

	*inject = (struct inject){.function = function,
		.caller = (int32_t)caller,
		.number = number,
		.error = error,
		.forever = forever};
}

static void complain(void)
{
	const struct inject *inject = inject_control();

	table.wrong++;
	print_message("# %s: %s %u of %s%s: %s: %s\n", table.scenario->name,
		inject_functions[inject->function].name, inject->number,
		inject->caller == INJECT_GNUTLS ? "GnuTLS" : "tlsfo",
		inject->forever ? " and all later" : "", strerror(inject->error), outcome->broken);
}

/* True: that call was made, and failed. */
static bool try(int function, enum inject_caller caller, uint32_t number, int error, bool forever)
{
	ask(function, caller, number, error, forever);
	run();
	if (outcome->broken[0] != '\0')
		complain();
	table.hits += inject_control()->failed > 0;
	return inject_control()->failed > 0;
}

/* In steps that grow, where it is called often and time is short. */
static uint32_t next_number(uint32_t number)
{
	if (!table.is_long)
		return number + 1 + number / 12;
	return number < 200 ? number + 1 : number + number / 200;
}

static void try_each_call(int function, enum inject_caller caller)
{
	const int *errors = inject_functions[function].errors;
	uint32_t number = 1;
	bool made = true;
	size_t count = 0;
	size_t next = 0;

	while (count < INJECT_ERRORS && errors[count] != 0)
		count++;
	for (; made; number = next_number(number)) {
		made = try(function, caller, number, errors[next++ % count], false);
		for (size_t i = 1; made && table.is_long && i < count; i++)
			try(function, caller, number, errors[next++ % count], false);
	}
}

/* Nothing fails: it has to go well. A busy machine may need several tries. */
static void check_first(void)
{
	for (int i = 0; i < 3; i++) {
		ask(0, INJECT_TLSFO, 0, 0, false);
		run();
		if (outcome->ret == 0 && outcome->broken[0] == '\0')
			return;
		print_message("# %s: %s %s\n", table.scenario->name, tlsfo_strerror(outcome->ret),
			outcome->broken);
	}
	fail_msg("it does not even succeed when nothing fails");
}

static void begin(void)
{
	table.runs = table.hits = table.told = table.wrong = table.visits = 0;
	table.crashed_in_gnutls = 0;
	table.scene.deadline_ms = SCENE_DEADLINE_MS;
	serve_anew();
	check_first();
}

static void end(void)
{
	print_message(
		"# %s: %u runs, %u calls failed, %u times that was told, %u times GnuTLS ended "
		"the process\n",
		table.scenario->name, table.runs, table.hits, table.told, table.crashed_in_gnutls);
	peer_stop(&table.peer);
	assert_true(table.hits > 0);
	assert_int_equal(table.wrong, 0);
}

static void every_call_fails_once(void **state)
{
	(void)state;
	begin();
	for (int i = 0; inject_functions[i].name != NULL; i++) {
		try_each_call(i, INJECT_TLSFO);
		if (inject_functions[i].memory && !table.scenario->elsewhere)
			try_each_call(i, INJECT_GNUTLS);
	}
	end();
}

static int find_function(const char *name)
{
	int i = 0;

	while (inject_functions[i].name != NULL && strcmp(inject_functions[i].name, name) != 0)
		i++;
	return i;
}

/* From some call on nothing else is said any more. The deadline is kept all the same. */
static void some_calls_fail_for_ever(void **state)
{
	static const char *const functions[] = {
		"sendmsg", "send", "sendto", "recv", "recvfrom", "poll", "read", "write", "flock"};
	static const int errors[] = {EINTR, EAGAIN};

	(void)state;
	begin();
	table.scene.deadline_ms = FOREVER_MS;
	for (size_t i = 0; i < suite_length(functions); i++) {
		int function = find_function(functions[i]);

		for (size_t k = 0; k < suite_length(errors); k++)
			for (uint32_t n = 1; try(function, INJECT_TLSFO, n, errors[k], true) &&
					     outcome->broken[0] == '\0';
				n += table.is_long ? 1 : 1 + n / 3)
				continue;
	}
	end();
}

static void one_call_fails(void **state)
{
	(void)state;
	serve_anew();
	strcpy(table.scene.dir, "/tmp/tlsfo-faults-XXXXXX");
	assert_non_null(mkdtemp(table.scene.dir));
	play();
	print_message("# %s %s\n", tlsfo_strerror(outcome->ret), outcome->broken);
	peer_stop(&table.peer);
	assert_int_equal(inject_control()->failed, 1);
	assert_string_equal(outcome->broken, "");
}

static void choose(const char *name)
{
	table.scenario = scenarios;
	while (table.scenario->name != NULL && strcmp(table.scenario->name, name) != 0)
		table.scenario++;
	if (table.scenario->name == NULL)
		suite_abort("no such scenario: %s", name);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_fails_once),
		cmocka_unit_test(some_calls_fail_for_ever),
	};
	const struct CMUnitTest one[] = {cmocka_unit_test(one_call_fails)};

	if (argc != 2 && argc != 5 && argc != 6)
		suite_abort("usage: faults SCENARIO [FUNCTION NUMBER ERRNO [gnutls]]");
	choose(argv[1]);
	table.is_long = getenv("TLSFO_TEST_LONG") != NULL;
	table.scene.deadline_ms = SCENE_DEADLINE_MS;
	outcome = mmap(
		NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED)
		suite_abort("no memory");
	if (argc == 2)
		return suite_run(table.scenario->name, tests, suite_length(tests));
	ask(find_function(argv[2]), argc == 6 ? INJECT_GNUTLS : INJECT_TLSFO,
		(uint32_t)strtoul(argv[3], NULL, 10), (int)strtol(argv[4], NULL, 10), false);
	return suite_run(table.scenario->name, one, suite_length(one));
}
