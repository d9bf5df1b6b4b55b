/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EXAMPLES_PAGE_H
#define EXAMPLES_PAGE_H

/* Fetches a page and prints it, without ever waiting: what the programs for event loops have in common. */

#include <tlsfo/tlsfo.h>

struct page {
	struct tlsfo_config *config;
	struct tlsfo_conn *conn;
	size_t sent; /* bytes of the request */
	enum { PAGE_OPENING, PAGE_SENDING, PAGE_READING, PAGE_FINISHING } stage;
};

/* The arguments: HOST PORT CAFILE. Returns 0, or a code that was told already. */
int page_begin(struct page *page, int argc, char **argv);

/* Goes on as far as it can. Returns GNUTLS_E_AGAIN: call it again when the descriptor is readable, or after
 * page_wait_ms(); 0 at the end; or a code that was told already. */
int page_step(struct page *page);

/* The one descriptor, and how long at most to wait for it in milliseconds, or -1. */
int page_fd(const struct page *page);
int page_wait_ms(const struct page *page);

void page_end(struct page *page);

#endif
