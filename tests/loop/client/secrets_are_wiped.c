/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secrets are wiped before their memory is given back: a ticket's session data, and first data,
 * whatever became of them. This program is linked with tlsfo's archive; free() and GnuTLS's own
 * come here, and the store tells which session data there was.
 */

#include <malloc.h>
#include <stdlib.h>
#include <sys/socket.h>

/* The tests have a struct peer of their own. */
#define peer record_peer
#include "store/record.h"
#undef peer
#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

/* In no other memory than tlsfo's and GnuTLS's copies: this one is kept in disguise. */
#define DISGUISE   0x55
#define SECRET_LEN 24
#define BLOBS_MAX  64

static struct {
	unsigned char hidden[SECRET_LEN];
} secrets[BLOBS_MAX];
static size_t secret_count;
static bool watching;
static size_t watched;	  /* blocks of memory given back */
static size_t ours_bare;  /* of tlsfo's, with a secret in it */
static size_t blobs_bare; /* of GnuTLS's, with session data in it that tlsfo was handed */
static size_t blobs_back;
static const void *handed; /* the session data that GnuTLS handed out last */
static size_t handed_len;
static gnutls_free_function gnutls_own_free;

void *__wrap_malloc(size_t size);
void __real_free(void *memory);
void __wrap_free(void *memory);
/* The support's peer is another than the store's. */
int __real_store_put(
	struct tlsfo_store *store, const void *peer, const struct ticket *ticket, int64_t now);
int __wrap_store_put(
	struct tlsfo_store *store, const void *peer, const struct ticket *ticket, int64_t now);

static void remember(const unsigned char *secret)
{
	assert_true(secret_count < BLOBS_MAX);
	for (size_t i = 0; i < SECRET_LEN; i++)
		secrets[secret_count].hidden[i] = secret[i] ^ DISGUISE;
	secret_count++;
}

/* The first bytes are looked for disguised too, so that none of this leaves a copy on the stack. */
static bool has_secret(const unsigned char *memory, size_t len)
{
	for (size_t at = 0; at + SECRET_LEN <= len; at++) {
		for (size_t i = 0; i < secret_count; i++) {
			size_t same = 0;

			while (same < SECRET_LEN &&
				(memory[at + same] ^ DISGUISE) == secrets[i].hidden[same])
				same++;
			if (same == SECRET_LEN)
				return true;
		}
	}
	return false;
}

/* New memory is empty here: GnuTLS gives its own copies of early data back as they are, and what is in
 * a block of tlsfo's is to be tlsfo's. */
void *__wrap_malloc(size_t size)
{
	return calloc(1, size);
}

void __wrap_free(void *memory)
{
	if (watching && memory != NULL) {
		watched++;
		ours_bare += has_secret(memory, malloc_usable_size(memory));
	}
	__real_free(memory);
}

int __wrap_store_put(
	struct tlsfo_store *store, const void *peer, const struct ticket *ticket, int64_t now)
{
	assert_true(ticket->blob_len > 200);
	remember(ticket->blob + ticket->blob_len / 2);
	handed = ticket->blob;
	handed_len = ticket->blob_len;
	return __real_store_put(store, peer, ticket, now);
}

/* In place of GnuTLS's own. What GnuTLS handed to nobody is no business of tlsfo's. */
static void watch_free(void *memory)
{
	if (watching && memory != NULL && memory == handed) {
		handed = NULL;
		blobs_back++;
		blobs_bare += has_secret(memory, handed_len);
	}
	gnutls_own_free(memory);
}

static void first_data(char *ret_data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		ret_data[i] = (char)('!' + (i * 7 + i / 11) % 90);
	ret_data[len - 1] = '\n';
	remember((unsigned char *)ret_data);
	remember((unsigned char *)ret_data + len - SECRET_LEN);
}

static void begin(void)
{
	secret_count = 0;
	watched = 0;
	ours_bare = 0;
	blobs_bare = 0;
	blobs_back = 0;
	watching = true;
}

static void expect_wiped(void)
{
	watching = false;
	assert_true(watched > 0);
	assert_true(secret_count > 2);
	assert_int_equal(ours_bare, 0);
	assert_true(blobs_back > 0);
	assert_int_equal(blobs_bare, 0);
}

/* Visits that end as the server's turns say; the store's own memory is given back at the end. */
static void visits(const struct early_turn *turns, size_t count, bool replayable)
{
	struct tlsfo_config *config = client_config_default();
	char data[3000];
	struct peer peer;

	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, count});
	begin();
	first_data(data, sizeof(data));
	for (size_t i = 0; i < 4; i++) {
		struct tlsfo_conn *conn = NULL;
		char answer[8];
		int ret = client_connect_first(config, "127.0.0.1", peer.port, data, sizeof(data),
			replayable ? TLSFO_FIRST_DATA_REPLAYABLE : 0, &conn);

		if (ret == 0)
			client_receive(conn, answer, strlen(EARLY_ANSWER));
		(void)!tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS));
	}
	tlsfo_config_free(config);
	expect_wiped();
	peer_stop(&peer);
}

static void accepted(void **state)
{
	static const struct early_turn turns[] = {{0}};

	(void)state;
	visits(turns, 1, true);
	visits(turns, 1, false);
}

static void rejected(void **state)
{
	static const struct early_turn turns[] = {{0}, {.replayed = true}, {.other_key = true}};

	(void)state;
	visits(turns, suite_length(turns), true);
}

static void lost(void **state)
{
	static const struct early_turn turns[] = {{0}, {.end = EARLY_CLOSE}, {0},
		{.end = EARLY_CLOSE}, {.end = EARLY_CLOSE}, {.end = EARLY_RESET}};

	(void)state;
	visits(turns, suite_length(turns), true);
}

/* Nobody listens any more: the ticket goes back, and is given back at the end. */
static void refused(void **state)
{
	static const struct early_turn turns[] = {{0}};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	char data[3000];
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, 1});
	begin();
	first_data(data, sizeof(data));
	client_request(config, AF_INET, peer.port, data, sizeof(data));
	peer_stop(&peer);
	assert_int_equal(client_connect_first(config, "127.0.0.1", peer.port, data, sizeof(data),
				 TLSFO_FIRST_DATA_REPLAYABLE, &conn),
		TLSFO_E_NOT_CONNECTED);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	expect_wiped();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"accepted", accepted, NULL, NULL, NULL},
		{"rejected", rejected, NULL, NULL, NULL},
		{"lost", lost, NULL, NULL, NULL},
		{"refused", refused, NULL, NULL, NULL},
	};

	gnutls_own_free = gnutls_free;
	gnutls_free = watch_free;
	return suite_run("secrets are wiped", tests, suite_length(tests));
}
