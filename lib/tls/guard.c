/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/guard.h"

#include <errno.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "base/bytes.h"
#include "tls/transport.h"
#include "tls/session.h"

/* RFC 8446 §5.1, §5.2. */
#define HEADER		 5
#define BODY_MOST	 (16384 + 256)
#define NONCE		 12
#define SEQUENCE	 8
#define HANDSHAKE	 22
#define APPLICATION_DATA 23

struct guard_record {
	size_t len;
	unsigned char bytes[HEADER + BODY_MOST];
	unsigned char plain[BODY_MOST];
};

/* True when a whole record is authentic and has the type of a handshake, maybe padding, and nothing
 * else. GnuTLS itself finds any other fault in a record. */
static bool is_empty_handshake(gnutls_session_t session, struct guard_record *record)
{
	gnutls_cipher_algorithm_t algorithm = gnutls_cipher_get(session);
	gnutls_aead_cipher_hd_t cipher;
	gnutls_datum_t iv;
	gnutls_datum_t key;
	unsigned char nonce[NONCE];
	unsigned char sequence[SEQUENCE];
	size_t len = sizeof(record->plain);

	if (record->bytes[0] != APPLICATION_DATA ||
		gnutls_record_get_state(session, 1, NULL, &iv, &key, sequence) != 0 ||
		iv.size != NONCE || gnutls_aead_cipher_init(&cipher, algorithm, &key) != 0)
		return false;
	memcpy(nonce, iv.data, NONCE);
	for (size_t i = 0; i < SEQUENCE; i++)
		nonce[NONCE - SEQUENCE + i] ^= sequence[i];
	int ret = gnutls_aead_cipher_decrypt(cipher, nonce, NONCE, record->bytes, HEADER,
		gnutls_cipher_get_tag_size(algorithm), record->bytes + HEADER, record->len - HEADER,
		record->plain, &len);
	gnutls_aead_cipher_deinit(cipher);
	/* Zeros behind the type are padding. */
	while (ret == 0 && len > 1 && record->plain[len - 1] == 0)
		len--;
	bool empty = ret == 0 && len == 1 && record->plain[0] == HANDSHAKE;
	wipe(record->plain, sizeof(record->plain));
	return empty;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	struct guard *guard = ptr;
	struct guard_record *record = guard->record;
	ssize_t n = direct_pull(guard->socket, buf, len);

	guard->found_nothing = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
	/* GnuTLS never reads beyond the end of a record, and refuses one that is too large when it has the header. */
	if (n <= 0 || record == NULL || (size_t)n > sizeof(record->bytes) - record->len)
		return n;
	memcpy(record->bytes + record->len, buf, (size_t)n);
	record->len += (size_t)n;
	if (record->len < HEADER ||
		record->len < HEADER + (size_t)(record->bytes[3] << 8 | record->bytes[4]))
		return n;
	guard->refused = is_empty_handshake(guard->session, record);
	record->len = 0;
	if (!guard->refused)
		return n;
	errno = EPROTO;
	return -1;
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	const struct guard *guard = ptr;

	return direct_pull_timeout(guard->socket, ms);
}

ssize_t guard_receive(struct guard *guard, gnutls_session_t session, void *buf, size_t len)
{
	gnutls_transport_ptr_t receive;
	gnutls_transport_ptr_t send;

	guard->session = session;
	guard->found_nothing = false;
	/* While GnuTLS reads, its receive pointer is the guard; for the program it is the descriptor. */
	gnutls_transport_get_ptr2(session, &guard->socket, &send);
	gnutls_transport_set_ptr2(session, guard, send);
	gnutls_transport_set_pull_function(session, pull);
	gnutls_transport_set_pull_timeout_function(session, pull_timeout);
	ssize_t n = gnutls_record_recv(session, buf, len);
	/* GnuTLS may have written, too, and the send pointer may be another one since. */
	gnutls_transport_get_ptr2(session, &receive, &send);
	gnutls_transport_set_ptr2(session, guard->socket, send);
	gnutls_transport_set_pull_function(session, direct_pull);
	gnutls_transport_set_pull_timeout_function(session, direct_pull_timeout);
	if (guard->refused)
		return GNUTLS_E_UNEXPECTED_PACKET;
	/* GnuTLS takes no data in the middle of a message. */
	if (n > 0)
		guard_deinit(guard);
	/* After a whole record that gave no data, GnuTLS may keep the beginning of a message. */
	bool gave_no_data = n < 0 && n != GNUTLS_E_INTERRUPTED && !guard->found_nothing &&
			    gnutls_error_is_fatal((int)n) == 0 && session_is_tls13(session);
	if (!gave_no_data || guard->record != NULL)
		return n;
	/* As GnuTLS allocates a record of that size that it reads itself. */
	guard->record = gnutls_malloc(sizeof(*guard->record));
	if (guard->record == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	guard->record->len = 0;
	return n;
}

void guard_deinit(struct guard *guard)
{
	gnutls_free(guard->record);
	guard->record = NULL;
}
