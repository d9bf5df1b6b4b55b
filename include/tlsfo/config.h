/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_CONFIG_H
#define TLSFO_CONFIG_H

/*
 * What connections of client.h have in common. Included by client.h.
 *
 * Certificates are verified against the system's trust store, chain, name and purpose (an extended key
 * usage has to allow TLS servers, RFC 5280 §4.2.1.12), unless the configuration says otherwise; what
 * switches that off has "insecure" in its name.
 */

#include <stddef.h>

#include <gnutls/gnutls.h>

#include <tlsfo/attributes.h>
#include <tlsfo/error.h>
#include <tlsfo/report.h>
#include <tlsfo/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What connections have in common. */
struct tlsfo_config;

/**
 * tlsfo_config_new: a configuration with safe defaults.
 * @ret_config: set to the configuration, which the caller gives back by tlsfo_config_free()
 *
 * The defaults: the system's trust store; chain, name and purpose verified; GnuTLS's default
 * priorities, no ALPN, both address families, fast open tried, tickets and failed paths kept in memory
 * for the connections of this configuration.
 *
 * A configuration is changed first and used afterwards: from the first connection, or
 * tlsfo_config_load(), on every setter returns TLSFO_E_CONFIG_IN_USE. A used configuration may be shared
 * by any number of threads and connections.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @ret_config is NULL
 *   GNUTLS_E_MEMORY_ERROR: no memory
 */
TLSFO_MUST_CHECK int tlsfo_config_new(struct tlsfo_config **ret_config);

/**
 * tlsfo_config_free: gives a configuration back; NULL is ignored. Connections made with it keep
 * what they need of it.
 */
void tlsfo_config_free(struct tlsfo_config *config);

/**
 * tlsfo_config_error: what the last call of a setter had to say, naming the input that was wrong; or why
 * tlsfo_config_load() as the first use of the configuration found nothing to trust.
 *
 * Returns: text without a full stop, empty when the setter succeeded; valid until the next call of a
 * setter. TLSFO_E_CONFIG_IN_USE leaves it as it was. Ask it of a configuration that is not yet shared.
 */
const char *tlsfo_config_error(const struct tlsfo_config *config);

/**
 * tlsfo_config_set_ca_file: trusts the certificates of a PEM file, and no longer the system's.
 * tlsfo_config_set_ca_mem: the same from memory.
 * @path: the file
 * @pem: PEM text, not kept
 * @len: its length in bytes
 *
 * Either may be called several times and adds to what was given before. The certificates are read now, which takes
 * some 0.1 ms for each: to trust what the system trusts, leave that to the default, which is loaded while the
 * first ClientHello is under way.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: an argument is NULL, the length 0 or more than 16 MiB
 *   TLSFO_E_INVALID_FILE: the file cannot be read, is empty or larger than 16 MiB; or there is no certificate in the
 *     text, or one that cannot be read: tlsfo_config_error() has its number and line
 *   TLSFO_E_CONFIG_IN_USE, GNUTLS_E_MEMORY_ERROR
 */
TLSFO_MUST_CHECK int tlsfo_config_set_ca_file(struct tlsfo_config *config, const char *path);
TLSFO_MUST_CHECK int tlsfo_config_set_ca_mem(
	struct tlsfo_config *config, const void *pem, size_t len);

/**
 * tlsfo_config_set_client_cert_file: a certificate to show when the server asks for one.
 * tlsfo_config_set_client_cert_mem: the same from memory.
 * @cert: PEM file or text, the certificate first and its chain after it (16 at most); or the URL of a PKCS #11 token's
 *   object ("pkcs11:", RFC 7512) in place of a file's name
 * @key: PEM file or text of its private key, or such a URL
 *
 * The last one given successfully counts. It is shown to every server that asks, also where the server's
 * list of issuers does not name its own, and also after the handshake: the ClientHello offers post-handshake
 * authentication then (RFC 8446 §4.6.2), and tlsfo_conn_read() answers. A renegotiation of TLS 1.2 for the
 * same purpose is refused, and the error of a server that then gives up says so.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: an argument is NULL, a length 0 or more than 16 MiB
 *   TLSFO_E_INVALID_FILE: one cannot be read or parsed, the key is encrypted and no or the wrong password
 *     was given, or it is not the first certificate's; the text says which
 *   TLSFO_E_CONFIG_IN_USE, GNUTLS_E_MEMORY_ERROR
 */
TLSFO_MUST_CHECK int tlsfo_config_set_client_cert_file(
	struct tlsfo_config *config, const char *cert, const char *key);
TLSFO_MUST_CHECK int tlsfo_config_set_client_cert_mem(struct tlsfo_config *config, const void *cert,
	size_t certlen, const void *key, size_t keylen);

/**
 * tlsfo_config_set_key_password: the password of an encrypted private key, or the PIN of the token that has it.
 * @password: text, of which a copy is kept and wiped in the end; NULL: none
 *
 * It is for tlsfo_config_set_client_cert_file() and tlsfo_config_set_client_cert_mem(), which are called after it. A PIN
 * is tried once, because tokens lock themselves after some wrong ones. A PIN that is part of the URL
 * ("pin-value", "pin-source") needs no password.
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_CONFIG_IN_USE, GNUTLS_E_MEMORY_ERROR
 */
TLSFO_MUST_CHECK int tlsfo_config_set_key_password(
	struct tlsfo_config *config, const char *password);

/**
 * tlsfo_config_set_alpn: the application protocols to offer (RFC 7301), the best first.
 * @protocols: @count names of 1 to 255 bytes; GnuTLS may allow less (3.7: 31)
 * @count: 1 to 8
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: no name, too many, an empty one, or one too long for GnuTLS
 *   TLSFO_E_CONFIG_IN_USE, GNUTLS_E_MEMORY_ERROR
 */
TLSFO_MUST_CHECK int tlsfo_config_set_alpn(
	struct tlsfo_config *config, const char *const *protocols, size_t count);

/**
 * tlsfo_config_set_priority: TLS versions and algorithms, as a GnuTLS priority string.
 * @priority: such as "NORMAL:-VERS-ALL:+VERS-TLS1.3"
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @priority is NULL, or not a priority string; tlsfo_config_error()
 *     tells where
 *   TLSFO_E_CONFIG_IN_USE, GNUTLS_E_MEMORY_ERROR
 *
 * Follows: the GnuTLS manual, "Priority strings".
 */
TLSFO_MUST_CHECK int tlsfo_config_set_priority(struct tlsfo_config *config, const char *priority);

/**
 * tlsfo_config_set_family: restricts the addresses used.
 * @family: AF_UNSPEC (both), AF_INET or AF_INET6
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_CONFIG_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_config_set_family(struct tlsfo_config *config, int family);

/**
 * tlsfo_config_set_local_address: the address to connect from.
 * @address: an IPv4 or IPv6 address in text, an IPv4-mapped one being IPv4; addresses of the other
 *   family are not connected to
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @address is NULL or not an address
 *   TLSFO_E_CONFIG_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_config_set_local_address(
	struct tlsfo_config *config, const char *address);

/* When to put data in the SYN. */
enum tlsfo_fast_open_mode {
	TLSFO_USE_FAST_OPEN_AUTO = 0,   /* wherever it was not seen to fail */
	TLSFO_USE_FAST_OPEN_ALWAYS = 1, /* also where it was seen to fail */
	TLSFO_USE_FAST_OPEN_NEVER = 2   /* connect plainly */
};

/**
 * tlsfo_config_set_fast_open: whether to use TCP Fast Open.
 *
 * TLSFO_USE_FAST_OPEN_AUTO obeys the path memory of the configuration's store (<tlsfo/store.h>): where fast
 * open failed it is not tried for a while, and the report says TLSFO_REASON_PATH_REMEMBERED.
 * TLSFO_USE_FAST_OPEN_ALWAYS tries all the same, and tells the memory what happened. TLSFO_USE_FAST_OPEN_NEVER
 * neither asks nor tells it. Without a store nothing is remembered.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: not one of the values
 *   TLSFO_E_CONFIG_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_config_set_fast_open(
	struct tlsfo_config *config, enum tlsfo_fast_open_mode mode);

/**
 * tlsfo_config_set_store: where tickets and the path memory are kept between connections.
 * @store: a store, of which the configuration keeps a reference; NULL: none are kept, every handshake
 *   is a full one, and fast open is tried whatever became of it before
 *
 * The default is a store in memory of the configuration's own. Tickets serve only connections that agree
 * in everything that matters: host, port, name sent and verified, ALPN, priorities, trusted
 * certificates, pins, OCSP response, client certificate, version of GnuTLS, and who verifies certificates, if anybody. A
 * TLS 1.3 ticket serves one connection (RFC 8446 §C.4). What a server's certificate said is not
 * looked at again while its tickets last: a week at most after the last full handshake, however often
 * the session is resumed in between.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: opening @store failed
 *   TLSFO_E_CONFIG_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_config_set_store(
	struct tlsfo_config *config, struct tlsfo_store *store);

/* What connections do with tickets. */
enum tlsfo_ticket_use {
	TLSFO_TICKETS_USE = 0,	  /* take one from the store, bring back what the server gives */
	TLSFO_TICKETS_COLLECT = 1 /* take none, so that the store only gains */
};

/**
 * tlsfo_config_set_ticket_use: whether connections use the store's tickets up.
 * @use: with TLSFO_TICKETS_COLLECT every handshake is a full one and nothing leaves as early data; it
 *   is for fetching tickets ahead of need
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: not one of the values
 *   TLSFO_E_CONFIG_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_config_set_ticket_use(
	struct tlsfo_config *config, enum tlsfo_ticket_use use);

/**
 * tlsfo_config_set_socket_hook: a function that prepares each new socket, before it is bound and connected.
 * @fn: called as fn(fd, AF_INET or AF_INET6, userdata) on the thread that opens the connection; returns 0,
 *   or an errno with which the attempt fails. NULL: none
 *
 * It may set what a socket can have: SO_BINDTODEVICE, SO_MARK, TCP_FASTOPEN_NO_COOKIE and the like; it
 * must not close the descriptor, connect it or make it blocking.
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_CONFIG_IN_USE
 */
typedef int (*tlsfo_socket_hook_fn)(int fd, int family, void *userdata);
TLSFO_MUST_CHECK int tlsfo_config_set_socket_hook(
	struct tlsfo_config *config, tlsfo_socket_hook_fn fn, void *userdata);

/**
 * tlsfo_config_set_session_hook: a function that prepares each new session of GnuTLS's, before its ClientHello is made.
 * @fn: called as fn(session, userdata) on the thread that opens the connection; returns 0, or a negative code with
 *   which the connection fails (one that is not fatal counts as GNUTLS_E_USER_ERROR). NULL: none
 *
 * It is for what this header does not cover: priorities, a key log, limits, extensions, a PSK. Everything else is set
 * by then, but for the functions of the transport, of the handshake's messages
 * (gnutls_handshake_set_hook_function()) and of verification, and the ticket: these are set after it, in place of
 * what it may have set. It must not set certificate credentials, because the trust store comes by them, nor
 * ask for anything that waits. A connection that is made a second time has a session of its own, and so may
 * one with early data.
 *
 * PSK or anonymous credentials that it sets take the place of a certificate: where a server chooses them nothing is
 * verified, pins and the program's function are not asked, and the report's "verified" is 0. Tickets serve the
 * configuration that they came with, and no other one, because what the hook does cannot be known.
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_CONFIG_IN_USE, or GnuTLS's code when there is no randomness
 */
typedef int (*tlsfo_session_hook_fn)(gnutls_session_t session, void *userdata);
TLSFO_MUST_CHECK int tlsfo_config_set_session_hook(
	struct tlsfo_config *config, tlsfo_session_hook_fn fn, void *userdata);

/**
 * tlsfo_config_set_private: connections that leave nothing by which this host could be known again, and ask
 * for nothing of the kind.
 *
 * They connect plainly (a fast-open cookie names the client's address, and is kept by the kernel), ask for no
 * ticket and offer none, send no early data, and neither read nor write path memory: the store is taken away.
 * From here on tlsfo_config_set_store() with a store, and tlsfo_config_set_fast_open() with anything but
 * TLSFO_USE_FAST_OPEN_NEVER, are refused, and so is tlsfo_conn_set_priming(). It cannot be taken back.
 *
 * What it does not hide: the address, the name of the server in the ClientHello and in the questions to name
 * servers, a client certificate.
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_CONFIG_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_config_set_private(struct tlsfo_config *config);

/**
 * tlsfo_config_set_verify: a function of the program's own that decides whether a server is the right one.
 * @fn: called as fn(session, name, status, userdata) on the thread that opens the connection; NULL: none
 *
 * It is asked in every full handshake, when the server has shown its certificate and proved that it has the key
 * to it. Nothing of the program's has left by then, no client certificate either, and no ticket was kept.
 * @name is the name to verify; @status is what GnuTLS found by the trust, the name and the purpose
 * (gnutls_certificate_verify_peers()): 0 is a certificate that it trusts, anything else are bits of
 * gnutls_certificate_status_t. gnutls_certificate_get_peers(session) has the chain. The function returns
 *
 *   0: the connection goes on, also where GnuTLS does not trust the certificate
 *   a negative code: the handshake ends with it, and tlsfo_conn_error() says that the function refused. A code
 *     that is not fatal (gnutls_error_is_fatal()) counts as GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR. No second
 *     connection is made, and the next one has no ticket and so no early data.
 *
 * It must not wait for long: no deadline ends it. It must not continue the handshake or write.
 *
 * A server that resumes a session shows no certificate, so the function is not asked then. The ticket is one that
 * came over a connection which it accepted: tickets serve the configuration that they came with, and no other one,
 * because what another function accepts, or this one with other data, cannot be known. So in a store that
 * processes share they serve one process each. A program that changes its mind about a server makes
 * the store forget its tickets (tlsfo_store_forget()).
 *
 * The system's trust store is loaded all the same, for @status; with tlsfo_config_insecure_noverify() it is not. The report's "verified" is 0, because the program verifies.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @config is NULL
 *   TLSFO_E_CONFIG_IN_USE, or GnuTLS's code when there is no randomness
 */
typedef int (*tlsfo_verify_fn)(
	gnutls_session_t session, const char *name, unsigned int status, void *userdata);
TLSFO_MUST_CHECK int tlsfo_config_set_verify(
	struct tlsfo_config *config, tlsfo_verify_fn fn, void *userdata);

/**
 * tlsfo_config_add_pin: a public key that a server's certificate, or one that it was issued under, must have.
 * @pin: the SHA-256 of the key's SubjectPublicKeyInfo (RFC 7469 §2.4) in base64: 44 characters
 *
 * One of the pins that were added has to be that of a validated certificate (RFC 7469 §2.6, RFC 7858 §4.2): the
 * server's, an intermediate one, or the root, which need not be sent. Certificates that a server only sends
 * along do not count. Everything else is verified as without pins; after tlsfo_config_insecure_noverify() the
 * pins are all that is asked for (the key-pinned privacy profile of RFC 7858 §4.2), neither name nor CA. A server
 * without a pinned key is refused with GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR, and tlsfo_conn_error() has the pin
 * of the key that it has. Tickets serve only configurations with the same pins, added in the same order.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_ARGUMENT: @config is NULL, or @pin is no such text
 *   TLSFO_E_CONFIG_IN_USE, GNUTLS_E_MEMORY_ERROR
 */
TLSFO_MUST_CHECK int tlsfo_config_add_pin(struct tlsfo_config *config, const char *pin);

/**
 * tlsfo_config_require_staple: refuses a server that does not prove that its certificate was not revoked.
 *
 * The server has to send ("staple") an OCSP response with its certificate (RFC 6066 §8, RFC 8446 §4.4.2.1),
 * signed for the CA, that is still valid and says "good". Otherwise the connection ends with
 * GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR, whatever the program's function thinks of it. (A response that says "revoked",
 * and a certificate that demands a response and has none (RFC 7633), are refused in any case.) A server that
 * resumes a session sends no response: for as long as its tickets last, the first one counts.
 * After tlsfo_config_insecure_noverify() only a CA that the program has given can have signed the response.
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_CONFIG_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_config_require_staple(struct tlsfo_config *config);

/**
 * tlsfo_config_insecure_noverify: accepts any certificate that meets what else was asked for: pins
 * (tlsfo_config_add_pin()) and the program's function (tlsfo_config_set_verify()). Without these the connection is
 * open to whoever sits on the path.
 *
 * Returns: 0, TLSFO_E_INVALID_ARGUMENT, TLSFO_E_CONFIG_IN_USE
 */
TLSFO_MUST_CHECK int tlsfo_config_insecure_noverify(struct tlsfo_config *config);

/**
 * tlsfo_config_load: loads the system's trust store now, unless the program has given another one.
 *
 * Otherwise the first connection does it, after its ClientHello has left; a system's store takes
 * 8 to 60 ms, as measured. It is done once per configuration, which can no longer be changed then.
 *
 * Returns: 0, or
 *   TLSFO_E_INVALID_FILE: the system has no trust store
 *   GNUTLS_E_MEMORY_ERROR
 *
 * Threads: any; the others wait.
 */
TLSFO_MUST_CHECK int tlsfo_config_load(struct tlsfo_config *config);

#ifdef __cplusplus
}
#endif

#endif
