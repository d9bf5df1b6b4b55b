/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#include "store/disk.h"

#define SIZE_FIRST ((size_t)16 * 1024)

static bool grow(struct file *file, size_t *size)
{
	size_t more = *size == 0 ? SIZE_FIRST : *size * 2;
	unsigned char *data;

	if (more > 2 * FILE_SIZE_MOST) {
		errno = EFBIG;
		return false;
	}
	/* Not realloc: the old copy is to be wiped. */
	data = malloc(more);
	if (data == NULL)
		return false;
	if (file->len > 0) {
		memcpy(data, file->data, file->len);
		gnutls_memset(file->data, 0, file->len);
	}
	free(file->data);
	file->data = data;
	*size = more;
	return true;
}

static bool read_all(int fd, struct file *file)
{
	size_t size = 0;

	while (file->len == size) {
		if (!grow(file, &size))
			return false;
		ssize_t n = disk_read(fd, file->data + file->len, size - file->len);
		if (n < 0)
			return false;
		file->len += (size_t)n;
	}
	if (file->len > 0 && file->len <= FILE_SIZE_MOST)
		return true;
	errno = file->len == 0 ? ENODATA : EFBIG;
	return false;
}

bool file_read(const char *path, struct file *ret_file)
{
	struct file file = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool ok = read_all(fd, &file);
	int error = errno;
	close(fd);
	if (ok) {
		*ret_file = file;
		return true;
	}
	file_wipe(&file);
	errno = error;
	return false;
}

void file_wipe(struct file *file)
{
	if (file->data != NULL)
		gnutls_memset(file->data, 0, file->len);
	free(file->data);
	*file = (struct file){0};
}
