/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "server.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 512, LISTEN_MS = 10000 };

static FILE *create(const char *directory, const char *name, char *ret_path)
{
	snprintf(ret_path, PATH_SIZE, "%s/%s", directory, name);
	return fopen(ret_path, "we");
}

static int finish(FILE *file)
{
	return fclose(file) == EOF ? -errno : 0;
}

static void write_page(FILE *file)
{
	int i;

	for (i = 0; i < SERVER_PAGE; i++)
		fputc(i % 80 == 79 ? '\n' : '.', file);
}

static int spawn(struct lab *lab, const char *const *argv)
{
	int errors = getenv("TLSFO_BENCH_VERBOSE") ? STDERR_FILENO : -1;
	pid_t pid;

	return lab_spawn(lab, LAB_SERVER, argv, -1, -1, errors, &pid);
}

/*
 * No master process and no worker: one process, which runs as whoever runs the benchmark. The
 * listener asks for fast open itself, as a server in the field does.
 */
static int start_nginx(struct lab *lab, const struct server *server, const char *directory)
{
	static const char *const kinds[] = {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"};
	char conf[PATH_SIZE];
	char page[PATH_SIZE];
	const char *const argv[] = {"nginx", "-e", "/dev/null", "-p", directory, "-c", conf, NULL};
	FILE *file = create(directory, "index.html", page);
	size_t i;

	if (!file)
		return -errno;
	write_page(file);
	if (finish(file) < 0)
		return -EIO;

	file = create(directory, "nginx.conf", conf);
	if (!file)
		return -errno;
	fprintf(file, "daemon off;\nmaster_process off;\npid %s/pid;\nerror_log /dev/null;\n",
		directory);
	fputs("events {}\nhttp {\nlog_format asked '$request_uri $remote_port';\n", file);
	fprintf(file, "access_log %s/%s asked;\n", directory, SERVER_LOG);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		fprintf(file, "%s_temp_path %s/%s;\n", kinds[i], directory, kinds[i]);
	fprintf(file, "server {\nlisten [::]:%d ssl fastopen=16 ipv6only=off;\n", SERVER_PORT);
	fprintf(file, "ssl_protocols TLSv%s;\nssl_early_data on;\n", server->tls);
	fputs("ssl_session_cache shared:bench:1m;\n", file);
	fprintf(file, "ssl_certificate %s/server.pem;\nssl_certificate_key %s/server-key.pem;\n",
		CERTS_DIR, CERTS_DIR);
	fprintf(file, "root %s;\n}\n}\n", directory);
	return finish(file) < 0 ? -EIO : spawn(lab, argv);
}

/* It knows nothing of fast open and takes part by the system's leave (sysctl 0x403). */
static int start_gnutls_serv(struct lab *lab, const struct server *server, const char *directory)
{
	char data[PATH_SIZE];
	char priority[PATH_SIZE];
	char port[16];
	const char *const argv[] = {"gnutls-serv", "--quiet", "--http", "--httpdata", data,
		"--port", port, "--x509certfile", CERTS_DIR "/server.pem", "--x509keyfile",
		CERTS_DIR "/server-key.pem", "--priority", priority, NULL};
	FILE *file = create(directory, "answer", data);

	if (!file)
		return -errno;
	fprintf(file,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
		"Connection: close\r\n\r\n",
		SERVER_PAGE);
	write_page(file);
	if (finish(file) < 0)
		return -EIO;

	snprintf(port, sizeof(port), "%d", SERVER_PORT);
	snprintf(priority, sizeof(priority), "NORMAL:-VERS-ALL:+VERS-TLS%s", server->tls);
	return spawn(lab, argv);
}

const struct server servers[] = {
	{"nginx", "1.3", start_nginx, "nginx -v", true},
	{"nginx", "1.2", start_nginx, NULL, false},
	{"gnutls-serv", "1.3", start_gnutls_serv, "gnutls-serv --version", false},
	{"gnutls-serv", "1.2", start_gnutls_serv, NULL, false},
	{0},
};

const struct server *server_find(const char *name, const char *tls)
{
	const struct server *server;

	for (server = servers; server->name; server++) {
		if (strcmp(server->name, name) == 0 && strcmp(server->tls, tls) == 0)
			return server;
	}
	return NULL;
}

int server_start(struct lab *lab, const struct server *server, const char *directory)
{
	int result = server->start(lab, server, directory);

	if (result == 0)
		result = lab_wait_listen(lab, LAB_SERVER, SERVER_PORT, lab_deadline(LISTEN_MS));
	if (result == -ENOENT)
		fprintf(stderr, "bench: %s is not installed\n", server->name);
	else if (result < 0)
		fprintf(stderr, "bench: %s does not start: %s\n", server->name, strerror(-result));
	return result;
}
