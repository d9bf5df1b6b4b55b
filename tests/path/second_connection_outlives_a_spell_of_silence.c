/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A second connection is given the time that its data needs, on a path that loses what follows the
 * SYN for a while, even though the data may be repeated: a third connection there cannot be. The
 * second is made without early data because the server went back to TLS 1.2.
 */

#include "path_nginx.h"
#include "spell.h"

/* A cookie, and a ticket that allows early data. */
static void visit_first(struct path *path)
{
	struct path_nginx nginx;

	path_start_nginx(path, "ssl_early_data on;\n", &nginx);
	path_ask_nginx(path);
	path_stop_nginx(path, &nginx);
}

static void fact(struct path *path)
{
	struct path_nginx nginx;

	path->config = client_config(&path->way);
	visit_first(path);
	path_start_nginx(path, "ssl_conf_command MaxProtocol TLSv1.2;\n", &nginx);
	path_end(path);
	spell_cast(path, 1);
	struct tlsfo_report report = path_ask_nginx(path);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_HANDSHAKE_FAILED);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_string_equal(report.tls_version, "TLS1.2");
	spell_expect_lost();
	path_expect_syns(path, 2, 2);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run("a second connection outlives a spell of silence", fact, PATH_CLIENT);
}
