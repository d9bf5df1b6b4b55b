/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* base/address reads and writes IPv4 and IPv6 addresses with their port. */

#include <sys/un.h>

#include "base/address.h"
#include "support/suite.h"

static const char ip4[4] = {'\xc0', 0, 2, 1};
static const char ip6[16] = {0x20, 0x01, 0x0d, '\xb8', [15] = 1};
static const char mapped[16] = {[10] = '\xff', [11] = '\xff', '\xc0', 0, 2, 1};
static const char link_local[16] = {'\xfe', '\x80', [15] = 1};

static void text_is(const struct address *address, const char *expected)
{
	char buf[ADDRESS_TEXT_SIZE];

	address_print(address, buf, sizeof(buf));
	assert_string_equal(buf, expected);
}

static void makes_and_prints(void **state)
{
	struct address four = address_ip4(ip4, 443);
	struct address six = address_ip6(ip6, 853, 0);
	struct address scoped = address_ip6(link_local, 1, 1);
	struct address nowhere = address_ip6(link_local, 1, 4711);

	(void)state;
	assert_int_equal(four.len, sizeof(struct sockaddr_in));
	assert_int_equal(six.len, sizeof(struct sockaddr_in6));
	assert_int_equal(address_family(&four), AF_INET);
	assert_int_equal(address_family(&six), AF_INET6);
	assert_int_equal(address_port(&four), 443);
	assert_int_equal(address_port(&six), 853);
	text_is(&four, "192.0.2.1");
	text_is(&six, "2001:db8::1");
	/* The first interface is the loopback device everywhere. */
	text_is(&scoped, "fe80::1%lo");
	text_is(&nowhere, "fe80::1%4711");
	address_set_port(&four, 1);
	address_set_port(&six, 65535);
	assert_int_equal(address_port(&four), 1);
	assert_int_equal(address_port(&six), 65535);
}

static bool taken(const void *sa, size_t len)
{
	struct address address;

	return address_from_sockaddr(sa, (socklen_t)len, &address);
}

static void takes_whole_addresses_only(void **state)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/tmp/x"};
	struct address four = address_ip4(ip4, 443);
	struct address six = address_ip6(ip6, 443, 0);
	struct address taken_over;

	(void)state;
	assert_true(address_from_sockaddr(&four.sa.any, four.len, &taken_over));
	text_is(&taken_over, "192.0.2.1");
	assert_true(address_from_sockaddr(&six.sa.any, six.len, &taken_over));
	text_is(&taken_over, "2001:db8::1");
	memcpy(&storage, &four.sa, four.len);
	for (size_t len = 0; len <= sizeof(storage); len++)
		assert_int_equal(taken(&storage, len), len >= sizeof(struct sockaddr_in));
	memcpy(&storage, &six.sa, six.len);
	for (size_t len = 0; len <= sizeof(storage); len++)
		assert_int_equal(taken(&storage, len), len >= sizeof(struct sockaddr_in6));
	assert_true(address_from_sockaddr(
		(const struct sockaddr *)&storage, sizeof(storage), &taken_over));
	assert_int_equal(taken_over.len, sizeof(struct sockaddr_in6));
	text_is(&taken_over, "2001:db8::1");
	assert_false(taken(&storage, sizeof(storage) + 1));
	assert_false(taken(&local, sizeof(local)));
	assert_false(taken(&local, sizeof(struct sockaddr_in)));
	storage.ss_family = AF_UNSPEC;
	assert_false(taken(&storage, sizeof(struct sockaddr_in)));
}

/* The caller's memory may be aligned for bytes only. */
static void takes_unaligned_memory(void **state)
{
	struct address four = address_ip4(ip4, 443);
	char bytes[64];
	struct address taken_over;

	(void)state;
	memcpy(bytes + 1, &four.sa, four.len);
	assert_true(address_from_sockaddr(
		(const struct sockaddr *)(const void *)(bytes + 1), four.len, &taken_over));
	text_is(&taken_over, "192.0.2.1");
}

static void unmaps(void **state)
{
	static const char unspecified[16];
	struct address from_mapped = address_ip6(mapped, 443, 0);
	struct address from_any = address_ip6(unspecified, 7, 0);
	struct address six = address_ip6(ip6, 443, 0);
	struct address four = address_ip4(ip4, 443);
	struct address unmapped;

	(void)state;
	assert_true(address_unmap(&from_mapped, &unmapped));
	assert_int_equal(address_family(&unmapped), AF_INET);
	assert_int_equal(address_port(&unmapped), 443);
	text_is(&unmapped, "192.0.2.1");
	assert_true(address_unmap(&from_any, &unmapped));
	text_is(&unmapped, "0.0.0.0");
	assert_int_equal(address_port(&unmapped), 7);
	assert_false(address_unmap(&six, &unmapped));
	assert_false(address_unmap(&four, &unmapped));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_and_prints),
		cmocka_unit_test(takes_whole_addresses_only),
		cmocka_unit_test(takes_unaligned_memory),
		cmocka_unit_test(unmaps),
	};

	return suite_run_offline("address", tests, suite_length(tests));
}
