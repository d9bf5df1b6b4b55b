/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * With memory from the caller tlsfo's own code allocates nothing, from the first call to
 * gnutls_deinit(). This program is linked with tlsfo's archive and with --wrap, so that the calls
 * of tlsfo come here and those of GnuTLS, which is a shared library, do not.
 */

#include <stdlib.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static size_t allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	allocations++;
	return __real_realloc(old, size);
}

/* Returns how often tlsfo allocated during a whole visit. */
static size_t count_visit(const struct way *way, uint16_t port, struct tlsfo_storage *storage)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(way->family, port, &address);
	struct sockaddr *sa = (struct sockaddr *)&address;
	struct visit visit;
	int ret;

	visit_prepare(&visit, way, port);
	visit_grow_hello(&visit, 2000);
	size_t before = allocations;
	if (storage != NULL)
		ret = tlsfo_transport_set_fastopen_mem(
			visit.session, visit.fd, sa, len, way->engine, storage, sizeof(*storage));
	else
		ret = tlsfo_transport_set_fastopen(visit.session, visit.fd, sa, len, way->engine);
	assert_int_equal(ret, 0);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);
	assert_int_equal(visit_report(&visit).error, 0);
	visit_close(&visit);
	return allocations - before;
}

static void test(void **state)
{
	const struct way *way = *state;
	struct tlsfo_storage storage;
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	assert_int_equal(count_visit(way, peer.port, &storage), 0);
	assert_int_equal(count_visit(way, peer.port, &storage), 0);
	/* The counter counts: without storage there is something to count. */
	assert_true(count_visit(way, peer.port, NULL) > 0);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("storage from the caller: no allocation", test, WAY_ALL);
}
