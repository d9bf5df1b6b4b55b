/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Neither a key nor session data is in memory that is given back, nor left on the stack. The program
 * is linked with tlsfo's archive and with --wrap, so that every free() of tlsfo comes here; each
 * operation runs on a stack of its own, which is looked through afterwards.
 */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>

#include "fixture.h"

#define STACK_SIZE ((size_t)1 << 20)

void __real_free(void *data);
void __wrap_free(void *data);

static const unsigned char key[TLSFO_STORE_KEY_SIZE] = "the key that opens every ticket";
static const char blob[] = "session data: resumption master secret and all";
/* The compiler takes free() for a call that changes neither. */
static volatile size_t looked_at, leaked;
static int own_memory = -1;

/* By way of the kernel: what looks at memory that is no longer anybody's is a fault to valgrind. */
static bool holds_secret(const void *data, size_t len)
{
	static unsigned char copy[STACK_SIZE];
	ssize_t n = pread(
		own_memory, copy, len < STACK_SIZE ? len : STACK_SIZE, (off_t)(uintptr_t)data);

	if (n < 0)
		suite_abort("/proc/self/mem: %s", strerror(errno));
	/* A part of it is bad enough. */
	bool found = memmem(copy, (size_t)n, key + 8, 16) != NULL ||
		     memmem(copy, (size_t)n, blob + 16, 16) != NULL;

	memset(copy, 0, (size_t)n);
	return found;
}

void __wrap_free(void *data)
{
	if (data != NULL && own_memory >= 0) {
		looked_at = looked_at + 1;
		leaked = leaked + holds_secret(data, malloc_usable_size(data));
	}
	__real_free(data);
}

/* One life of a store. */
struct life {
	const struct fixture *fixture; /* NULL: in memory */
	int ret;
};

static struct ticket make_ticket(int64_t now)
{
	return (struct ticket){
		.received = now,
		.expires = now + 100,
		.blob = (unsigned char *)(uintptr_t)blob,
		.blob_len = sizeof(blob),
	};
}

static int use(struct tlsfo_store *store)
{
	const struct peer peer = fixture_peer("example.org");
	int64_t now = fixture_now();
	struct ticket ticket = make_ticket(now);
	struct ticket taken;
	int count = 0;

	/* More than are kept. */
	for (int i = 0; i < 6; i++)
		count += store_put(store, &peer, &ticket, now);
	count += store_take(store, &peer, now, 0, &taken);
	if (taken.blob_len != sizeof(blob) || memcmp(taken.blob, blob, sizeof(blob)) != 0)
		return -1;
	ticket_clear(&taken);
	count += store_take(store, &peer, now, 1000, &taken);
	count += tlsfo_store_forget(store, "example.net", 0);
	count += fixture_count(store);
	count += tlsfo_store_forget(store, "example.org", 0);
	count += store_put(store, &peer, &ticket, now);
	return count;
}

static void *live(void *userdata)
{
	struct life *life = userdata;
	struct tlsfo_store *store = NULL;

	life->ret = life->fixture != NULL
			    ? tlsfo_store_open(life->fixture->store, key, sizeof(key), &store)
			    : tlsfo_store_new(&store);
	if (life->ret == 0)
		life->ret = use(store);
	tlsfo_store_free(store);
	return NULL;
}

static void nothing_is_left(const struct fixture *fixture)
{
	struct life life = {.fixture = fixture};
	pthread_attr_t attributes;
	pthread_t thread;
	void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	assert_ptr_not_equal(stack, MAP_FAILED);
	assert_int_equal(pthread_attr_init(&attributes), 0);
	assert_int_equal(pthread_attr_setstack(&attributes, stack, STACK_SIZE), 0);
	looked_at = 0;
	leaked = 0;
	assert_int_equal(pthread_create(&thread, &attributes, live, &life), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(life.ret, 1 + 3 + 3);
	assert_true(looked_at > 7);
	assert_int_equal(leaked, 0);
	assert_false(holds_secret(stack, STACK_SIZE));
	pthread_attr_destroy(&attributes);
	munmap(stack, STACK_SIZE);
}

static void memory(void **state)
{
	(void)state;
	nothing_is_left(NULL);
}

static void directory(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	nothing_is_left(&fixture);
	fixture_remove(&fixture);
}

/* It would be found. */
static void leak_is_seen(void **state)
{
	struct ticket ticket = make_ticket(fixture_now());
	unsigned char *volatile copy = malloc(sizeof(blob));

	(void)state;
	assert_non_null(copy);
	memcpy(copy, ticket.blob, sizeof(blob));
	leaked = 0;
	free(copy);
	assert_int_equal(leaked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory),
		cmocka_unit_test(directory),
		cmocka_unit_test(leak_is_seen),
	};

	own_memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	if (own_memory < 0)
		suite_skip("/proc/self/mem cannot be read: %s", strerror(errno));
	return suite_run_offline("secrets are wiped", tests, suite_length(tests));
}
