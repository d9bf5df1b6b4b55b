/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_CODE_H
#define STORE_CODE_H

/* GNUTLS_E_MEMORY_ERROR: the code space is shared with GnuTLS, which this room does without. */
#define STORE_E_MEMORY (-25)

#endif
