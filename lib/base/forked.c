/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/forked.h"

#include <sched.h>
#include <stddef.h>
#include <unistd.h>

#include <sys/mman.h>

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

bool forked_init(struct forked *forked)
{
	void *page =
		mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return false;
	/* Where the kernel cannot wipe a page, the process id has to do. */
	if (madvise(page, page_size(), MADV_WIPEONFORK) == 0) {
		forked->owner = page;
	} else {
		munmap(page, page_size());
		forked->owner = &forked->here;
	}
	forked_adopt(forked);
	return true;
}

void forked_deinit(struct forked *forked)
{
	if (forked->owner != &forked->here)
		munmap(forked->owner, page_size());
	forked->owner = &forked->here;
}

bool forked_is_child(struct forked *forked)
{
	/* The kernel has wiped the page in a child, so a number on it was written by this process. */
	if (forked->owner != &forked->here && atomic_load(forked->owner) > 0)
		return false;
	int own = getpid();
	int owner = atomic_load(forked->owner);

	/* The negative process id means that another thread of this process adopts the object. */
	while (owner != own) {
		if (owner == -own) {
			sched_yield();
			owner = atomic_load(forked->owner);
		} else if (atomic_compare_exchange_strong(forked->owner, &owner, -own)) {
			return true;
		}
	}
	return false;
}

void forked_adopt(struct forked *forked)
{
	/* The parent's generation stays as it is, because the child has a copy. */
	atomic_fetch_add(&forked->generation, 1);
	atomic_store(forked->owner, getpid());
}

unsigned int forked_generation(struct forked *forked)
{
	if (forked_is_child(forked))
		forked_adopt(forked);
	return atomic_load(&forked->generation);
}
