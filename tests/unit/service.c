/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* resolve/service: port numbers and lines of services(5). */

#include "resolve/service.h"
#include "support/suite.h"

static void kind_is(const char *service, enum service_kind kind, uint16_t port)
{
	uint16_t found = 7;

	assert_int_equal(service_parse(service, &found), kind);
	/* An output is written on success only. */
	assert_int_equal(found, kind == SERVICE_PORT ? port : 7);
}

static void numbers(void **state)
{
	(void)state;
	kind_is("1", SERVICE_PORT, 1);
	kind_is("443", SERVICE_PORT, 443);
	kind_is("00443", SERVICE_PORT, 443);
	kind_is("65535", SERVICE_PORT, 65535);
	kind_is("0", SERVICE_WRONG, 0);
	kind_is("65536", SERVICE_WRONG, 0);
	kind_is("4294967739", SERVICE_WRONG, 0);
	kind_is("18446744073709552059", SERVICE_WRONG, 0);
	kind_is("99999999999999999999999999999999", SERVICE_WRONG, 0);
	kind_is("", SERVICE_NAME, 0);
	kind_is("https", SERVICE_NAME, 0);
	kind_is("-1", SERVICE_NAME, 0);
	kind_is("+1", SERVICE_NAME, 0);
	kind_is(" 1", SERVICE_NAME, 0);
	kind_is("1 ", SERVICE_NAME, 0);
	kind_is("9p", SERVICE_NAME, 0);
}

static void line_has(const char *line, const char *name, uint16_t port)
{
	uint16_t found = 7;

	assert_int_equal(service_in_line(line, name, &found), port != 0);
	assert_int_equal(found, port != 0 ? port : 7);
}

static void lines(void **state)
{
	(void)state;
	line_has("https\t\t443/tcp\n", "https", 443);
	line_has("https 443/tcp", "https", 443);
	line_has("  https 443/tcp  \r\n", "https", 443);
	line_has("domain-s 853/tcp dot # DNS over TLS\n", "dot", 853);
	line_has("a 1/tcp b c d#e", "d", 1);
	/* Neither a comment nor another protocol nor a part of a word. */
	line_has("# https 443/tcp\n", "https", 0);
	line_has("x 1/tcp # https\n", "https", 0);
	line_has("x 1/tcp #https\n", "https", 0);
	line_has("https 443/udp\n", "https", 0);
	line_has("https 443/tcpx\n", "https", 0);
	line_has("https 443/tc\n", "https", 0);
	line_has("https 443/sctp\n", "https", 0);
	line_has("https\n", "https", 0);
	line_has("https#443/tcp\n", "https", 0);
	line_has("https 443#/tcp\n", "https", 0);
	line_has("https /tcp\n", "https", 0);
	line_has("https 0/tcp\n", "https", 0);
	line_has("https 65536/tcp\n", "https", 0);
	line_has("https 99999999999999999999999/tcp\n", "https", 0);
	line_has("https 4x3/tcp\n", "https", 0);
	line_has("https2 443/tcp\n", "https", 0);
	line_has("http 80/tcp www\n", "https", 0);
	line_has("http 80/tcp www\n", "ww", 0);
	line_has("http 80/tcp www\n", "", 0);
	line_has("", "https", 0);
	line_has("\n", "", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(lines),
	};

	return suite_run_offline("service", tests, suite_length(tests));
}
