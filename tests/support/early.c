/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/early.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "support/suite.h"

#define EARLY_DATA_MAX 16384
#define DATA_MAX       (256 * 1024)
#define KEYS_MAX       8192
#define KEY_MAX	       64

/* What the child keeps from one connection to the next. */
static struct {
	bool ready;
	gnutls_certificate_credentials_t credentials;
	gnutls_datum_t keys[2];
	gnutls_anti_replay_t anti_replay;
	gnutls_anti_replay_t all_replayed;
	size_t connections;
	unsigned char seen[KEYS_MAX][KEY_MAX];
	size_t seen_count;
} child;

/* One connection of the child's. */
struct serving {
	int fd;
	const struct early_turn *turn;
	gnutls_session_t session;
	struct early_seen seen;
	unsigned int hellos;
	size_t written;
	unsigned char *data;
};

static void check(int ret, const char *what)
{
	if (ret < 0)
		peer_fail(what, ret);
}

/* Early data is for the first time only (RFC 8446 §8.1). */
static int remember(
	void *ptr, time_t expires, const gnutls_datum_t *key, const gnutls_datum_t *data)
{
	(void)ptr;
	(void)expires;
	(void)data;
	if (key->size > KEY_MAX || child.seen_count == KEYS_MAX)
		peer_fail("too many connections", GNUTLS_E_INTERNAL_ERROR);
	for (size_t i = 0; i < child.seen_count; i++)
		if (memcmp(child.seen[i], key->data, key->size) == 0)
			return GNUTLS_E_DB_ENTRY_EXISTS;
	memcpy(child.seen[child.seen_count++], key->data, key->size);
	return 0;
}

static int call_it_replayed(
	void *ptr, time_t expires, const gnutls_datum_t *key, const gnutls_datum_t *data)
{
	(void)ptr;
	(void)expires;
	(void)key;
	(void)data;
	return GNUTLS_E_DB_ENTRY_EXISTS;
}

static void prepare_child(const char *certificate)
{
	/* Machines are busy: what is a replay is told by remember(), not by the clock. */
	enum { WINDOW_MS = 600000 };
	char cert[512];
	char key[512];

	if (child.ready)
		return;
	child.ready = true;
	snprintf(cert, sizeof(cert), "%s/%s.pem", CERTS_DIR, certificate);
	snprintf(key, sizeof(key), "%s/%s-key.pem", CERTS_DIR, certificate);
	check(gnutls_certificate_allocate_credentials(&child.credentials), "credentials");
	check(gnutls_certificate_set_x509_key_file(
		      child.credentials, cert, key, GNUTLS_X509_FMT_PEM),
		cert);
	check(gnutls_session_ticket_key_generate(&child.keys[0]), "ticket key");
	check(gnutls_session_ticket_key_generate(&child.keys[1]), "ticket key");
	check(gnutls_anti_replay_init(&child.anti_replay), "anti-replay");
	gnutls_anti_replay_set_add_function(child.anti_replay, remember);
	gnutls_anti_replay_set_window(child.anti_replay, WINDOW_MS);
	check(gnutls_anti_replay_init(&child.all_replayed), "anti-replay");
	gnutls_anti_replay_set_add_function(child.all_replayed, call_it_replayed);
}

static int hear_hello(gnutls_session_t session, unsigned int type, unsigned int when,
	unsigned int incoming, const gnutls_datum_t *message)
{
	struct serving *serving = gnutls_session_get_ptr(session);
	struct early_seen *seen = &serving->seen;
	size_t len;

	(void)when;
	if (type != GNUTLS_HANDSHAKE_CLIENT_HELLO || incoming == 0)
		return 0;
	if (serving->hellos++ > 0) {
		seen->retried = true;
		return 0;
	}
	/* Behind the version (RFC 8446 §4.1.2). */
	if (message->size >= 2 + sizeof(seen->random))
		memcpy(seen->random, message->data + 2, sizeof(seen->random));
	hello_ticket(message->data, message->size, seen->ticket);
	seen->group = hello_group(message->data, message->size);
	seen->announced =
		hello_extension(message->data, message->size, HELLO_EARLY_DATA, &len) != NULL;
	return 0;
}

/* Where a connection is to be cut, what goes beyond does not leave. */
static ssize_t push(gnutls_transport_ptr_t ptr, const void *buf, size_t len)
{
	struct serving *serving = ptr;
	bool cuts = serving->turn->end == EARLY_CUT || serving->turn->end == EARLY_CUT_RESET;
	size_t left = cuts ? serving->turn->cut - serving->written : len;

	if (left == 0) {
		gnutls_transport_set_errno(serving->session, EPIPE);
		return -1;
	}
	ssize_t n = send(serving->fd, buf, len < left ? len : left, MSG_NOSIGNAL);
	serving->written += n > 0 ? (size_t)n : 0;
	return n;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	return recv(((struct serving *)ptr)->fd, buf, len, 0);
}

static int hear_nothing(gnutls_session_t session, const unsigned char *data, size_t len)
{
	(void)session;
	(void)data;
	(void)len;
	return 0;
}

/* An extension without content. */
static int claim(gnutls_session_t session, gnutls_buffer_t buf)
{
	(void)session;
	(void)buf;
	return GNUTLS_E_INT_RET_0;
}

static void make_session(struct serving *serving)
{
	const struct early_turn *turn = serving->turn;
	gnutls_session_t session;
	unsigned int flags = GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET;

	flags |= turn->no_early_data ? 0U : (unsigned int)GNUTLS_ENABLE_EARLY_DATA;
	check(gnutls_init(&session, flags), "gnutls_init");
	serving->session = session;
	check(turn->priority != NULL ? gnutls_priority_set_direct(session, turn->priority, NULL)
				     : gnutls_set_default_priority(session),
		"priority");
	check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, child.credentials),
		"credentials");
	check(gnutls_session_ticket_enable_server(session, &child.keys[turn->other_key ? 1 : 0]),
		"tickets");
	gnutls_anti_replay_enable(session, turn->replayed ? child.all_replayed : child.anti_replay);
	check(gnutls_record_set_max_early_data_size(
		      session, turn->max_early_data != 0 ? turn->max_early_data : EARLY_DATA_MAX),
		"early data");
	if (turn->claims)
		check(gnutls_session_ext_register(session, "a claim", HELLO_EARLY_DATA,
			      GNUTLS_EXT_TLS, hear_nothing, claim, NULL, NULL, NULL,
			      GNUTLS_EXT_FLAG_TLS | GNUTLS_EXT_FLAG_CLIENT_HELLO |
				      GNUTLS_EXT_FLAG_EE | GNUTLS_EXT_FLAG_OVERRIDE_INTERNAL),
			"a claim");
	if (turn->lifetime != 0)
		gnutls_db_set_cache_expiration(session, turn->lifetime);
	if (turn->alpn != NULL) {
		gnutls_datum_t protocol = {
			(unsigned char *)(uintptr_t)turn->alpn, (unsigned int)strlen(turn->alpn)};

		check(gnutls_alpn_set_protocols(session, &protocol, 1, 0), "ALPN");
	}
	gnutls_session_set_ptr(session, serving);
	gnutls_handshake_set_hook_function(
		session, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE, hear_hello);
	gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
	gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
	gnutls_transport_set_ptr(session, serving);
	gnutls_transport_set_push_function(session, push);
	gnutls_transport_set_pull_function(session, pull);
}

static void give_ticket(const struct serving *serving, enum early_ticket moment)
{
	if (serving->turn->ticket != moment ||
		gnutls_protocol_get_version(serving->session) < GNUTLS_TLS1_3)
		return;
	/* The client may be gone already. */
	(void)gnutls_session_ticket_send(serving->session, 1, 0);
}

static void read_early(struct serving *serving)
{
	struct early_seen *seen = &serving->seen;
	ssize_t n;

	while ((n = gnutls_record_recv_early_data(
			serving->session, serving->data + seen->total, DATA_MAX - seen->total)) > 0)
		seen->total += (size_t)n;
	seen->early = seen->total;
}

/* Reads until there is an end of line, or to the end. False: the client has ended. */
static bool read_on(struct serving *serving, bool line)
{
	struct early_seen *seen = &serving->seen;

	while (!line || seen->total == 0 || serving->data[seen->total - 1] != '\n') {
		ssize_t n = gnutls_record_recv(
			serving->session, serving->data + seen->total, DATA_MAX - seen->total);

		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			continue;
		seen->ended = n == 0;
		if (n <= 0)
			return false;
		seen->total += (size_t)n;
	}
	return true;
}

static void serve(struct serving *serving)
{
	gnutls_session_t session = serving->session;
	struct early_seen *seen = &serving->seen;
	int ret;

	do
		ret = gnutls_handshake(session);
	while (ret < 0 && !gnutls_error_is_fatal(ret));
	seen->handshake = ret >= 0;
	if (ret < 0)
		return;
	seen->resumed = gnutls_session_is_resumed(session) != 0;
	seen->accepted = (gnutls_session_get_flags(session) & GNUTLS_SFLAGS_EARLY_DATA) != 0;
	read_early(serving);
	give_ticket(serving, EARLY_TICKET);
	bool open = read_on(serving, true);
	if (open && gnutls_record_send(session, EARLY_ANSWER, strlen(EARLY_ANSWER)) > 0) {
		give_ticket(serving, EARLY_TICKET_LATE);
		read_on(serving, false);
	}
	give_ticket(serving, EARLY_TICKET_AT_THE_END);
	gnutls_bye(session, GNUTLS_SHUT_WR);
}

/* Reads what the client sends before it waits: something, then what there is. */
static void read_flight(int fd)
{
	char buf[DATA_MAX / 4];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	while (n > 0)
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
}

static void reset(int fd)
{
	const struct linger at_once = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void body(struct peer_conn *conn)
{
	const struct early_options *options = conn->arg;
	size_t turn = child.connections < options->count ? child.connections : options->count - 1;
	struct serving serving = {
		.fd = conn->fd,
		.turn = &options->turns[turn],
		.data = malloc(DATA_MAX),
	};
	enum early_end end = serving.turn->end;

	/* Without it ticket and answer wait for each other's acknowledgement. */
	const int on = 1;
	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	child.connections++;
	prepare_child(options->certificate != NULL ? options->certificate : "server");
	if (end == EARLY_CLOSE || end == EARLY_RESET_READ)
		read_flight(conn->fd);
	if (end == EARLY_SERVE || end == EARLY_CUT || end == EARLY_CUT_RESET) {
		make_session(&serving);
		serve(&serving);
		gnutls_deinit(serving.session);
	}
	if (end == EARLY_RESET || end == EARLY_RESET_READ || end == EARLY_CUT_RESET)
		reset(conn->fd);
	gnutls_hash_fast(GNUTLS_DIG_SHA256, serving.data, serving.seen.total, serving.seen.digest);
	free(serving.data);
	if (write(conn->test, &serving.seen, sizeof(serving.seen)) != (ssize_t)sizeof(serving.seen))
		peer_fail("write", 0);
}

void early_start(struct peer *peer, const struct early_options *options)
{
	peer_start(peer,
		&(struct peer_options){.family = options->family, .no_tls = true, .arg = options},
		body);
}

struct early_seen early_hear(struct peer *peer)
{
	struct early_seen seen;

	peer_hear(peer, &seen, sizeof(seen));
	return seen;
}

void early_expect_data(const struct early_seen *seen, const void *data, size_t len)
{
	unsigned char digest[32];

	if (seen->total != len)
		fail_msg("the server got %zu bytes, not %zu", seen->total, len);
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, data, len, digest), 0);
	assert_memory_equal(seen->digest, digest, sizeof(digest));
}

bool early_has_ticket(const struct early_seen *seen)
{
	static const unsigned char none[HELLO_TICKET_SIZE];

	return memcmp(seen->ticket, none, sizeof(none)) != 0;
}
