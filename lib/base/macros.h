/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_MACROS_H
#define BASE_MACROS_H

#define array_length(a) (sizeof(a) / sizeof((a)[0]))

#define must_check	     __attribute__((warn_unused_result))
#define format_printf(f, va) __attribute__((format(printf, f, va)))

#endif
