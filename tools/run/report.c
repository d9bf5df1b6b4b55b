/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char file[PATH_MAX];

void report_use(const char *path)
{
	(void)snprintf(file, sizeof(file), "%s", path != NULL ? path : "");
}

/* The words of this library are fit for JSON as they are. */
static const char *quoted(const char *word, char *buf, size_t size)
{
	if (word == NULL)
		return "null";
	(void)snprintf(buf, size, "\"%s\"", word);
	return buf;
}

/* A program may have any name. */
static void printable_name(char *ret_name, size_t size)
{
	(void)snprintf(ret_name, size, "%s", program_invocation_short_name);
	for (char *c = ret_name; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			*c = '?';
	}
}

void report_write(const struct report *report, const struct sockaddr *address)
{
	char line[640];
	char name[64];
	char text[INET6_ADDRSTRLEN] = "";
	char words[3][128];
	char syn_bytes[24] = "null";
	struct sockaddr_in in = {0};
	struct sockaddr_in6 in6 = {0};

	if (file[0] == '\0')
		return;
	/* The port stands at the same place in both. */
	memcpy(&in, address, sizeof(in));
	memcpy(&in6, address, address->sa_family == AF_INET6 ? sizeof(in6) : sizeof(in));
	(void)inet_ntop(address->sa_family,
		address->sa_family == AF_INET6 ? (const void *)&in6.sin6_addr : &in.sin_addr, text,
		sizeof(text));
	printable_name(name, sizeof(name));
	if (report->syn_bytes >= 0)
		(void)snprintf(syn_bytes, sizeof(syn_bytes), "%zd", report->syn_bytes);
	int length = snprintf(line, sizeof(line),
		"{\"version\":1,\"program\":\"%s\",\"pid\":%ld,\"address\":\"%s\",\"port\":%u,"
		"\"fast_open\":%s,\"fast_open_reason\":%s,\"syn_bytes\":%s,\"connected\":%s,"
		"\"error\":%s}\n",
		name, (long)getpid(), text, (unsigned int)ntohs(in.sin_port),
		quoted(report->fast_open, words[0], sizeof(words[0])),
		quoted(report->reason, words[1], sizeof(words[1])), syn_bytes,
		report->connected ? "true" : "false",
		quoted(report->error != 0 ? strerrorname_np(report->error) : NULL, words[2],
			sizeof(words[2])));
	/* Lines of several processes do not mix: each is one write(2) to the end. */
	int fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return;
	if (length > 0 && (size_t)length < sizeof(line))
		(void)!write(fd, line, (size_t)length);
	(void)close(fd);
}
