/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_NAMES_H
#define TLSFO_LAB_NAMES_H

#include "lab.h"

/*
 * Puts the names of the lab (lab.h) and `more` lines (or NULL) in /etc/hosts, and has names looked
 * up there first, in the mount namespace of the calling thread, which must be its own already:
 * every mount in it is made private. No file outside it is changed. Returns 0 or −errno with a
 * reason.
 */
int names_mount(const char *more, struct lab_reason *reason);

/* Mounts a file with this text over another, in the mount namespace of the calling thread. Returns 0 or −errno. */
int names_lay_over(const char *target, const char *text);

#endif
