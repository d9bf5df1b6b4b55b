/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * store/entry: the input is the names in a shard, one a line. Of those that are tickets'
 * none is lost, the bounds hold for what stays, and nothing that stays is older than its like that goes.
 */

#include <string.h>

#include "fuzz/target.h"
#include "store/entry.h"

#define NOW	  0x69200000
#define NAMES_MAX 512

static size_t read_names(const char *text, struct entry *names)
{
	size_t count = 0;

	while (*text != '\0' && count < NAMES_MAX) {
		char line[ENTRY_NAME_SIZE + 8] = {0};
		size_t len = strcspn(text, "\n");

		memcpy(line, text, len < sizeof(line) - 1 ? len : sizeof(line) - 1);
		enum entry_kind kind = entry_read(line, &names[count]);

		if (kind == ENTRY_NEW)
			entry_is_stale(names[count].received, NOW);
		if (kind == ENTRY_TICKET) {
			promise(strlen(line) == ENTRY_NAME_SIZE - 1);
			promise(strcmp(names[count++].name, line) == 0);
		}
		text += len + (text[len] == '\n');
	}
	return count;
}

static int same_peer(const struct entry *a, const struct entry *b)
{
	return memcmp(a->name, b->name, ENTRY_KEY_DIGITS) == 0;
}

static void check_kept(const struct entry *names, size_t kept)
{
	promise(kept <= ENTRY_SHARD);
	for (size_t i = 0; i < kept; i++) {
		size_t of_peer = 0;

		promise(entry_lives(ENTRY_TICKET, names[i].expires, NOW, 0));
		for (size_t k = 0; k < kept; k++)
			of_peer += (size_t)same_peer(&names[i], &names[k]);
		promise(of_peer <= ENTRY_PEER);
	}
}

/* What goes has expired, or has four newer ones of its peer, or 64 newer ones in all. */
static void check_gone(const struct entry *names, size_t kept, size_t count)
{
	for (size_t i = kept; i < count; i++) {
		size_t of_peer = 0;
		size_t newer = 0;

		if (!entry_lives(ENTRY_TICKET, names[i].expires, NOW, 0))
			continue;
		for (size_t k = 0; k < count; k++) {
			if (entry_compare_age(&names[k], &names[i]) > 0 || k == i)
				continue;
			newer++;
			of_peer += (size_t)same_peer(&names[i], &names[k]);
		}
		promise(of_peer >= ENTRY_PEER || newer >= ENTRY_SHARD);
	}
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct entry));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct entry names[NAMES_MAX], before[NAMES_MAX];
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	size_t count = read_names(text, names);

	free(text);
	memcpy(before, names, sizeof(before));
	size_t kept = entry_choose(ENTRY_TICKET, names, count, NOW);

	promise(kept <= count);
	check_kept(names, kept);
	check_gone(names, kept, count);
	qsort(names, count, sizeof(*names), compare);
	qsort(before, count, sizeof(*before), compare);
	promise(memcmp(names, before, count * sizeof(*names)) == 0);
	return 0;
}
