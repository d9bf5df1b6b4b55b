/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * store/seal: no bytes open that were not sealed, what was sealed opens to the same, and not when a
 * bit of it has changed. The input is a file, and then what is sealed in one.
 */

#include <string.h>

#include "fuzz/target.h"
#include "store/record.h"
#include "store/seal.h"

static const unsigned char key[] = "no corpus was made with this key";
static const unsigned char salt[SEAL_SALT_SIZE] = {1, 2, 3};

static void check_file(unsigned char *file, const uint8_t *data, size_t size)
{
	struct bytes record;

	if (size > 0)
		memcpy(file, data, size);
	promise(!seal_open(key, "name", file, size, &record));
}

static void check_content(unsigned char *file, const uint8_t *data, size_t size)
{
	struct record ticket;
	struct bytes record;
	size_t flipped = size > 1 ? ((size_t)data[0] << 8 | data[1]) % (size + SEAL_OVERHEAD) : 0;

	if (size > 0)
		memcpy(file + SEAL_HEAD, data, size);
	seal_close(key, "name", salt, file, size);
	promise(seal_open(key, "name", file, size + SEAL_OVERHEAD, &record));
	promise(record.len == size && (size == 0 || memcmp(record.at, data, size) == 0));
	if (record_read(record, &ticket) && ticket.kind == RECORD_TICKET)
		promise(ticket.ticket.blob > file && ticket.ticket.blob_len < size);
	seal_close(key, "name", salt, file, size);
	file[flipped] ^= 1;
	promise(!seal_open(key, "name", file, size + SEAL_OVERHEAD, &record));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *file = malloc(size + SEAL_OVERHEAD);

	if (file == NULL)
		return 0;
	check_file(file, data, size);
	check_content(file, data, size);
	free(file);
	return 0;
}
