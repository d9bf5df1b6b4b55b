/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tls/session knows groups by number, and which key share a session offers first. */

#include <errno.h>

#include "base/macros.h"
#include "support/hello.h"
#include "support/suite.h"
#include "tls/session.h"

static unsigned char written[16384];
static size_t written_len;

static ssize_t push(gnutls_transport_ptr_t ptr, const void *buf, size_t len)
{
	(void)ptr;
	assert_true(len <= sizeof(written) - written_len);
	memcpy(written + written_len, buf, len);
	written_len += len;
	return (ssize_t)len;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	(void)buf;
	(void)len;
	gnutls_transport_set_errno(ptr, EAGAIN);
	return -1;
}

/* The group of the first share that a session with @priority offers when it is to prefer @number. */
static unsigned int first_share(const char *priority, uint16_t number)
{
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;
	size_t len = 0;
	size_t record = 0;

	written_len = 0;
	assert_int_equal(gnutls_certificate_allocate_credentials(&credentials), 0);
	assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK), 0);
	assert_int_equal(priority != NULL ? gnutls_priority_set_direct(session, priority, NULL)
					  : gnutls_set_default_priority(session),
		0);
	assert_int_equal(group_prefer(session, priority, number), 0);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_ptr(session, session);
	gnutls_transport_set_push_function(session, push);
	gnutls_transport_set_pull_function(session, pull);
	assert_int_equal(gnutls_handshake(session), GNUTLS_E_AGAIN);
	const unsigned char *hello = hello_in_flight(written, written_len, &len, &record);
	assert_non_null(hello);
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(credentials);
	return hello_group(hello, len);
}

static void numbers_are_those_of_iana(void **state)
{
	(void)state;
	assert_int_equal(group_number(GNUTLS_GROUP_SECP256R1), 23);
	assert_int_equal(group_number(GNUTLS_GROUP_SECP384R1), 24);
	assert_int_equal(group_number(GNUTLS_GROUP_X25519), 29);
	assert_int_equal(group_number(GNUTLS_GROUP_FFDHE2048), 256);
	assert_int_equal(group_number(GNUTLS_GROUP_INVALID), 0);
}

/* All that GnuTLS lists have a number, each another one. */
static void every_group_has_a_number(void **state)
{
	const gnutls_group_t *groups = gnutls_group_list();

	(void)state;
	for (size_t i = 0; groups[i] != GNUTLS_GROUP_INVALID; i++) {
		const char *name = gnutls_group_get_name(groups[i]);

		/* GOST's groups and the like are for TLS 1.2. */
		if (strncmp(name, "GC", 2) == 0 || strstr(name, "192R1") != NULL ||
			strstr(name, "224R1") != NULL)
			continue;
		if (group_number(groups[i]) == 0)
			fail_msg("%s has no number", name);
		for (size_t other = 0; other < i; other++)
			assert_int_not_equal(group_number(groups[i]), group_number(groups[other]));
	}
}

static void wanted_group_comes_first(void **state)
{
	static const uint16_t numbers[] = {23, 24, 25, 29};
	static const char *const priorities[] = {NULL, "NORMAL", "SECURE128:%COMPAT",
		"NORMAL:-VERS-ALL:+VERS-TLS1.3", "NORMAL:-GROUP-X448:%PROFILE_MEDIUM"};

	(void)state;
	for (size_t i = 0; i < array_length(priorities); i++)
		for (size_t n = 0; n < array_length(numbers); n++)
			assert_int_equal(first_share(priorities[i], numbers[n]), numbers[n]);
	assert_int_equal(first_share("NORMAL:-VERS-ALL:+VERS-TLS1.3", 256), 256);
}

static void what_was_not_to_be_offered_is_not(void **state)
{
	const char *only = "NORMAL:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-X25519";

	(void)state;
	assert_int_equal(first_share(only, 24), 23);
	assert_int_equal(first_share(only, 29), 29);
	assert_int_equal(first_share(only, 0), 23);
	assert_int_equal(first_share(only, 0xfefe), 23);
}

/* The others stay, or the server could not choose another. */
static void other_groups_are_still_offered(void **state)
{
	enum { SUPPORTED_GROUPS = 10 };
	size_t len = 0;
	size_t record = 0;
	size_t before = 0;
	size_t after = 0;

	(void)state;
	first_share("NORMAL", 0);
	const unsigned char *hello = hello_in_flight(written, written_len, &len, &record);
	assert_non_null(hello_extension(hello, len, SUPPORTED_GROUPS, &before));
	first_share("NORMAL", 24);
	hello = hello_in_flight(written, written_len, &len, &record);
	assert_non_null(hello_extension(hello, len, SUPPORTED_GROUPS, &after));
	assert_int_equal(after, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_iana),
		cmocka_unit_test(every_group_has_a_number),
		cmocka_unit_test(wanted_group_comes_first),
		cmocka_unit_test(what_was_not_to_be_offered_is_not),
		cmocka_unit_test(other_groups_are_still_offered),
	};

	return suite_run_offline("groups", tests, suite_length(tests));
}
