/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A certificate that is not the server's ends the command with status 4, which says why; nothing
 * of the input is sent then. */
#include "command/run.h"

#include <sys/socket.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/suite.h"

#define CA	"--cafile", CERTS_DIR "/ca.pem"
#define MESSAGE "hello\n"

/* Visits a peer that shows @certificate and sends back what it gets. */
static void visit(struct outcome *outcome, const char *certificate, const char *const *options)
{
	struct peer peer;
	struct peer_options peer_options = {.family = AF_INET, .certificate = certificate};
	const char *args[16] = {"connect", "-N"};
	struct port_text port;
	size_t count = 2;

	peer_start(&peer, &peer_options, peer_echo);
	port = run_port(peer.port);
	for (; options[count - 2] != NULL; count++)
		args[count] = options[count - 2];
	args[count++] = "127.0.0.1";
	args[count] = port.text;
	run_command(outcome, MESSAGE, args);
	peer_stop(&peer);
}

static void assert_refused(const char *certificate, const char *why, const char *const *options)
{
	struct outcome outcome;

	visit(&outcome, certificate, options);
	assert_int_equal(outcome.status, 4);
	assert_contains(outcome.err, why);
	assert_int_equal(outcome.length, 0);
}

static void assert_accepted(const char *certificate, const char *const *options)
{
	struct outcome outcome;

	visit(&outcome, certificate, options);
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, MESSAGE);
}

static void an_unknown_ca_is_refused(void **state)
{
	(void)state;
	assert_refused("unknown", "issuer is unknown", RUN_ARGS(CA));
	assert_refused("unknown", "issuer is unknown", RUN_ARGS(CA, "--report=none"));
	assert_refused("unknown", "--cafile FILE", RUN_ARGS(CA, "--report=none"));
	assert_refused(
		"server", "issuer is unknown", RUN_ARGS("--cafile", CERTS_DIR "/unknown-ca.pem"));
}

static void the_systems_store_does_not_know_the_test_ca(void **state)
{
	struct outcome outcome;

	(void)state;
	visit(&outcome, "server", RUN_ARGS("--report=line"));
	/* A system may have no trust store at all. */
	assert_true(outcome.status == 4 || outcome.status == 2);
	assert_int_equal(outcome.length, 0);
}

static void a_wrong_name_is_refused(void **state)
{
	(void)state;
	assert_refused("wrong-name", "name in the certificate does not match", RUN_ARGS(CA));
	assert_refused("wrong-name", "It is for other.test", RUN_ARGS(CA, "--report=none"));
	assert_refused("wrong-name", "--servername NAME", RUN_ARGS(CA));
	assert_refused("server", "name in the certificate does not match",
		RUN_ARGS(CA, "--servername", "other.test"));
}

static void an_expired_one_is_refused(void **state)
{
	(void)state;
	assert_refused("expired", "expired", RUN_ARGS(CA));
}

static void servername_is_what_is_verified(void **state)
{
	(void)state;
	assert_accepted("wrong-name", RUN_ARGS(CA, "--servername", "other.test"));
}

static void insecure_accepts_any(void **state)
{
	(void)state;
	assert_accepted("unknown", RUN_ARGS("--insecure"));
	assert_accepted("expired", RUN_ARGS("--insecure", CA));
	assert_accepted("wrong-name", RUN_ARGS("--insecure", CA));
}

static void a_key_that_is_not_pinned_is_refused(void **state)
{
	static const char other[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct outcome outcome;
	char pin[64] = "";

	(void)state;
	visit(&outcome, "server", RUN_ARGS("--insecure", "--pin", other));
	assert_int_equal(outcome.status, 4);
	const char *seen = strstr(outcome.err, "own key is ");
	assert_non_null(seen);
	assert_int_equal(sscanf(seen, "own key is %45[A-Za-z0-9+/=]", pin), 1);
	assert_accepted("server", RUN_ARGS("--insecure", "--pin", other, "--pin", pin));
	visit(&outcome, "server", RUN_ARGS("--pin", "no-pin"));
	assert_int_equal(outcome.status, 2);
	assert_contains(outcome.err, "--pin: pin \"no-pin\" is not");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_ca_is_refused),
		cmocka_unit_test(the_systems_store_does_not_know_the_test_ca),
		cmocka_unit_test(a_wrong_name_is_refused),
		cmocka_unit_test(an_expired_one_is_refused),
		cmocka_unit_test(servername_is_what_is_verified),
		cmocka_unit_test(insecure_accepts_any),
		cmocka_unit_test(a_key_that_is_not_pinned_is_refused),
	};

	return suite_run("refused_certificates_exit_4", tests, suite_length(tests));
}
