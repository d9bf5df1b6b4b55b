/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_ETC_H
#define SUPPORT_ETC_H

/* An /etc that only this process and its children see, with the files that the test writes. It
 * starts with nsswitch.conf ("hosts: files dns") and host.conf ("multi on") alone. */

/* Skips the program where that is not permitted. Calls net_begin(), which makes it permitted to more
 * people. */
void etc_need(void);

/* Writes the file @name of /etc anew. */
void etc_write(const char *name, const char *text);

void etc_remove(const char *name);

#endif
