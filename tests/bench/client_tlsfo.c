/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fetches a page with the library: CA-FILE HOST PORT. */

#include <stdio.h>
#include <unistd.h>

#include <tlsfo/tlsfo.h>

static ssize_t fetch(struct tlsfo_conn *conn, const char *host)
{
	char buf[16384];
	int length = snprintf(
		buf, sizeof(buf), "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
	ssize_t ret = tlsfo_conn_write(conn, buf, (size_t)length, TLSFO_NEVER);

	while (ret > 0)
		ret = tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NEVER);
	return ret;
}

int main(int argc, char **argv)
{
	struct tlsfo_config *config = NULL;
	struct tlsfo_conn *conn = NULL;
	ssize_t ret;

	if (argc != 4 || tlsfo_config_new(&config) < 0)
		return 2;
	ret = tlsfo_config_set_ca_file(config, argv[1]);
	if (ret == 0)
		ret = tlsfo_connect(config, argv[2], argv[3], TLSFO_NEVER, &conn);
	if (ret == 0)
		ret = fetch(conn, argv[2]);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", tlsfo_strerror((int)ret),
			conn ? tlsfo_conn_error(conn) : "");
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	return ret < 0;
}
