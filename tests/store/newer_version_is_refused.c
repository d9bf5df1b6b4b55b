/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A store of a later layout is refused and left as it is; anything else beside ours is nobody's affair. */

#include <unistd.h>

#include <sys/stat.h>

#include "shelf.h"

static void make(const struct shelf *shelf, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", shelf->store, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void later_ones(void **state)
{
	static const char *const names[] = {"tlsfo-2", "tlsfo-10", "tlsfo-99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < suite_length(names); i++) {
		struct shelf shelf;
		char path[512];

		shelf_make(&shelf);
		assert_int_equal(mkdir(shelf.store, 0700), 0);
		make(&shelf, names[i]);
		shelf_refuses(shelf.store, TLSFO_E_STORE_VERSION, names[i]);
		shelf_refuses(shelf.store, TLSFO_E_STORE_VERSION, "newer version");
		assert_int_equal(shelf_files(shelf.store, "", path), 0);
		shelf_remove(&shelf);
	}
}

static void one_beside_ours(void **state)
{
	struct shelf shelf;

	(void)state;
	shelf_make(&shelf);
	tlsfo_store_free(shelf_open(&shelf));
	make(&shelf, "tlsfo-2");
	shelf_refuses(shelf.store, TLSFO_E_STORE_VERSION, "tlsfo-2");
	shelf_remove(&shelf);
}

static void other_names(void **state)
{
	static const char *const names[] = {"tlsfo-0", "tlsfo-02", "tlsfo-2x", "tlsfo-", "tlsfo",
		"tlsfo--2", "tlsfo-+2", "2", "version"};
	struct shelf shelf;

	(void)state;
	shelf_make(&shelf);
	assert_int_equal(mkdir(shelf.store, 0700), 0);
	for (size_t i = 0; i < suite_length(names); i++)
		make(&shelf, names[i]);
	tlsfo_store_free(shelf_open(&shelf));
	shelf_remove(&shelf);
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
