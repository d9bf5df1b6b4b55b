/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/messages.h"

#include "base/bytes.h"

#define RECORD_HANDSHAKE     22
#define MESSAGE_CLIENT_HELLO 1
#define RANDOM_SIZE	     32

#define EXTENSION_EARLY_DATA 42
#define EXTENSION_KEY_SHARE  51

/* The body of an extension in a list of them (RFC 8446 §4.2); a failed view when it is not there. */
static struct bytes find_extension(struct bytes list, uint64_t wanted)
{
	while (list.len > 0) {
		uint64_t type = bytes_number(&list, 2);
		struct bytes body = bytes_vector(&list, 2);

		if (!body.failed && type == wanted)
			return body;
	}
	return (struct bytes){.failed = true};
}

bool flight_announces_early_data(const void *flight, size_t len)
{
	struct bytes records = bytes_of(flight, len);
	uint64_t type = bytes_number(&records, 1);

	bytes_take(&records, 2);
	struct bytes record = bytes_vector(&records, 2);
	uint64_t message = bytes_number(&record, 1);
	struct bytes hello = bytes_vector(&record, 3);
	if (type != RECORD_HANDSHAKE || message != MESSAGE_CLIENT_HELLO)
		return false;
	bytes_take(&hello, 2 + RANDOM_SIZE);
	bytes_vector(&hello, 1); /* legacy_session_id */
	bytes_vector(&hello, 2); /* cipher_suites */
	bytes_vector(&hello, 1); /* legacy_compression_methods */
	return !find_extension(bytes_vector(&hello, 2), EXTENSION_EARLY_DATA).failed;
}

uint16_t retry_wants_group(const void *body, size_t len)
{
	struct bytes hello = bytes_of(body, len);

	bytes_take(&hello, 2 + RANDOM_SIZE);
	bytes_vector(&hello, 1);   /* legacy_session_id_echo */
	bytes_take(&hello, 2 + 1); /* cipher_suite, legacy_compression_method */
	struct bytes share = find_extension(bytes_vector(&hello, 2), EXTENSION_KEY_SHARE);
	return (uint16_t)bytes_number(&share, 2);
}

bool extensions_take_early_data(const void *body, size_t len)
{
	struct bytes message = bytes_of(body, len);

	return !find_extension(bytes_vector(&message, 2), EXTENSION_EARLY_DATA).failed;
}

bool ticket_terms_read(const void *body, size_t len, bool is_tls13, struct ticket_terms *ret_terms)
{
	struct bytes message = bytes_of(body, len);
	struct bytes early = {.failed = true};
	uint64_t lifetime = bytes_number(&message, 4);

	if (is_tls13) {
		bytes_take(&message, 4);   /* ticket_age_add */
		bytes_vector(&message, 1); /* ticket_nonce */
	}
	bytes_vector(&message, 2); /* ticket */
	if (is_tls13)
		early = find_extension(bytes_vector(&message, 2), EXTENSION_EARLY_DATA);
	if (message.failed)
		return false;
	ret_terms->lifetime = (uint32_t)lifetime;
	ret_terms->max_early_data = (uint32_t)bytes_number(&early, 4);
	return true;
}
