/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_ATTRIBUTES_H
#define TLSFO_ATTRIBUTES_H

/* What the compiler is told about the functions declared in the other headers. */

#if defined(__GNUC__) || defined(__clang__)
/* The result says whether it worked; a caller that drops it is warned. */
#define TLSFO_MUST_CHECK __attribute__((warn_unused_result))
#else
#define TLSFO_MUST_CHECK
#endif

#endif
