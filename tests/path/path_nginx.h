/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PATH_PATH_NGINX_H
#define PATH_PATH_NGINX_H

/*
 * nginx beside the gnutls-serv of every path: that one waits for acknowledgements in the middle of its flight,
 * and for connections that are lost.
 */

#include "support/program.h"

#include "path.h"

enum { PATH_NGINX_PORT = 4434 };
#define PATH_NGINX_SERVICE "4434"

struct path_nginx {
	struct program program;
	pid_t pid;
};

/* Skips the program where nginx is not installed; before path_run(). */
void path_need_nginx(void);

/* Starts it on the lab's server, with more lines for its configuration. */
void path_start_nginx(struct path *path, const char *more, struct path_nginx *ret_nginx);
void path_stop_nginx(struct path *path, struct path_nginx *nginx);

/* Client rung, with ->config: a whole visit, whose request is marked as safe to be repeated. */
struct tlsfo_report path_ask_nginx(struct path *path);

#endif
