/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMPAT_SOCKET_H
#define TLSFO_COMPAT_SOCKET_H

/*
 * libowfat's names for <tlsfo/socket.h>: a client program written for libowfat's socket.h compiles
 * against this header unchanged. Only names are mapped, behaviour is that of tlsfo/socket.h. Do not
 * include both this header and libowfat's own.
 */

#include <tlsfo/socket.h>

/* libowfat takes these from its uint16.h and uint32.h. */
#ifndef UINT16_H
#define UINT16_H
typedef uint16_t uint16;
#endif
#ifndef UINT32_H
#define UINT32_H
typedef uint32_t uint32;
#endif

#define HAVE_SOCKET_FASTOPEN

#define socket_tcp4              tlsfo_socket_tcp4
#define socket_tcp6              tlsfo_socket_tcp6
#define socket_tcp4b             tlsfo_socket_tcp4b
#define socket_tcp6b             tlsfo_socket_tcp6b
#define socket_bind4             tlsfo_socket_bind4
#define socket_bind4_reuse       tlsfo_socket_bind4_reuse
#define socket_bind6             tlsfo_socket_bind6
#define socket_bind6_reuse       tlsfo_socket_bind6_reuse
#define socket_connect4          tlsfo_socket_connect4
#define socket_connect6          tlsfo_socket_connect6
#define socket_fastopen_connect4 tlsfo_socket_fastopen_connect4
#define socket_fastopen_connect6 tlsfo_socket_fastopen_connect6
#define socket_connected         tlsfo_socket_connected
#define socket_fastopen          tlsfo_socket_fastopen

#endif
