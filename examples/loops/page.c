/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page.h"

#include <stdio.h>
#include <string.h>

static const char request[] = "GET / HTTP/1.0\r\n\r\n";

static int tell(const struct page *page, int ret)
{
	if (ret < 0 && ret != GNUTLS_E_AGAIN)
		fprintf(stderr, "%s: %s\n", tlsfo_strerror(ret), tlsfo_conn_error(page->conn));
	return ret;
}

int page_begin(struct page *page, int argc, char **argv)
{
	int ret;

	*page = (struct page){0};
	if (argc != 4) {
		fprintf(stderr, "usage: %s HOST PORT CAFILE\n", argv[0]);
		return TLSFO_E_INVALID_ARGUMENT;
	}
	ret = tlsfo_config_new(&page->config);
	if (ret == 0)
		ret = tlsfo_config_set_ca_file(page->config, argv[3]);
	if (ret == 0)
		ret = tlsfo_conn_new(page->config, argv[1], argv[2], &page->conn);
	if (ret == 0)
		ret = tlsfo_conn_set_steady_fd(page->conn);
	if (ret == 0)
		ret = tlsfo_conn_begin(page->conn, tlsfo_deadline_in(5000));
	return tell(page, ret);
}

static int print_answer(struct page *page)
{
	char buf[4096];
	ssize_t n;

	while ((n = tlsfo_conn_read(page->conn, buf, sizeof(buf), TLSFO_NOW)) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	return (int)n;
}

int page_step(struct page *page)
{
	ssize_t ret = 0;

	if (page->stage == PAGE_OPENING)
		ret = tlsfo_conn_advance(page->conn);
	if (ret == 0 && page->stage == PAGE_OPENING)
		page->stage = PAGE_SENDING;
	while (ret >= 0 && page->stage == PAGE_SENDING) {
		ret = tlsfo_conn_write(
			page->conn, request + page->sent, strlen(request) - page->sent, TLSFO_NOW);
		page->sent += ret > 0 ? (size_t)ret : 0;
		if (page->sent == strlen(request))
			page->stage = PAGE_READING;
	}
	if (ret >= 0 && page->stage == PAGE_READING) {
		ret = print_answer(page);
		if (ret == 0)
			page->stage = PAGE_FINISHING;
	}
	if (ret == 0 && page->stage == PAGE_FINISHING)
		ret = tlsfo_conn_finish(page->conn);
	return tell(page, (int)ret);
}

int page_fd(const struct page *page)
{
	return tlsfo_conn_fd(page->conn);
}

int page_wait_ms(const struct page *page)
{
	int64_t due = tlsfo_conn_deadline(page->conn);
	int64_t left = due - tlsfo_now();

	if (due == TLSFO_NEVER)
		return -1;
	return left > 0 ? (int)left : 0;
}

void page_end(struct page *page)
{
	tlsfo_conn_free(page->conn);
	tlsfo_config_free(page->config);
}
