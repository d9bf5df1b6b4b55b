/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

/* Servers that tlsfo did not bring along: gnutls-serv, openssl s_server, nginx. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct program {
	pid_t pid;
	uint16_t port;
	char dir[64]; /* of its own, in /tmp; empty when it needs none */
};

bool program_is_installed(const char *name);

/* Skips the program when @name is not installed. */
void program_need(const char *name);

/* Lets everything that this process starts be found where program_need() looks. */
void program_widen_path(void);

/* Each starts a server on a free port for IPv4 and IPv6 and returns when it listens. @priority is a
 * GnuTLS priority string or NULL. */

/* Sends back what it gets. */
void program_gnutls_serv(struct program *program, const char *priority);
/* Sends back each line reversed; @version is "-tls1_2" or "-tls1_3". */
void program_openssl(struct program *program, const char *version);
/* The same on a port of the caller's, with more arguments that end in NULL. */
void program_openssl_on(struct program *program, uint16_t port, const char *const *more);
/* Answers GET / with the text "nginx was here\n". */
void program_nginx(struct program *program);
/* The same on a port of the caller's, with more lines for its configuration. */
void program_nginx_on(struct program *program, uint16_t port, const char *more);
/* What it needs in files, for a caller who starts "nginx -e /dev/null -p DIR -c CONF" elsewhere and ends
 * it before program_stop(). */
void program_nginx_prepare(
	struct program *program, uint16_t port, const char *more, char *ret_conf, size_t size);

void program_stop(struct program *program);

#endif
