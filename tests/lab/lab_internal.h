/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_INTERNAL_H
#define TLSFO_LAB_INTERNAL_H

#include "lab.h"
#include "namespace.h"
#include "spawn.h"
#include "wire.h"

struct lab {
	struct namespaces namespaces;
	struct wire wire;
	struct children children;
	char *evidence;
	bool passed; /* guarded by the wire's lock */
};

#endif
