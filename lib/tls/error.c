/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <tlsfo/error.h>
#include <tlsfo/tlsfo.h>

#include <gnutls/gnutls.h>

#include "base/failure.h"
#include "base/macros.h"

#if defined(GNUTLS_E_MEMORY_ERROR) && FAILURE_MEMORY != GNUTLS_E_MEMORY_ERROR
#error "the code is GnuTLS's"
#endif

const char *tlsfo_version(void)
{
	return TLSFO_VERSION;
}

const char *tlsfo_strerror(int code)
{
	static const struct {
		int code;
		const char *text;
	} texts[] = {
		{TLSFO_E_INVALID_ARGUMENT, "invalid argument"},
		{TLSFO_E_NOT_A_CLIENT, "not a TLS client session"},
		{TLSFO_E_NOT_A_TCP_SOCKET, "not an open TCP socket"},
		{TLSFO_E_ALREADY_CONNECTED, "the socket is already connected"},
		{TLSFO_E_INVALID_ADDRESS,
			"not an IPv4 or IPv6 address with a port, or not the socket's family"},
		{TLSFO_E_INVALID_FLAGS, "unknown flags, or flags that exclude each other"},
		{TLSFO_E_INVALID_STORAGE, "the storage is too small or not aligned"},
		{TLSFO_E_FLIGHT_TOO_LARGE, "the first flight does not fit the storage"},
		{TLSFO_E_NO_TRANSPORT, "the session has no tlsfo transport"},
		{TLSFO_E_IN_USE, "the handshake has begun already"},
		{TLSFO_E_NAME_NOT_FOUND, "no such name, or it has no address"},
		{TLSFO_E_NOT_CONNECTED, "no address could be connected to"},
		{TLSFO_E_SYSTEM, "a system call failed"},
		{TLSFO_E_INVALID_FILE, "a trust, certificate or key file cannot be used"},
		{TLSFO_E_CONFIG_IN_USE, "the configuration is in use already"},
		{TLSFO_E_STORE_UNSAFE, "the store is open to others, or not what it should be"},
		{TLSFO_E_STORE_VERSION, "a newer version made the store"},
		{TLSFO_E_HELLO_RETRIED,
			"the server refused the first ClientHello with its early data"},
		{TLSFO_E_PATH_SWALLOWS, "the path swallows what follows a fast-open SYN"},
		{TLSFO_E_NAME_LOOKUP_FAILED, "the name could not be looked up"},
		{TLSFO_E_SERVICE_NOT_FOUND, "unknown service"},
		{TLSFO_E_CANCELLED, "cancelled by the program"},
	};

	for (size_t i = 0; i < array_length(texts); i++)
		if (texts[i].code == code)
			return texts[i].text;
	const char *text = gnutls_strerror(code);
	return text != NULL ? text : "unknown error";
}
