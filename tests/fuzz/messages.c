/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tls/messages: what a server sends, and what GnuTLS makes, is read within its bounds. The first byte says
 * which message it is. */

#include "fuzz/target.h"
#include "tls/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ticket_terms terms = {0};

	if (size < 1)
		return 0;
	uint8_t which = data[0] % 5;

	data++;
	size--;
	if (which == 0 && flight_announces_early_data(data, size))
		/* Headers, version, random, and the lengths of four lists. */
		promise(size >= 5 + 4 + 2 + 32 + 1 + 2 + 1 + 2);
	if (which == 1 && extensions_take_early_data(data, size))
		promise(size >= 2 + 2 + 2);
	if (which == 2 && retry_wants_group(data, size) != 0)
		promise(size >= 2 + 32 + 1 + 3 + 2 + 4 + 2);
	if (which == 3 && ticket_terms_read(data, size, true, &terms))
		promise(size >= 4 + 4 + 1 + 2 + 2);
	if (which == 4 && ticket_terms_read(data, size, false, &terms))
		promise(size >= 4 + 2 && terms.max_early_data == 0);
	return 0;
}
