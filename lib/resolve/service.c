/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/service.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"
#define BLANKS " \t\r\n"
/* A blank, or the comment after a line. */
#define ENDS BLANKS "#"

static bool to_port(const char *digits, size_t len, uint16_t *ret_port)
{
	unsigned long port = 0;

	for (size_t i = 0; i < len && port <= UINT16_MAX; i++)
		port = port * 10 + (unsigned long)(digits[i] - '0');
	if (port < 1 || port > UINT16_MAX)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

enum service_kind service_parse(const char *service, uint16_t *ret_port)
{
	size_t len = strspn(service, DIGITS);

	if (len == 0 || service[len] != '\0')
		return SERVICE_NAME;
	return to_port(service, len, ret_port) ? SERVICE_PORT : SERVICE_WRONG;
}

/* The next word of a line, NULL at its end, and its length. */
static const char *next_word(const char *at, size_t *ret_len)
{
	at += strspn(at, BLANKS);
	*ret_len = strcspn(at, ENDS);
	return *ret_len > 0 ? at : NULL;
}

static bool is_word(const char *word, size_t len, const char *name)
{
	return word != NULL && strlen(name) == len && memcmp(word, name, len) == 0;
}

bool service_in_line(const char *line, const char *name, uint16_t *ret_port)
{
	size_t len;
	size_t port_len;
	const char *word = next_word(line, &len);
	const char *port = word != NULL ? next_word(word + len, &port_len) : NULL;

	if (port == NULL)
		return false;
	size_t digits = strspn(port, DIGITS);
	if (!is_word(port + digits, port_len - digits, "/tcp"))
		return false;
	bool found = is_word(word, len, name);
	word = next_word(port + port_len, &len);
	while (!found && word != NULL) {
		found = is_word(word, len, name);
		word = next_word(word + len, &len);
	}
	return found && to_port(port, digits, ret_port);
}

bool service_find(const char *name, uint16_t *ret_port)
{
	FILE *file = fopen("/etc/services", "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && getline(&line, &size, file) >= 0)
		found = service_in_line(line, name, ret_port);
	free(line);
	fclose(file);
	return found;
}
