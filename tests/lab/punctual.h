/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_PUNCTUAL_H
#define TLSFO_LAB_PUNCTUAL_H

/*
 * Makes the calling thread run as soon as it is due, as far as the system allows: half a round trip
 * must not become more because other threads are busy. Never fails; programs started from the
 * thread do not inherit the privilege.
 */
void thread_be_punctual(void);

#endif
