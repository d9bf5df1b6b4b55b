/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A ticket serves connections that agree in everything that matters, and no other: not one that
 * verifies when the first did not, not one that trusts other CAs, sends another name, offers other
 * protocols, shows another certificate, obeys another system-wide policy, or verifies in another way. The store is the
 * same for all of them.
 */

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"
#define POLICY	"GNUTLS_SYSTEM_PRIORITY_FILE"

typedef void (*change)(struct tlsfo_config *config);

static const struct early_turn turns[] = {{0}};

static struct tlsfo_config *make(struct tlsfo_store *store, change how)
{
	struct tlsfo_config *config = client_config_default();

	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	if (how != NULL)
		how(config);
	return config;
}

/* A visit that resumes or must not. */
static void visit(struct tlsfo_config *config, const char *host, const char *servername,
	struct peer *peer, bool resumes)
{
	char answer[sizeof(EARLY_ANSWER)] = "";
	struct tlsfo_conn *conn = NULL;

	client_verify_as(servername);
	int ret = client_connect_first(config, host, peer->port, REQUEST, strlen(REQUEST),
		TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	client_receive(conn, answer, sizeof(answer) - 1);
	client_close(conn);
	struct early_seen seen = early_hear(peer);
	assert_int_equal(early_has_ticket(&seen), resumes);
	assert_int_equal(seen.resumed, resumes);
	assert_int_equal(seen.announced, resumes);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
}

/* What either gets serves itself, and never the other. */
static void check_apart(struct tlsfo_store *store, struct tlsfo_config *a, struct tlsfo_config *b,
	const char *other_host, const char *name, const char *other_name)
{
	struct peer peer;

	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, 1});
	visit(a, "127.0.0.1", name, &peer, false);
	visit(b, other_host, other_name, &peer, false);
	visit(b, other_host, other_name, &peer, true);
	visit(a, "127.0.0.1", name, &peer, true);
	tlsfo_config_free(a);
	tlsfo_config_free(b);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

static void never_mix(
	change one, change other, const char *other_host, const char *name, const char *other_name)
{
	struct tlsfo_store *store = NULL;

	assert_int_equal(tlsfo_store_new(&store), 0);
	struct tlsfo_config *a = make(store, one);
	struct tlsfo_config *b = make(store, other);
	check_apart(store, a, b, other_host, name, other_name);
}

/* What the administrator demands of every session, in the file that GnuTLS was told of. */
static void demand(const char *profile)
{
	FILE *file = fopen(getenv(POLICY), "we");

	assert_non_null(file);
	fprintf(file, "[overrides]\nmin-verification-profile = %s\n", profile);
	assert_int_equal(fclose(file), 0);
}

static void the_policy(void **state)
{
	struct tlsfo_store *store = NULL;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	demand("low");
	struct tlsfo_config *weak = make(store, NULL);
	demand("medium");
	struct tlsfo_config *strong = make(store, NULL);
	check_apart(store, weak, strong, "127.0.0.1", NULL, NULL);
}

static void insecure(struct tlsfo_config *config)
{
	assert_int_equal(tlsfo_config_insecure_noverify(config), 0);
}

static void more_trust(struct tlsfo_config *config)
{
	assert_int_equal(tlsfo_config_set_ca_file(config, CERTS_DIR "/unknown-ca.pem"), 0);
}

static void priority(struct tlsfo_config *config)
{
	assert_int_equal(tlsfo_config_set_priority(config, "NORMAL:-CIPHER-ALL:+AES-256-GCM"), 0);
}

static void normal(struct tlsfo_config *config)
{
	assert_int_equal(tlsfo_config_set_priority(config, "NORMAL"), 0);
}

static void alpn_one(struct tlsfo_config *config)
{
	const char *const protocols[] = {"one", "two"};

	assert_int_equal(tlsfo_config_set_alpn(config, protocols, 1), 0);
}

static void alpn_two(struct tlsfo_config *config)
{
	const char *const protocols[] = {"one", "two"};

	assert_int_equal(tlsfo_config_set_alpn(config, protocols, 2), 0);
}

static void alpn_joined(struct tlsfo_config *config)
{
	const char *const protocols[] = {"onetwo"};

	assert_int_equal(tlsfo_config_set_alpn(config, protocols, 1), 0);
}

static void client_cert(struct tlsfo_config *config)
{
	assert_int_equal(tlsfo_config_set_client_cert_file(
				 config, CERTS_DIR "/client.pem", CERTS_DIR "/client-key.pem"),
		0);
}

static void other_cert(struct tlsfo_config *config)
{
	assert_int_equal(tlsfo_config_set_client_cert_file(
				 config, CERTS_DIR "/server.pem", CERTS_DIR "/server-key.pem"),
		0);
}

static int accept_all(
	gnutls_session_t session, const char *name, unsigned int status, void *userdata)
{
	(void)session;
	(void)name;
	(void)status;
	(void)userdata;
	return 0;
}

static void own_verification(struct tlsfo_config *config)
{
	assert_int_equal(tlsfo_config_set_verify(config, accept_all, NULL), 0);
}

static int prepare(gnutls_session_t session, void *userdata)
{
	(void)session;
	(void)userdata;
	return 0;
}

static void hooked(struct tlsfo_config *config)
{
	assert_int_equal(tlsfo_config_set_session_hook(config, prepare, NULL), 0);
}

static void pinned(struct tlsfo_config *config)
{
	char pin[CLIENT_PIN_SIZE];

	client_pin("server", pin);
	assert_int_equal(tlsfo_config_add_pin(config, pin), 0);
}

static void pinned_to_more(struct tlsfo_config *config)
{
	char pin[CLIENT_PIN_SIZE];

	pinned(config);
	client_pin("client", pin);
	assert_int_equal(tlsfo_config_add_pin(config, pin), 0);
}

static void plain(struct tlsfo_config *config)
{
	assert_int_equal(tlsfo_config_set_fast_open(config, TLSFO_USE_FAST_OPEN_NEVER), 0);
	assert_int_equal(tlsfo_config_set_family(config, AF_INET), 0);
	assert_int_equal(tlsfo_config_set_local_address(config, "127.0.0.1"), 0);
}

static void each_circumstance(void **state)
{
	static const change pairs[][2] = {
		{insecure, NULL},
		{NULL, insecure},
		{NULL, more_trust},
		{NULL, priority},
		{normal, priority},
		{NULL, normal},
		{NULL, alpn_one},
		{alpn_one, alpn_two},
		{alpn_two, alpn_joined},
		{NULL, client_cert},
		{client_cert, other_cert},
		{hooked, NULL},
		{NULL, hooked},
		{hooked, hooked},
		{pinned, NULL},
		{NULL, pinned},
		{pinned_to_more, pinned},
		{own_verification, NULL},
		{NULL, own_verification},
		/* The same function again: what it accepts need not be the same. */
		{own_verification, own_verification},
	};

	(void)state;
	for (size_t i = 0; i < suite_length(pairs); i++)
		never_mix(pairs[i][0], pairs[i][1], "127.0.0.1", NULL, NULL);
	never_mix(NULL, NULL, "127.0.0.1", NULL, "localhost");
}

/* The same server under another name, verified by the same. */
static void host(void **state)
{
	(void)state;
	never_mix(NULL, NULL, "ip4.test", "localhost", "localhost");
}

static void port(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer one;
	struct peer other;

	(void)state;
	early_start(&one, &(struct early_options){AF_INET, NULL, turns, 1});
	early_start(&other, &(struct early_options){AF_INET, NULL, turns, 1});
	visit(config, "127.0.0.1", NULL, &one, false);
	visit(config, "127.0.0.1", NULL, &other, false);
	visit(config, "127.0.0.1", NULL, &one, true);
	visit(config, "127.0.0.1", NULL, &other, true);
	tlsfo_config_free(config);
	peer_stop(&one);
	peer_stop(&other);
}

/* How a connection is made does not matter, nor how its host is written. */
static void what_does_not_matter(void **state)
{
	struct tlsfo_store *store = NULL;
	struct peer peer;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	struct tlsfo_config *a = make(store, NULL);
	struct tlsfo_config *b = make(store, NULL);
	plain(b);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, 1});
	visit(a, "ip4.test", "localhost", &peer, false);
	visit(b, "ip4.test", "localhost", &peer, true);
	visit(a, "IP4.TEST", "localhost", &peer, true);
	visit(b, "localhost", "localhost", &peer, false);
	visit(b, "localhost.", "localhost", &peer, true);
	tlsfo_config_free(a);
	tlsfo_config_free(b);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

/* GnuTLS asks for the name of its file before main(). */
static void begin_with_a_policy(char **argv)
{
	char path[] = "/tmp/tlsfo-policy-XXXXXX";

	if (getenv(POLICY) != NULL)
		return;
	int fd = mkstemp(path);
	if (fd < 0 || close(fd) != 0 || setenv(POLICY, path, 1) != 0)
		suite_abort("no file for a policy");
	execv("/proc/self/exe", argv);
	suite_abort("the test cannot begin again");
}

int main(int argc, char **argv)
{
	(void)argc;
	begin_with_a_policy(argv);
	const struct CMUnitTest tests[] = {
		{"each circumstance", each_circumstance, NULL, NULL, NULL},
		{"the host", host, NULL, NULL, NULL},
		{"the port", port, NULL, NULL, NULL},
		{"the policy", the_policy, NULL, NULL, NULL},
		{"what does not matter", what_does_not_matter, NULL, NULL, NULL},
	};

	net_begin();
	net_need_names();
	int ret =
		suite_run("tickets serve only the same circumstances", tests, suite_length(tests));
	unlink(getenv(POLICY));
	return ret;
}
