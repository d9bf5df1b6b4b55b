/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_SERVICE_H
#define RESOLVE_SERVICE_H

/* Services: port numbers, and names in the form of services(5). */

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"

enum service_kind {
	SERVICE_PORT,  /* a port */
	SERVICE_WRONG, /* a number that is no port */
	SERVICE_NAME   /* anything else */
};

/* Takes a service apart. @ret_port is set for SERVICE_PORT alone, from 1 to 65535. */
must_check enum service_kind service_parse(const char *service, uint16_t *ret_port);

/* Does a line of services(5) give @name, or an alias of it, a TCP port? */
must_check bool service_in_line(const char *line, const char *name, uint16_t *ret_port);

/* Looks a name up in /etc/services, which unlike getservbyname(3) asks nobody and waits for
 * nothing. */
must_check bool service_find(const char *name, uint16_t *ret_port);

#endif
