/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks for a page in HTTP/2. The preface and the request are first data for that protocol alone: where the server chooses
 * another one, nothing was sent, and the program can speak that.
 *
 *	http2 HOST PORT [CAFILE]
 */
#include <stdio.h>
#include <string.h>
#include <tlsfo/tlsfo.h>

/* The preface (RFC 9113 §3.4), and one request in fields of HPACK's table (RFC 7541 appendix A). Returns its length. */
static size_t make_request(unsigned char *at, const char *host)
{
	static const unsigned char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
					       "\0\0\0\4\0\0\0\0\0"; /* SETTINGS, none */
	/* The last two say that the name of the host follows, without compression. */
	const size_t name = strlen(host);
	const unsigned char request[] = {0, 0, (unsigned char)(5 + name), 1, 5, 0, 0, 0, 1,
		0x82 /* GET */, 0x87 /* https */, 0x84 /* path / */, 0x41, (unsigned char)name};
	size_t len = sizeof(preface) - 1;

	memcpy(at, preface, len);
	memcpy(at + len, request, sizeof(request));
	for (size_t i = 0; i < name; i++)
		at[len + sizeof(request) + i] = (unsigned char)host[i];
	return len + sizeof(request) + name;
}

/* Prints the data of all frames until the stream ends (RFC 9113 §4.1). */
static ssize_t print_page(struct tlsfo_conn *conn, int64_t deadline)
{
	unsigned char frame[9 + 16384];
	size_t have = 0;
	ssize_t n;

	while ((n = tlsfo_conn_read(conn, frame + have, sizeof(frame) - have, deadline)) > 0) {
		have += (size_t)n;
		while (have >= 9) {
			size_t len = (size_t)frame[0] << 16 | (size_t)frame[1] << 8 | frame[2];

			if (len > sizeof(frame) - 9)
				return GNUTLS_E_UNEXPECTED_PACKET;
			if (have < 9 + len)
				break;
			if (frame[3] == 0)
				fwrite(frame + 9, 1, len, stdout);
			if (frame[3] <= 1 && (frame[4] & 1) != 0)
				return 0;
			have -= 9 + len;
			memmove(frame, frame + 9 + len, have);
		}
	}
	return n == 0 ? GNUTLS_E_PREMATURE_TERMINATION : n;
}

int main(int argc, char **argv)
{
	static const char *const protocols[] = {"h2", "http/1.1"};
	int64_t deadline = tlsfo_deadline_in(5000);
	struct tlsfo_config *config;
	struct tlsfo_conn *conn = NULL;
	unsigned char request[256];

	if (argc < 3 || strlen(argv[1]) > 100 || tlsfo_config_new(&config) < 0)
		return 2;
	size_t len = make_request(request, argv[1]);
	ssize_t ret = argc > 3 ? tlsfo_config_set_ca_file(config, argv[3]) : 0;
	if (ret == 0)
		ret = tlsfo_config_set_alpn(config, protocols, 2);
	if (ret == 0)
		ret = tlsfo_conn_new(config, argv[1], argv[2], &conn);
	/* A GET changes nothing, so it does no harm when it reaches the server twice. */
	if (ret == 0)
		ret = tlsfo_conn_set_first_data(
			conn, request, len, TLSFO_FIRST_DATA_REPLAYABLE, protocols[0]);
	if (ret == 0)
		ret = tlsfo_conn_open(conn, deadline);
	if (ret == TLSFO_FIRST_DATA_UNSENT)
		printf("the server does not speak HTTP/2\n");
	else if (ret == 0)
		ret = print_page(conn, deadline);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", tlsfo_strerror((int)ret), tlsfo_conn_error(conn));
	tlsfo_conn_close(conn, deadline);
	tlsfo_config_free(config);
	return ret < 0;
}
