/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that answers a SYN with data by RST: the visit fails at once with ECONNREFUSED, which the
 * report keeps; the client names the address. A first visit is not troubled.
 */

#include "path.h"

#include <errno.h>

static void fact(struct path *path)
{
	path_add_box(path, "rst-syn-data");
	path_fetch_cookie(path);
	path_visit(path);

	path_expect_refusal(path, ECONNREFUSED);
	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, "rst-syn-data");
	if (!path->client)
		assert_false(kernel_facts(path_fd(path)).established);
	path_expect_report(
		path, TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED, TLSFO_REASON_NOT_CONNECTED, hello, hello);
}

int main(void)
{
	return path_run("a reset of SYN data is a refusal", fact, PATH_TRANSPORT);
}
