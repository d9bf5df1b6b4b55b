/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <tlsfo/tlsfo.h>

int main(int argc, char **argv)
{
	int64_t deadline = tlsfo_deadline_in(5000);
	struct tlsfo_config *config;
	struct tlsfo_conn *conn = NULL;
	char buf[4096];
	ssize_t ret;

	if (argc < 3 || tlsfo_config_new(&config) < 0)
		return 2;
	ret = argc > 3 ? tlsfo_config_set_ca_file(config, argv[3]) : 0;
	if (ret == 0)
		ret = tlsfo_connect(config, argv[1], argv[2], deadline, &conn);
	if (ret == 0)
		ret = tlsfo_conn_write(conn, "GET / HTTP/1.0\r\n\r\n", 18, deadline);
	while (ret > 0 && (ret = tlsfo_conn_read(conn, buf, sizeof(buf), deadline)) > 0)
		fwrite(buf, 1, (size_t)ret, stdout);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", argv[1], tlsfo_strerror((int)ret));
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	return ret < 0;
}
