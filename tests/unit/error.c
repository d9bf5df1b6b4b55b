/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tls/error has one code space with GnuTLS, and a text for every code. */

#include <gnutls/gnutls.h>
#include <tlsfo/tlsfo.h>

#include "support/suite.h"

static const int codes[] = {TLSFO_E_INVALID_ARGUMENT, TLSFO_E_NOT_A_CLIENT,
	TLSFO_E_NOT_A_TCP_SOCKET, TLSFO_E_ALREADY_CONNECTED, TLSFO_E_INVALID_ADDRESS,
	TLSFO_E_INVALID_FLAGS, TLSFO_E_INVALID_STORAGE, TLSFO_E_FLIGHT_TOO_LARGE,
	TLSFO_E_NO_TRANSPORT, TLSFO_E_IN_USE, TLSFO_E_NAME_NOT_FOUND, TLSFO_E_NOT_CONNECTED,
	TLSFO_E_SYSTEM, TLSFO_E_INVALID_FILE, TLSFO_E_CONFIG_IN_USE, TLSFO_E_STORE_UNSAFE,
	TLSFO_E_STORE_VERSION, TLSFO_E_HELLO_RETRIED, TLSFO_E_PATH_SWALLOWS,
	TLSFO_E_NAME_LOOKUP_FAILED, TLSFO_E_SERVICE_NOT_FOUND, TLSFO_E_CANCELLED};

static void ours_have_texts_of_their_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < suite_length(codes); i++) {
		const char *text = tlsfo_strerror(codes[i]);

		/* The largest is the least negative one. */
		assert_true(codes[i] <= GNUTLS_E_APPLICATION_ERROR_MAX);
		assert_true(codes[i] >= GNUTLS_E_APPLICATION_ERROR_MIN);
		assert_true(strlen(text) > 0);
		assert_int_not_equal(text[strlen(text) - 1], '.');
		for (size_t k = 0; k < i; k++) {
			assert_int_not_equal(codes[i], codes[k]);
			assert_string_not_equal(text, tlsfo_strerror(codes[k]));
		}
	}
}

static void gnutls_and_unknown_codes_have_texts(void **state)
{
	static const int others[] = {0, GNUTLS_E_AGAIN, GNUTLS_E_TIMEDOUT, GNUTLS_E_PUSH_ERROR,
		-65100, -65300, -99999, 12345, INT32_MIN, INT32_MAX};

	(void)state;
	assert_non_null(
		strstr(tlsfo_strerror(GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR), "certificate"));
	for (size_t i = 0; i < suite_length(others); i++) {
		const char *text = tlsfo_strerror(others[i]);

		assert_non_null(text);
		assert_true(strlen(text) > 0);
	}
}

static void version_is_told(void **state)
{
	(void)state;
	assert_string_equal(tlsfo_version(), TLSFO_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_have_texts_of_their_own),
		cmocka_unit_test(gnutls_and_unknown_codes_have_texts),
		cmocka_unit_test(version_is_told),
	};

	return suite_run_offline("error", tests, suite_length(tests));
}
