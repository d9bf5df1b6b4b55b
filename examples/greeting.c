/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints the line with which a mail server begins, of IMAPS or SMTPS. The server speaks first, so there is nothing to
 * write, and the ClientHello rides in the SYN all the same.
 *
 *	greeting HOST PORT [CAFILE]
 */
#include <stdio.h>
#include <string.h>
#include <tlsfo/tlsfo.h>

int main(int argc, char **argv)
{
	int64_t deadline = tlsfo_deadline_in(5000);
	struct tlsfo_config *config;
	struct tlsfo_conn *conn = NULL;
	char line[512] = "";
	size_t len = 0;
	ssize_t ret;

	if (argc < 3 || tlsfo_config_new(&config) < 0)
		return 2;
	ret = argc > 3 ? tlsfo_config_set_ca_file(config, argv[3]) : 0;
	if (ret == 0)
		ret = tlsfo_conn_new(config, argv[1], argv[2], &conn);
	if (ret == 0)
		ret = tlsfo_conn_open(conn, deadline);
	while (ret >= 0 && strchr(line, '\n') == NULL && len + 1 < sizeof(line)) {
		ret = tlsfo_conn_read(conn, line + len, sizeof(line) - 1 - len, deadline);
		if (ret <= 0)
			break;
		len += (size_t)ret;
	}
	if (ret > 0)
		printf("%.*s\n", (int)strcspn(line, "\r\n"), line);
	else
		fprintf(stderr, "%s\n", ret == 0 ? "no greeting" : tlsfo_conn_error(conn));
	tlsfo_conn_close(conn, deadline);
	tlsfo_config_free(config);
	return ret <= 0;
}
