/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_ERROR_H
#define TLSFO_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Return codes. There is one code space with GnuTLS: its codes keep their meaning
 * (GNUTLS_E_AGAIN: wait for the events you are told and call again, GNUTLS_E_TIMEDOUT: the
 * deadline passed, GNUTLS_E_MEMORY_ERROR, GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR and all others),
 * and the codes below lie in the range that GnuTLS reserves for applications
 * (GNUTLS_E_APPLICATION_ERROR_MIN to GNUTLS_E_APPLICATION_ERROR_MAX, -65000 to -65500).
 */

/* An argument is NULL, out of range, or contradicts another one. */
#define TLSFO_E_INVALID_ARGUMENT  (-65201)
/* The gnutls_session_t is not a TLS client session (a server's, or DTLS). */
#define TLSFO_E_NOT_A_CLIENT      (-65202)
/* The descriptor is not open, or not a TCP socket. */
#define TLSFO_E_NOT_A_TCP_SOCKET  (-65203)
/* The socket is already connected, connecting or listening. */
#define TLSFO_E_ALREADY_CONNECTED (-65204)
/* The address is neither a whole AF_INET nor a whole AF_INET6 address, or does not fit the socket. */
#define TLSFO_E_INVALID_ADDRESS   (-65205)
/* A flag is unknown, or two flags exclude each other. */
#define TLSFO_E_INVALID_FLAGS     (-65206)
/* The storage given by the caller is too small or not aligned. */
#define TLSFO_E_INVALID_STORAGE   (-65207)
/* The first flight does not fit the storage given by the caller; nothing was sent. */
#define TLSFO_E_FLIGHT_TOO_LARGE  (-65208)
/* The session has no tlsfo transport. */
#define TLSFO_E_NO_TRANSPORT      (-65209)
/* The session's handshake has begun already. */
#define TLSFO_E_IN_USE            (-65210)
/* There is no such host name, or it has no address (of the family asked for). */
#define TLSFO_E_NAME_NOT_FOUND    (-65211)
/* No address could be connected to; the report holds the system's error for each. */
#define TLSFO_E_NOT_CONNECTED     (-65212)
/* A system call failed; the object's error text and the report name the errno. */
#define TLSFO_E_SYSTEM            (-65213)
/* A trust, certificate or key file cannot be read, or holds none. */
#define TLSFO_E_INVALID_FILE      (-65214)
/* The configuration was changed after its first use. */
#define TLSFO_E_CONFIG_IN_USE     (-65215)
/* The store's directory, or what is in it, belongs to or is open to others, or is a symbolic link. */
#define TLSFO_E_STORE_UNSAFE      (-65216)
/* The store was made by a newer version of this library. */
#define TLSFO_E_STORE_VERSION     (-65217)
/* The server asked for another ClientHello while early data was under way: connect again without. */
#define TLSFO_E_HELLO_RETRIED     (-65218)
/* The path swallows what follows a fast-open SYN: nothing that was written since arrived. */
#define TLSFO_E_PATH_SWALLOWS     (-65219)
/* Nobody could tell now whether the host name has an address; later somebody may. */
#define TLSFO_E_NAME_LOOKUP_FAILED (-65220)
/* The service is neither a port number nor a name that this system knows. */
#define TLSFO_E_SERVICE_NOT_FOUND (-65221)

/* The program has cancelled the connection: tlsfo_conn_cancel(). */
#define TLSFO_E_CANCELLED	   (-65222)

/**
 * tlsfo_strerror: a code in words.
 * @code: any return value of tlsfo or GnuTLS
 *
 * Returns: an English text, static, never NULL, also for an unknown code. tlsfo's texts have no full
 * stop at their end, GnuTLS's are as GnuTLS has them.
 *
 * Threads: any, at any time.
 */
const char *tlsfo_strerror(int code);

#ifdef __cplusplus
}
#endif

#endif
