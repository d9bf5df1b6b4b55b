/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/wipe.h"
#include "store/disk.h"

bool file_read(const char *path, struct file *ret_file)
{
	struct file file = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	/* One buffer for the largest file: untouched pages cost nothing, and no copy of a key is left behind. */
	file.data = malloc(FILE_SIZE_MOST + 1);
	ssize_t n = file.data != NULL ? disk_read(fd, file.data, FILE_SIZE_MOST + 1) : -1;
	int error = n < 0 ? errno : 0;
	close(fd);
	/* A read that failed may have filled a part of the buffer, which is wiped too. */
	file.len = n >= 0 ? (size_t)n : FILE_SIZE_MOST + 1;
	if (n == 0)
		error = ENODATA;
	if (n > (ssize_t)FILE_SIZE_MOST)
		error = EFBIG;
	if (error == 0) {
		*ret_file = file;
		return true;
	}
	file_wipe(&file);
	errno = error;
	return false;
}

void file_wipe(struct file *file)
{
	wipe_free(file->data, file->len);
	*file = (struct file){0};
}
