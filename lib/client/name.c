/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/name.h"

#include <stdbool.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include <tlsfo/report.h>

#include "base/text.h"

/* The longest name of DNS without a final dot, and its longest label (RFC 1035 §2.3.4). */
#define NAME_LENGTH_MOST  253
#define NAME_LABEL_LENGTH 63

char *name_to_verify(const char *host)
{
	size_t len;
	const char *bare = host_bare(host, &len);
	const char *scope = memchr(bare, '%', len);

	if (scope != NULL && memchr(bare, ':', len) != NULL)
		len = (size_t)(scope - bare);
	return strndup(bare, len);
}

/* A letter, a digit or a hyphen: all ASCII that a converted label can have (RFC 5890 §2.3.1). */
static bool is_ldh(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-';
}

/* The length of the dot at @at, which may be one of those that RFC 3490 §3.1 lists, or 0. */
static size_t dot_length(const char *at)
{
	static const char *const wide[] = {"\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"};

	for (size_t i = 0; i < array_length(wide); i++)
		if (strncmp(at, wide[i], 3) == 0)
			return 3;
	return *at == '.';
}

/*
 * GnuTLS (libidn2) leaves out of a label, without a word, ASCII that is not LDH and characters that stand for
 * nothing or for such ASCII. A character that leaves nothing when it is converted alone is one of them.
 */
static bool keeps_all(const char *label, size_t len, struct text *why)
{
	for (size_t at = 0, size; at < len; at += size) {
		gnutls_datum_t mapped = {0};
		bool kept = is_ldh(label[at]);

		/* The bytes of the UTF-8 character, as far as they are there. */
		size = 1;
		while (((unsigned char)label[at + size] & 0xc0) == 0x80)
			size++;
		if ((unsigned char)label[at] >= 0x80) {
			kept = gnutls_idna_map(label + at, (unsigned int)size, &mapped, 0) != 0 ||
			       mapped.size > 0;
			gnutls_free(mapped.data);
		}
		if (!kept) {
			text_add(why, "in the label \"%.*s\" the character \"%.*s\" is not allowed",
				(int)len, label, (int)size, label + at);
			return false;
		}
	}
	return true;
}

/* True for a label of letters, digits and hyphens that says that it was converted. */
static bool is_converted(const gnutls_datum_t *mapped)
{
	static const char prefix[] = "xn--";

	for (unsigned int i = 0; i < mapped->size; i++)
		if (!is_ldh((char)mapped->data[i]))
			return false;
	return mapped->size <= NAME_LABEL_LENGTH && mapped->size >= sizeof(prefix) &&
	       memcmp(mapped->data, prefix, sizeof(prefix) - 1) == 0;
}

/* Adds a label, converted if it is not ASCII. False: it cannot be, and @why says why, or there is no memory. */
static bool add_label(const char *label, size_t len, struct text *ascii, struct text *why)
{
	gnutls_datum_t mapped = {0};
	bool plain = true;

	for (size_t i = 0; i < len; i++)
		plain = plain && (unsigned char)label[i] < 0x80;
	if (plain && (len == 0 || len > NAME_LABEL_LENGTH)) {
		text_add(why, "the label \"%.*s\" has %zu bytes instead of 1 to %d", (int)len,
			label, len, NAME_LABEL_LENGTH);
		return false;
	}
	if (plain) {
		text_add(ascii, "%.*s", (int)len, label);
		return true;
	}
	if (!keeps_all(label, len, why))
		return false;
	int ret = gnutls_idna_map(label, (unsigned int)len, &mapped, 0);
	bool good = ret == 0 && is_converted(&mapped);

	if (good)
		text_add(ascii, "%.*s", (int)mapped.size, (const char *)mapped.data);
	else if (ret == GNUTLS_E_UNIMPLEMENTED_FEATURE)
		text_add(why, "this GnuTLS cannot convert the label \"%.*s\" to ASCII", (int)len,
			label);
	else if (ret == 0)
		text_add(why, "the label \"%.*s\" would become \"%.*s\", which is another name",
			(int)len, label, (int)mapped.size, (const char *)mapped.data);
	else if (ret != GNUTLS_E_MEMORY_ERROR)
		text_add(why,
			"the label \"%.*s\" cannot be converted to ASCII: it is not UTF-8, not "
			"allowed by RFC 5891, or too long",
			(int)len, label);
	gnutls_free(mapped.data);
	return good;
}

char *name_to_ascii(const char *host, struct text *why)
{
	char buf[TLSFO_HOST_SIZE];
	struct text ascii;
	const char *label = host;
	size_t dot;
	size_t bare_len;
	const char *bare = host_bare(host, &bare_len);

	text_init(&ascii, buf, sizeof(buf));
	const char *end = strstr(host, "://");
	if (end != NULL || strchr(host, '/') != NULL) {
		const char *name = end != NULL ? end + 3 : host;

		text_add(why, "it is a URL, of which the host alone is wanted: \"%.*s\"",
			(int)(name[0] == '[' ? strcspn(name, "]") + 1 : strcspn(name, "/:?#")),
			name);
		return NULL;
	}
	if (!host_may_be_name(bare, bare_len)) {
		text_add(why, "it is empty, or has a blank or a control character in it");
		return NULL;
	}
	/* Behind a final dot there is no label more. */
	do {
		size_t len = 0;

		while (label[len] != '\0' && dot_length(label + len) == 0)
			len++;
		if (!add_label(label, len, &ascii, why))
			return NULL;
		dot = dot_length(label + len);
		text_add(&ascii, "%s", dot > 0 ? "." : "");
		label += len + dot;
	} while (*label != '\0');
	if (ascii.len - (dot > 0) <= NAME_LENGTH_MOST)
		return strdup(buf);
	text_add(why, "it has %zu bytes in ASCII, more than %d", ascii.len, NAME_LENGTH_MOST);
	return NULL;
}
