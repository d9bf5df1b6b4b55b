/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/guest.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MOST = 48, PATIENCE_MS = 15000, PORT = 4433 };

#define SERVER                                                                                     \
	"openssl s_server -quiet -accept " PROBING_PORT " -cert " CERTS_DIR                        \
	"/server.pem -key " CERTS_DIR "/server-key.pem "

static void start_server(struct guest *guest)
{
	const char *const argv[] = {"sh", "-c", guest->server, NULL};

	probing_server(guest->probing, argv);
}

void guest_restart(struct guest *guest)
{
	lab_stop(guest->probing->lab, guest->probing->server);
	start_server(guest);
}

void guest_begin(struct guest *guest, struct probing *probing, const char *box, const char *server)
{
	*guest = (struct guest){.probing = probing};
	if (server[0] == '-')
		(void)snprintf(guest->server, sizeof(guest->server), "exec " SERVER "%s", server);
	else if (server[0] == '/')
		(void)snprintf(guest->server, sizeof(guest->server), "exec %s", server);
	else
		(void)snprintf(guest->server, sizeof(guest->server),
			"while :; do echo '%s' | " SERVER "-naccept 1; done", server);
	run_directory(guest->state);
	run_path(guest->report);
	setenv("XDG_STATE_HOME", guest->state, 1);
	setenv("TLSFO_RUN_LIBRARY", RUN_LIBRARY, 1);
	probing_begin(probing, NULL);
	if (box != NULL)
		assert_true(lab_add_box(probing->lab, box) >= 0);
	start_server(guest);
}

void guest_end(struct guest *guest)
{
	run_remove(guest->report);
	run_remove_directory(guest->state);
}

int guest_visit_bare(struct guest *guest, const char *const *words)
{
	struct lab *lab = guest->probing->lab;
	pid_t pid = -1;
	int status = -1;

	assert_int_equal(lab_wait_idle(lab, 20, lab_deadline(PATIENCE_MS)), 0);
	assert_int_equal(lab_wait_listen(lab, LAB_SERVER, PORT, lab_deadline(PATIENCE_MS)), 0);
	lab_trace_reset(lab);
	assert_int_equal(lab_spawn(lab, LAB_CLIENT, words, -1, -1,
				 getenv("GUEST_ERRORS") != NULL ? 2 : -1, &pid),
		0);
	assert_int_equal(lab_wait(lab, pid, lab_deadline(PATIENCE_MS), &status), 0);
	assert_int_equal(lab_wait_idle(lab, 20, lab_deadline(PATIENCE_MS)), 0);
	return lab_exit_status(status);
}

int guest_visit(struct guest *guest, const char *const *words)
{
	const char *all[WORDS_MOST] = {TLSFO_COMMAND, "run", "--ports", PROBING_PORT ",4434",
		"--report-file", guest->report};
	size_t count = 6;

	while (*words != NULL && count < WORDS_MOST - 1)
		all[count++] = *words++;
	return guest_visit_bare(guest, all);
}

void guest_expect_syn_at(
	const struct guest *guest, size_t index, enum guest_syn syn, const char *file, int line)
{
	struct lab_packet packet;
	enum guest_syn seen = GUEST_NO_OPTION;

	if (lab_trace_syn(guest->probing->lab, index, &packet) != 0) {
		print_error("there is no SYN number %zu\n", index);
		_fail(file, line);
		return;
	}
	if (packet.payload_length > 0)
		seen = GUEST_HELLO;
	else if (packet.fastopen_kind != 0)
		seen = packet.cookie_length > 0 ? GUEST_COOKIE : GUEST_COOKIE_ASKED;
	if (seen == syn)
		return;
	print_error("the SYN number %zu is of kind %d instead of %d\n", index, (int)seen, (int)syn);
	(void)lab_ladder_text(guest->probing->lab, stderr, NULL);
	_fail(file, line);
}

/* The last line of a file. */
static json_t *last_report(const char *path)
{
	char text[16384] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = read(fd, text, sizeof(text) - 1);

	close(fd);
	assert_true(length > 0);
	text[length - 1] = '\0';
	char *last = strrchr(text, '\n');

	return run_json(last != NULL ? last + 1 : text);
}

void guest_expect_report_at(
	const struct guest *guest, const char *key, const char *text, const char *file, int line)
{
	json_t *report = last_report(guest->report);
	const char *said = json_string_value(json_object_get(report, key));
	bool same = text == NULL ? said == NULL : said != NULL && strcmp(said, text) == 0;

	if (!same)
		print_error("%s is %s instead of %s\n", key, said != NULL ? said : "null",
			text != NULL ? text : "null");
	json_decref(report);
	if (!same)
		_fail(file, line);
}
