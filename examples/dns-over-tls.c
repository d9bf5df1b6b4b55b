/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks a name server for the IPv4 addresses of several names at once (RFC 7858 §3.3): all questions are one first data,
 * which may travel as early data because a question does no harm when it is asked twice. The answers come in any order.
 *
 *	dns-over-tls HOST PORT CAFILE NAME...
 */
#include <stdio.h>
#include <string.h>
#include <tlsfo/tlsfo.h>

/* Adds a question with its length before it (RFC 1035 §§4.1, 4.2.2). Returns its size. */
static size_t add_question(unsigned char *at, unsigned int id, const char *name)
{
	size_t len = 14;

	memcpy(at,
		(unsigned char[14]){0, 0, (unsigned char)(id >> 8), (unsigned char)id, 1, 0, 0, 1},
		14);
	while (*name != '\0') {
		size_t label = strcspn(name, ".");

		at[len++] = (unsigned char)label;
		memcpy(at + len, name, label);
		len += label;
		name += label + (name[label] == '.');
	}
	memcpy(at + len, (unsigned char[5]){0, 0, 1, 0, 1}, 5);
	len += 5;
	at[0] = (unsigned char)((len - 2) >> 8);
	at[1] = (unsigned char)(len - 2);
	return len;
}

/* Reads all of it, and fails at the end of what the server sends. */
static int read_all(struct tlsfo_conn *conn, unsigned char *buf, size_t len, int64_t deadline)
{
	while (len > 0) {
		ssize_t n = tlsfo_conn_read(conn, buf, len, deadline);

		if (n <= 0)
			return n == 0 ? GNUTLS_E_PREMATURE_TERMINATION : (int)n;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

static int print_answers(
	struct tlsfo_conn *conn, char **names, unsigned int count, int64_t deadline)
{
	unsigned char message[65536];

	for (unsigned int i = 0; i < count; i++) {
		int ret = read_all(conn, message, 2, deadline);
		size_t len = (size_t)message[0] << 8 | message[1];

		if (ret == 0)
			ret = read_all(conn, message, len, deadline);
		if (ret != 0)
			return ret;
		unsigned int id = (unsigned int)message[0] << 8 | message[1];
		if (len < 12 || id >= count)
			return GNUTLS_E_UNEXPECTED_PACKET;
		printf("%s: code %d, %d records\n", names[id], message[3] & 15,
			message[6] << 8 | message[7]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static unsigned char questions[TLSFO_FIRST_DATA_MAX];
	int64_t deadline = tlsfo_deadline_in(5000);
	struct tlsfo_config *config;
	struct tlsfo_conn *conn = NULL;
	size_t len = 0;

	if (argc < 5 || tlsfo_config_new(&config) < 0)
		return 2;
	for (int i = 4; i < argc; i++) {
		if (strlen(argv[i]) > 253 || sizeof(questions) - len < 300)
			return 2;
		len += add_question(questions + len, (unsigned int)i - 4, argv[i]);
	}
	int ret = tlsfo_config_set_ca_file(config, argv[3]);
	if (ret == 0)
		ret = tlsfo_conn_new(config, argv[1], argv[2], &conn);
	if (ret == 0)
		ret = tlsfo_conn_set_first_data(
			conn, questions, len, TLSFO_FIRST_DATA_REPLAYABLE, NULL);
	if (ret == 0)
		ret = tlsfo_conn_open(conn, deadline);
	if (ret == 0)
		ret = print_answers(conn, argv + 4, (unsigned int)argc - 4, deadline);
	if (ret != 0)
		fprintf(stderr, "%s: %s\n", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	tlsfo_conn_close(conn, deadline);
	tlsfo_config_free(config);
	return ret != 0;
}
