/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A connection is not called unanswered before so many milliseconds. The kernel sends a lost SYN again after 1000. */
#define UNANSWERED_MS 3000

enum { BUCKETS = 128, BUCKET_SLOTS = 8 };

/* Times are Unix time in milliseconds, 0 for never. */
struct slot {
	uint64_t id; /* of the address and port; 0: the slot is free */
	int64_t tried;
	int64_t answered;
	int64_t failed;
};

/* The file tells no address by itself: the names of its records depend on the seed. */
struct header {
	char magic[8];
	uint64_t seed;
};

static const char magic[8] = {'t', 'l', 's', 'f', 'o', 'r', 'u', '1'};

/* Its name, or an empty string. */
static char file[PATH_MAX];

/* The memory of a process that cannot open the file. */
static struct slot own[BUCKETS][BUCKET_SLOTS];
static atomic_flag own_busy = ATOMIC_FLAG_INIT;

/* Where the record of an address is: in the file, or in ->own when ->fd is -1. */
struct place {
	int fd;
	uint64_t id;
	size_t bucket;
	size_t index;
	struct slot slot;
};

static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;

	/* FNV-1a: the ids need to differ, and are no secret from the owner of the file. */
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t id_of(const struct sockaddr *address, uint64_t seed)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed;

	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		hash = mix(mix(hash, &in.sin_addr, sizeof(in.sin_addr)), &in.sin_port,
			sizeof(in.sin_port));
	} else {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		hash = mix(mix(hash, &in6.sin6_addr, sizeof(in6.sin6_addr)), &in6.sin6_port,
			sizeof(in6.sin6_port));
		hash = mix(hash, &in6.sin6_scope_id, sizeof(in6.sin6_scope_id));
	}
	return hash != 0 ? hash : 1;
}

/* What stands in a file that is the user's alone is read, and nothing else. */
static int open_file(uint64_t *ret_seed)
{
	struct header header;
	struct stat status;

	if (file[0] == '\0')
		return -1;
	int fd = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
		(status.st_mode & 077) == 0 &&
		pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
		memcmp(header.magic, magic, sizeof(magic)) == 0) {
		*ret_seed = header.seed;
		return fd;
	}
	(void)close(fd);
	return -1;
}

static off_t offset_of(const struct place *place, size_t index)
{
	return (off_t)(sizeof(struct header) +
		       (place->bucket * BUCKET_SLOTS + index) * sizeof(struct slot));
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t last_used(const struct slot *slot)
{
	return slot->tried > slot->failed ? slot->tried : slot->failed;
}

/* Finds the record of the address, or the slot that a new one takes: a free one or the oldest. False when
 * another thread is using the memory of the process. */
static bool find(const struct sockaddr *address, struct place *ret_place)
{
	struct slot bucket[BUCKET_SLOTS] = {0};
	struct place place = {.index = 0};
	uint64_t seed = 0;

	place.fd = open_file(&seed);
	if (place.fd < 0 && atomic_flag_test_and_set(&own_busy))
		return false;
	place.id = id_of(address, seed);
	place.bucket = place.id % BUCKETS;
	if (place.fd < 0)
		memcpy(bucket, own[place.bucket], sizeof(bucket));
	else if (pread(place.fd, bucket, sizeof(bucket), offset_of(&place, 0)) < 0)
		memset(bucket, 0, sizeof(bucket));
	for (size_t i = 0; i < BUCKET_SLOTS; i++) {
		if (bucket[i].id == place.id) {
			place.index = i;
			place.slot = bucket[i];
			break;
		}
		if (last_used(&bucket[i]) < last_used(&bucket[place.index]))
			place.index = i;
	}
	place.slot.id = place.id;
	*ret_place = place;
	return true;
}

static void leave(const struct place *place)
{
	if (place->fd >= 0)
		(void)close(place->fd);
	else
		atomic_flag_clear(&own_busy);
}

enum memory_advice memory_ask(const struct sockaddr *address)
{
	int64_t now = now_ms();
	struct place place;

	if (!find(address, &place))
		return MEMORY_AVOID;
	const struct slot slot = place.slot;

	leave(&place);
	/* A clock that was set back makes no pause longer. */
	if (slot.failed > now - MEMORY_PAUSE_MS && slot.failed <= now)
		return MEMORY_AVOID;
	/* Connections that were begun just now may still be answered. */
	if (slot.tried > slot.answered && now - slot.tried > UNANSWERED_MS)
		return MEMORY_AVOID;
	return slot.answered != 0 ? MEMORY_DEFER : MEMORY_ASK;
}

void memory_tell(const struct sockaddr *address, int facts)
{
	int64_t now = now_ms();
	struct place place;

	if (!find(address, &place))
		return;
	struct slot *slot = &place.slot;

	/* The first of several connections at once that are not answered tells since when. */
	if ((facts & MEMORY_TRIED) && (slot->tried == 0 || slot->tried <= slot->answered))
		slot->tried = now;
	if (facts & MEMORY_ANSWERED)
		slot->answered = now;
	if (facts & MEMORY_FAILED)
		slot->failed = now;
	if (place.fd < 0)
		own[place.bucket][place.index] = *slot;
	else
		(void)!pwrite(place.fd, slot, sizeof(*slot), offset_of(&place, place.index));
	leave(&place);
}

void memory_forked(void)
{
	atomic_flag_clear(&own_busy);
}

void memory_use(const char *path)
{
	(void)snprintf(file, sizeof(file), "%s", path != NULL && path[0] == '/' ? path : "");
}

int memory_make(const char *path)
{
	struct header header = {.seed = 0};
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return errno == EEXIST ? 0 : -1;
	memcpy(header.magic, magic, sizeof(magic));
	/* Without randomness the names are the same in every file. */
	(void)!getentropy(&header.seed, sizeof(header.seed));
	bool written = write(fd, &header, sizeof(header)) == (ssize_t)sizeof(header);
	int saved = errno;

	(void)close(fd);
	if (written)
		return 0;
	(void)unlink(path);
	errno = saved;
	return -1;
}
