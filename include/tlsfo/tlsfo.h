/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_TLSFO_H
#define TLSFO_TLSFO_H

/*
 * tlsfo: TLS client sessions on GnuTLS with one round trip less.
 *
 * The ClientHello rides in the TCP SYN (TCP Fast Open, RFC 7413). The library is a ladder, and
 * every rung can be used alone:
 *
 *   socket.h      TCP sockets, and a connect that takes the first data with it
 *   transport.h   plugs into a gnutls_session_t that the program made itself: one changed call
 *   opening.h     connect(2) for such a session: some addresses, one socket
 *   client.h      host and service in, verified session out
 *   config.h      what such connections have in common
 *   store.h       the tickets kept between connections
 *   report.h      what happened to one connection
 *   error.h       return codes and their texts
 *
 * The rules that hold for all of it:
 *
 * - Functions return 0 or a count, or a negative code (error.h). Only socket.h differs: it keeps
 *   the convention of its model, -1 and errno.
 * - An output parameter is called ret_something and is written only when the function succeeds;
 *   exceptions are stated where they are.
 * - Pointers must not be NULL unless the description allows it. A NULL where none is allowed
 *   returns TLSFO_E_INVALID_ARGUMENT; the free functions take NULL and do nothing.
 * - Strings and buffers given to a function stay the caller's and are copied where they are needed
 *   beyond the call. What a function returns by pointer belongs to the object it was asked of.
 * - Objects may be used from any thread, by one thread at a time. Only struct tlsfo_store may be
 *   shared by threads, and struct tlsfo_config once it is no longer changed. Nothing is global: the
 *   library keeps no state outside the objects (but what reads and writes at the transport rung leave for
 *   the report: one byte for each descriptor), raises no signal, writes nothing to any stream.
 * - Deadlines are absolute: milliseconds of tlsfo_now(). -1 means never, 0 means now (do what can be
 *   done without waiting).
 * - Every descriptor the library opens is close-on-exec.
 */

#include <stdint.h>

#include <tlsfo/error.h>
#include <tlsfo/socket.h>
#include <tlsfo/report.h>
#include <tlsfo/transport.h>
#include <tlsfo/store.h>
#include <tlsfo/config.h>
#include <tlsfo/client.h>
#include <tlsfo/opening.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TLSFO_VERSION "0.1.0"

/**
 * tlsfo_version: the version of the library in use, which may be newer than TLSFO_VERSION.
 *
 * Returns: a string such as "0.1.0", static.
 */
const char *tlsfo_version(void);

#ifdef __cplusplus
}
#endif

#endif
