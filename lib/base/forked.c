/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/forked.h"

#include <sched.h>
#include <stddef.h>
#include <unistd.h>

#include <sys/mman.h>

/* Where there is no such thing this is refused, and the process id has to do. */
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK (-1)
#endif

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
	/* What stands on the page stands there for this process: to a child it is empty. */
	if (forked->owner != &forked->here && atomic_load(forked->owner) > 0)
		return false;
	int own = getpid();
	int owner = atomic_load(forked->owner);

	/* The negative id: one of our threads is at it. */
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
	/* The parent's stays as it is. */
	atomic_fetch_add(&forked->generation, 1);
	atomic_store(forked->owner, getpid());
}

unsigned int forked_generation(struct forked *forked)
{
	if (forked_is_child(forked))
		forked_adopt(forked);
	return atomic_load(&forked->generation);
}
