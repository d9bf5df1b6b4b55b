/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_init(struct text *text, char *buf, size_t size)
{
	text->buf = buf;
	text->size = size;
	text->len = 0;
	if (size > 0)
		buf[0] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
	bool full = text->len >= text->size;
	va_list args;

	va_start(args, format);
	int n = vsnprintf(full ? NULL : text->buf + text->len, full ? 0 : text->size - text->len,
		format, args);
	va_end(args);
	if (n > 0)
		text->len += (size_t)n;
}

/* The length of the well-formed UTF-8 character at @s (RFC 3629), or 0 when there is none. */
static size_t utf8_length(const unsigned char *s)
{
	static const struct {
		unsigned char first, last, low, high;
		size_t len;
	} forms[] = {
		{0x01, 0x7f, 0, 0, 1},
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < array_length(forms); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (forms[i].len > 1 && (s[1] < forms[i].low || s[1] > forms[i].high))
			return 0;
		for (size_t k = 2; k < forms[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].len;
	}
	return 0;
}

/* Control characters steer a terminal: those of ASCII, and the C1 controls (U+0080 to U+009F), one of which begins
 * escape sequences too. */
static bool is_control(const unsigned char *s, size_t len)
{
	return len == 1 ? *s < ' ' || *s == 0x7f : len == 2 && *s == 0xc2 && s[1] < 0xa0;
}

void text_add_json(struct text *text, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;

	text_add(text, "\"");
	while (*s != '\0') {
		size_t len = utf8_length(s);

		if (*s == '"' || *s == '\\')
			text_add(text, "\\%c", *s);
		else if (len == 0 || is_control(s, len))
			text_add(text, "\\u%04x", len == 2 ? s[1] : *s);
		else
			text_add(text, "%.*s", (int)len, (const char *)s);
		s += len == 0 ? 1 : len;
	}
	text_add(text, "\"");
}

void text_make_printable(char *string)
{
	unsigned char *s = (unsigned char *)string;

	while (*s != '\0') {
		size_t len = utf8_length(s);

		if (len == 0 || is_control(s, len)) {
			*s = '?';
			len = 1;
		}
		s += len;
	}
}

static void begin_value(struct json *json, const char *key)
{
	if (json->follows)
		text_add(json->text, ",");
	if (key != NULL)
		text_add(json->text, "\"%s\":", key);
	json->follows = true;
}

void json_open(struct json *json, const char *key, char begin)
{
	begin_value(json, key);
	text_add(json->text, "%c", begin);
	json->follows = false;
}

void json_close(struct json *json, char end)
{
	text_add(json->text, "%c", end);
	json->follows = true;
}

void json_add_raw(struct json *json, const char *key, const char *value)
{
	begin_value(json, key);
	text_add(json->text, "%s", value);
}

void json_add_string(struct json *json, const char *key, const char *value)
{
	begin_value(json, key);
	if (value != NULL && value[0] != '\0')
		text_add_json(json->text, value);
	else
		text_add(json->text, "null");
}

void json_add_number(struct json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	if (value < 0)
		text_add(json->text, "null");
	else
		text_add(json->text, "%lld", (long long)value);
}

void json_add_ms(struct json *json, const char *key, int64_t us)
{
	begin_value(json, key);
	if (us < 0)
		text_add(json->text, "null");
	else
		text_add(json->text, "%lld.%03d", (long long)(us / 1000), (int)(us % 1000));
}

void json_add_bool(struct json *json, const char *key, int value)
{
	json_add_raw(json, key, value < 0 ? "null" : value != 0 ? "true" : "false");
}

const char *host_bare(const char *host, size_t *ret_len)
{
	size_t len = strlen(host);

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len > 1 && host[len - 1] == '.')
		len--;
	*ret_len = len;
	return host;
}

bool host_may_be_name(const char *host, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)host[i] <= ' ' || host[i] == 0x7f)
			return false;
	return len > 0 && !(len == 1 && host[0] == '.');
}
