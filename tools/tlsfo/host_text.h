/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_HOST_TEXT_H
#define TLSFO_COMMAND_HOST_TEXT_H

#include <stddef.h>

/* @host as a store knows it: without the brackets of an IPv6 address, without a final dot. */
void host_text(const char *host, char *ret_text, size_t size);

#endif
