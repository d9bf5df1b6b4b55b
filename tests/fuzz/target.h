/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

/*
 * What a fuzzer calls with any bytes. A target aborts where the library breaks a promise. libFuzzer is
 * its caller with -Dfuzz=true, replay.c in the tests.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define promise(that)                                                                              \
	do {                                                                                       \
		if (!(that)) {                                                                     \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #that);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
