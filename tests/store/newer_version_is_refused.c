/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A store of a later layout is refused and left as it is; anything else beside ours is nobody's affair. */

#include <unistd.h>

#include <sys/stat.h>

#include "fixture.h"

static void make(const struct fixture *fixture, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", fixture->store, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void later_ones(void **state)
{
	static const char *const names[] = {"tlsfo-2", "tlsfo-10", "tlsfo-99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < suite_length(names); i++) {
		struct fixture fixture;
		char path[512];

		fixture_make(&fixture);
		assert_int_equal(mkdir(fixture.store, 0700), 0);
		make(&fixture, names[i]);
		fixture_refuses(fixture.store, TLSFO_E_STORE_VERSION, names[i]);
		fixture_refuses(fixture.store, TLSFO_E_STORE_VERSION, "newer version");
		assert_int_equal(fixture_files(fixture.store, "", path), 0);
		fixture_remove(&fixture);
	}
}

static void one_beside_ours(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	tlsfo_store_free(fixture_open(&fixture));
	make(&fixture, "tlsfo-2");
	fixture_refuses(fixture.store, TLSFO_E_STORE_VERSION, "tlsfo-2");
	fixture_remove(&fixture);
}

static void other_names(void **state)
{
	static const char *const names[] = {"tlsfo-0", "tlsfo-02", "tlsfo-2x", "tlsfo-", "tlsfo",
		"tlsfo--2", "tlsfo-+2", "2", "version"};
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(mkdir(fixture.store, 0700), 0);
	for (size_t i = 0; i < suite_length(names); i++)
		make(&fixture, names[i]);
	tlsfo_store_free(fixture_open(&fixture));
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_ones),
		cmocka_unit_test(one_beside_ours),
		cmocka_unit_test(other_names),
	};

	return suite_run_offline("newer version is refused", tests, suite_length(tests));
}
