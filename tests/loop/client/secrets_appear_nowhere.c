/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * First data, tickets and the host's name appear in no report, in no error's text, on no output, and in no
 * file that others may read; the store's files, which only their owner may, have none of them in
 * the clear.
 */

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"
#include "support/tree.h"

#define SECRET	 "the password is swordfish"
#define REQUEST	 SECRET "\n"
#define HOST	 "ip4.test"
#define TEXT_MAX 16384

static size_t files;

static bool mentions(const char *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word)) != NULL;
}

static void check_report(struct tlsfo_conn *conn)
{
	struct tlsfo_report report = client_report(conn);
	char text[TEXT_MAX];

	assert_true(tlsfo_report_text(&report, text, sizeof(text)) > 0);
	assert_false(mentions(text, strlen(text), SECRET));
	assert_true(tlsfo_report_line(&report, text, sizeof(text)) > 0);
	assert_false(mentions(text, strlen(text), SECRET));
	assert_true(tlsfo_report_json(&report, text, sizeof(text)) > 0);
	assert_false(mentions(text, strlen(text), SECRET));
	/* Nor in the parts of it that no form shows. */
	assert_false(mentions((const char *)&report, sizeof(report), SECRET));
	assert_false(mentions(tlsfo_conn_error(conn), strlen(tlsfo_conn_error(conn)), SECRET));
}

static int check_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char text[TEXT_MAX];

	(void)ftw;
	/* Of no use to anybody but the owner. */
	assert_int_equal(st->st_mode & 077, 0);
	assert_int_equal(st->st_uid, geteuid());
	assert_false(mentions(path, strlen(path), HOST));
	if (type != FTW_F)
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	ssize_t len = read(fd, text, sizeof(text));
	assert_true(len >= 0 && len < TEXT_MAX);
	assert_false(mentions(text, (size_t)len, SECRET));
	assert_false(mentions(text, (size_t)len, HOST));
	assert_int_equal(close(fd), 0);
	files++;
	return 0;
}

/* Whatever a visit writes to its standard outputs goes into a file. */
struct outputs {
	int file;
	int saved[2];
};

static void outputs_begin(struct outputs *outputs)
{
	fflush(NULL);
	outputs->file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	assert_true(outputs->file >= 0);
	for (int i = 0; i < 2; i++) {
		outputs->saved[i] = fcntl(i + 1, F_DUPFD_CLOEXEC, 3);
		assert_int_equal(dup2(outputs->file, i + 1), i + 1);
	}
}

static void outputs_end(struct outputs *outputs)
{
	fflush(NULL);
	off_t written = lseek(outputs->file, 0, SEEK_END);

	for (int i = 0; i < 2; i++) {
		dup2(outputs->saved[i], i + 1);
		close(outputs->saved[i]);
	}
	close(outputs->file);
	assert_int_equal(written, 0);
}

static int visit(struct tlsfo_config *config, uint16_t port, unsigned int flags)
{
	struct tlsfo_conn *conn = NULL;
	char answer[8];
	int ret = client_connect_first(config, HOST, port, REQUEST, strlen(REQUEST), flags, &conn);

	if (ret == 0)
		client_receive(conn, answer, strlen(EARLY_ANSWER));
	check_report(conn);
	(void)!tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS));
	return ret;
}

static void test(void **state)
{
	static const struct early_turn turns[] = {{0}, {0}, {.replayed = true}, {.other_key = true},
		{.end = EARLY_CLOSE}, {0}, {0}, {0}, {.end = EARLY_CLOSE}, {.end = EARLY_CLOSE},
		{0}};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_store *store = NULL;
	char dir[] = "/tmp/tlsfo-store-XXXXXX";
	struct outputs outputs;
	struct peer peer;
	int failed = 0;

	(void)state;
	/* What is made is closed to others by itself. */
	umask(0);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(tlsfo_store_open(dir, NULL, 0, &store), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	client_verify_as("localhost");
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	outputs_begin(&outputs);
	for (size_t i = 0; i < suite_length(turns); i++)
		failed += visit(config, peer.port, i == 5 ? 0 : TLSFO_FIRST_DATA_REPLAYABLE) != 0;
	assert_int_equal(nftw(dir, check_file, 16, FTW_PHYS), 0);
	outputs_end(&outputs);
	assert_true(failed > 0);
	/* The key and a ticket, at least. */
	assert_true(files >= 2);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
	assert_int_equal(tree_remove(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"in reports, outputs and files", test, NULL, NULL, NULL},
	};

	net_begin();
	net_need_names();
	return suite_run("secrets appear nowhere", tests, suite_length(tests));
}
