/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_STORM_H
#define SUPPORT_STORM_H

/* Signals that arrive fifty times a second and do nothing, but interrupt what waits. */

#include <stdbool.h>

/* @restart: the handler asks for system calls to be restarted (SA_RESTART). */
void storm_begin(bool restart);

/* Ends it, and the test if not one signal had come. */
void storm_end(void);

#endif
