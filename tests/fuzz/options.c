/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The command's options: any words are understood, or one of them is named as wrong, in one line. The input
 * is a letter that picks the subcommand, and the words, one a line.
 */

#include <string.h>
#include <sys/socket.h>

#include "fuzz/target.h"
#include "options.h"

#define WORDS_MAX 64

static int split(char *text, char **ret_words)
{
	int count = 1;

	for (char *at = strtok(text, "\n"); at != NULL && count < WORDS_MAX;
		at = strtok(NULL, "\n"))
		ret_words[count++] = at;
	return count;
}

static void check_parsed(const struct connect_options *options)
{
	promise(options->host != NULL && options->host[0] != '\0');
	promise(options->port != NULL && options->port[0] != '\0');
	promise(options->timeout_ms > 0 && options->idle_timeout_ms >= -1);
	promise(options->alpn_count <= ALPN_MAX);
	for (size_t i = 0; i < options->alpn_count; i++)
		promise(options->alpn[i][0] != '\0' && strlen(options->alpn[i]) <= 255);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static enum options_wish (*const parsers[])(struct connect_options *, int, char **) = {
		connect_options_parse, warm_options_parse, probe_options_parse};
	static struct connect_options options;
	char *words[WORDS_MAX + 1] = {0};
	char name[] = "tlsfo";

	if (size < 1)
		return 0;
	char *text = malloc(size);

	if (text == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	words[0] = name;
	int count = split(text, words);
	enum options_wish wish = parsers[data[0] % 3](&options, count, words);

	if (wish == OPTIONS_CONNECT)
		check_parsed(&options);
	if (wish == OPTIONS_WRONG)
		promise(options.error[0] != '\0' && strchr(options.error, '\n') == NULL);
	free(text);
	return 0;
}
